"""Models, data, songs and seeds for dances of the command line."""

import numpy as np
import pytest

from tests.generation.factories import AUDIO_DIM, save_bvh, save_data, save_run, save_song
from tests.motion.factories import make_skeleton


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models, data, songs and seeds."""
    folder = tmp_path_factory.mktemp("folder")
    save_run(folder / "run" / "best")
    save_run(folder / "causal", "causal")
    save_run(folder / "plain", sidecars={})
    save_data(folder / "data")
    save_song(folder / "song.wav", 1.23)
    save_bvh(folder / "seed.bvh")
    save_bvh(folder / "chain.bvh", skeleton=make_skeleton(num_joints=3))
    (folder / "empty.wav").touch()
    save_song(folder / "long.wav", 6.0)
    labels = [f"{beat:.6f}\t{beat:.6f}\tbeat" for beat in 0.3 + 0.6 * np.arange(9)]
    (folder / "labels.txt").write_text("\n".join(labels), encoding="utf-8")
    (folder / "late.txt").write_text("60.0\n60.5\n61.0\n", encoding="utf-8")
    np.save(folder / "data" / "bad.audio.npy", np.full((20, AUDIO_DIM), np.nan))
    return folder
