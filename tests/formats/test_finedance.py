import json

import numpy as np
import pytest

from tests.formats.corpora import finedance_rows, smpl_walk
from transflower.core.errors import FormatError
from transflower.formats.registry import holds_motion, read_recording
from transflower.motion import rotations as rot


@pytest.mark.parametrize("contacts", (0, 4))
def test_an_array_is_a_body_with_fingers_at_30_frames(tmp_path, contacts):
    np.save(tmp_path / "001.npy", np.concatenate([np.ones((20, contacts)), finedance_rows(20)], axis=1))
    clip = read_recording(tmp_path / "001.npy").clip
    assert (clip.fps, clip.num_frames, clip.skeleton.num_joints) == (30, 20, 52)
    np.testing.assert_allclose(clip.translations[0][:, 0], np.linspace(0, 1, 20), atol=1e-6)
    np.testing.assert_allclose(rot.to_expmap(clip.rotations).reshape(20, -1), smpl_walk(20, 52)[0], atol=1e-5)


def changed(place, value):
    rows = finedance_rows(4)
    rows[place] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "told"),
    (
        (np.zeros((4, 314)), r"shape \[4, 314\], and those that hold motion have 315 columns"),
        (np.zeros(315), r"shape \[315\]"),
        (np.zeros((0, 315)), "has 0 frames"),
        (np.zeros((4, 315)), "frame 0: holds 6 numbers of joint 0 that are no rotation"),
        (changed((2, slice(9, 15)), 1.0), "frame 2: holds 6 numbers of joint 1 that are no rotation"),
        (changed((3, 5), np.nan), "frame 3: holds a number that is not finite"),
        (finedance_rows(2).astype(object), "never unpickled"),
        (finedance_rows(2).astype(complex), "save real or whole numbers"),
    ),
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path, rows, told):
    np.save(tmp_path / "001.npy", rows)
    with pytest.raises(FormatError, match=told) as fault:
        read_recording(tmp_path / "001.npy")
    assert "\n" not in str(fault.value)


def test_features_and_other_arrays_in_a_folder_hold_no_motion(tmp_path):
    np.save(tmp_path / "001.npy", finedance_rows(2))
    np.save(tmp_path / "002.music.npy", np.zeros((5, 35)))
    np.save(tmp_path / "003.motion.npy", finedance_rows(2))
    (tmp_path / "motion.json").write_text(json.dumps({"kind": "motion"}))
    assert [path.name for path in sorted(tmp_path.iterdir()) if holds_motion(path)] == ["001.npy"]
