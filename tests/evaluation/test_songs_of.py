import json

import numpy as np
import pytest

from transflower.data.store import Store
from transflower.evaluation.songs_of import songs_of


@pytest.fixture
def folder(tmp_path):
    """Two dancers to one sound, another song, and styles that are all the same."""
    for one, song in (("lead", 1), ("follow", 1), ("other", 2)):
        np.save(tmp_path / f"{one}.audio.npy", np.full((4, 2), song, np.float32))
        np.save(tmp_path / f"{one}.style.npy", np.zeros((1, 1), np.float32))
        np.save(tmp_path / f"{one}.motion.npy", np.zeros((4, 3), np.float32))
    return tmp_path


def songs(folder):
    return songs_of(Store(folder), ["lead", "follow", "other"], "motion")


@pytest.mark.parametrize("sidecar", [None, {"kind": "audio"}])
def test_recordings_of_equal_sound_have_the_same_song(folder, sidecar):
    if sidecar:
        (folder / "audio.json").write_text(json.dumps(sidecar))
    assert songs(folder) == {"lead": "lead", "follow": "lead", "other": "other"}


def test_recordings_of_one_file_have_the_same_song(folder):
    lines = ["id,motion,song", "lead,a.bvh,a.wav", "follow,b.bvh,b.wav", "other,c.bvh,sub/../b.wav"]
    (folder / "recordings.csv").write_text("\n".join(lines))
    assert songs(folder) == dict.fromkeys(("lead", "follow", "other"), "lead")
