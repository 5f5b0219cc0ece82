"""One corpus of three real skeletons, one model, and its dances on each of them."""

import shutil

import numpy as np
import pytest
import soundfile

from transflower.cli import main
from transflower.formats.bvh import read_bvh

TAKES = {
    "cmu/salsa/25.bvh": ("--source_fps", "60", "--drop_first"),
    "cmu/modern/005_05.bvh": ("--drop_first",),
    "bandai/dataset-1_kick_normal_001.bvh": (),
}
TINY = ("--training.max_steps", "3", "--training.positions", "20", "--training.batch_size", "2",
        "--training.rollouts.sequences", "0", "--model.encoder.width", "32", "--model.encoder.layers", "1")  # fmt: skip


@pytest.mark.real_data
def test_a_corpus_of_three_skeletons_trains_one_model_that_generates_onto_each(real_data_dir, tmp_path):
    takes, features = tmp_path / "takes", tmp_path / "features"
    takes.mkdir()
    if not all((real_data_dir / take).exists() for take in TAKES):
        pytest.skip("lacks the recordings of three skeletons")
    for number, (take, options) in enumerate(TAKES.items()):
        shutil.copy(real_data_dir / take, takes / f"take{number}.bvh")
        soundfile.write(takes / f"take{number}.wav", np.random.default_rng(0).uniform(-0.1, 0.1, 22_050 * 15), 22_050)
        extract = ["extract", "motion", str(takes / f"take{number}.bvh"), "--out", str(features), "--jobs", "1"]
        assert main([*extract, "--onto", "common", *options]) == 0
    assert main(["extract", "audio", str(takes), "--out", str(features), "--jobs", "1"]) == 0
    (features / "base_filenames_train.txt").write_text("take0\ntake1\ntake2\n")
    (features / "base_filenames_val.txt").write_text("take2\n")
    model = tmp_path / "run"
    train = ["train", "live-tiny", "--data.folder", str(features), "--out", str(model), *TINY]
    assert main(train) == 0
    soundfile.write(tmp_path / "song.wav", np.random.default_rng(1).uniform(-0.1, 0.1, 22_050 * 3), 22_050)
    for number in range(3):
        original, out = takes / f"take{number}.bvh", tmp_path / f"dances{number}"
        generate = ["generate", str(tmp_path / "song.wav"), "--model", str(model), "--out", str(out)]
        assert main([*generate, "--onto", str(original), "--format", "bvh"]) == 0
        dance, theirs = read_bvh(next(out.glob("*.bvh"))).clip, read_bvh(original).clip
        assert dance.skeleton.names == theirs.skeleton.names
        bones = [np.linalg.norm(clip.skeleton.offsets[2:], axis=1) for clip in (dance, theirs)]
        np.testing.assert_allclose(*bones, atol=2e-3)
        assert dance.num_frames > 60
        assert np.isfinite(dance.rotations).all()
