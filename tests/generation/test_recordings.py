"""A recording as a model reads it."""

import json

import numpy as np

from tests.data.factories import write_folder
from tests.generation.factories import save_data, save_run
from tests.models.factories import AUDIO, MOTION, class_model
from transflower.features.moves import encode_moves
from transflower.features.sidecar import MovesSidecar
from transflower.generation.recordings import read_recording
from transflower.models import load_model, save_model


def test_conditions_are_whole_and_outputs_have_as_many_frames(tmp_path):
    save_run(tmp_path / "model")
    save_data(tmp_path / "data")
    np.save(tmp_path / "data" / "one.motion.npy", np.load(tmp_path / "data" / "one.motion.npy")[:22])
    loaded = load_model(tmp_path / "model")
    found = read_recording(loaded, tmp_path / "data", "one")
    assert (len(found.inputs["audio"]), found.num_frames) == (24, 22)
    assert found.first(10).num_frames == 10


def moves_sidecar(centre):
    centres = ((centre,) * 2 * MOTION, (-centre,) * 2 * MOTION)
    return MovesSidecar(fps=20.0, of="motion", frames=4, mean=(0.0,) * MOTION, scale=(1.0,) * MOTION, centres=centres)


def test_kinds_of_moves_are_told_as_the_model_has_learnt_them(tmp_path):
    learnt, other = moves_sidecar(1.0), moves_sidecar(-1.0)
    save_model(tmp_path / "model", class_model(), sidecars={"motion": None, "audio": None, "moves": learnt.to_dict()})
    motion = np.repeat([2.0, -2.0], 12)[:, None].repeat(MOTION, axis=1).astype(np.float32)
    arrays = {"motion": motion, "audio": np.zeros((24, AUDIO), np.float32), "moves": encode_moves(motion, other)}
    write_folder(tmp_path / "data", {"one": arrays}, {"test": ["one"]})
    (tmp_path / "data" / "moves.json").write_text(json.dumps(other.to_dict()))
    found = read_recording(load_model(tmp_path / "model"), tmp_path / "data", "one").outputs["moves"]
    np.testing.assert_array_equal(found, encode_moves(motion, learnt))
    assert (found != arrays["moves"]).any()
