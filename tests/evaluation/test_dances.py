import numpy as np

from tests.generation.factories import save_data, save_run
from transflower.evaluation.dances import dance_to
from transflower.models import load_model


def test_every_song_is_danced_to_as_often_as_asked_and_as_long_as_it_is(tmp_path):
    save_run(tmp_path / "model")
    save_data(tmp_path / "data")
    loaded = load_model(tmp_path / "model")
    dances = dance_to(loaded, ["one", "two"], tmp_path / "data", samples=2, seed=3)
    for one, outputs in dances.items():
        length = len(np.load(tmp_path / "data" / f"{one}.audio.npy"))
        assert outputs["motion"].shape[:2] == (2, length)
    again = dance_to(loaded, ["two"], tmp_path / "data", samples=2, seed=3)
    np.testing.assert_allclose(again["two"]["motion"], dances["two"]["motion"], atol=1e-4)
