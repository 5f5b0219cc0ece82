from pathlib import Path

import numpy as np
import torch

from recipes.dancer.widen import widen
from tests.generation.factories import FPS, make_features, make_sidecars, make_song, windows
from tests.models.factories import tiny_config
from tests.nn.factories import disturbed
from transflower.core.spans import StreamSpec
from transflower.features import audio as audio_features
from transflower.features.audio import CombSettings
from transflower.generation.generate import generate
from transflower.models import Model, load_model, save_model

SETTINGS = CombSettings(fps=FPS, sample_rate=8000, mels=4, n_fft=512)


def old_model(features: dict[str, np.ndarray]) -> Model:
    """One that hears the columns of version 0.1."""
    streams = {name: StreamSpec(dim=rows.shape[1], fps=FPS) for name, rows in features.items()}
    config = tiny_config("causal")
    model = Model(config, streams, {name: (rows.mean(0), rows.std(0)) for name, rows in features.items()})
    spans = {"inputs": config.spans, "targets": config.target_spans}
    model.initialise(
        {
            side: {name: torch.from_numpy(windows(features[name], span)) for name, span in found.items()}
            for side, found in spans.items()
        }
    )
    return disturbed(model, seed=0, scale=0.05).eval()


def test_a_widened_model_draws_the_same_frames(tmp_path: Path) -> None:
    sidecars = {**make_sidecars(), "audio": audio_features.sidecar(SETTINGS)}
    old_rows = audio_features.extract(make_song(3.0), SETTINGS)
    model = old_model({**make_features(make_sidecars()), "audio": old_rows})
    save_model(tmp_path / "old", model, sidecars=sidecars)
    widen(tmp_path / "old", tmp_path / "wide")
    wide = load_model(tmp_path / "wide")
    assert wide.sidecars["audio"]["names"][-1] == "beat_sure"
    new_rows = np.column_stack([old_rows, np.linspace(0, 1, len(old_rows), dtype=np.float32)])
    drawn = [
        generate(one, {"audio": rows}, num_frames=40)["motion"]
        for one, rows in ((load_model(tmp_path / "old").model, old_rows), (wide.model, new_rows))
    ]
    np.testing.assert_allclose(drawn[0], drawn[1], atol=1e-5)
