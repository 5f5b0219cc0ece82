"""Real recordings below ``--real-data=DIR``."""

import bvhio
import numpy as np
import pytest

from transflower.core.errors import FormatError
from transflower.formats.bvh import read_bvh, read_skeleton, write_bvh
from transflower.formats.bvh.reader import NoMotionError
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward
from transflower.motion.mirror import mirror
from transflower.motion.resample import resample
from transflower.motion.root import find_motion_root, fold_root

pytestmark = pytest.mark.real_data

COMPARED_FRAMES = 300
"""The independent reader takes seconds for a minute of motion."""


def beginning(path, folder):
    """The first frames of a recording that has one on each line, in a file of its own; any other as it is."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("Frame Time")), len(lines)) + 1
    if start < 3 or lines[start - 2].split() != ["Frames:", str(len(lines) - start)]:
        return path
    kept = lines[start : start + COMPARED_FRAMES]
    short = folder / "beginning.bvh"
    content = [*lines[: start - 2], f"Frames: {len(kept)}", lines[start - 1], *kept, ""]
    short.write_text("\n".join(content), encoding="utf-8", errors="surrogateescape")
    return short


@pytest.fixture
def file(real_bvh):
    try:
        return read_bvh(real_bvh)
    except FormatError as error:
        # A hierarchy alone is no clip, and a broken file must have been refused; either way there is nothing to write.
        if isinstance(error, NoMotionError):
            assert read_skeleton(real_bvh).num_joints
        pytest.skip(str(error))


def test_written_and_read_again_it_is_the_same(file, tmp_path):
    write_bvh(tmp_path / "again.bvh", file.clip, layout=file.layout)
    again = read_bvh(tmp_path / "again.bvh", unit=file.layout.metres_per_unit, up=file.layout.up)
    assert again.layout == file.layout
    assert again.clip.skeleton.names == file.clip.skeleton.names
    assert again.clip.fps == file.clip.fps
    assert np.degrees(rot.angle_between(again.clip.rotations, file.clip.rotations)).max() < 1e-5
    np.testing.assert_allclose(again.clip.skeleton.offsets, file.clip.skeleton.offsets, atol=1e-7)
    np.testing.assert_allclose(forward(again.clip)[0], forward(file.clip)[0], atol=1e-6)


def test_an_independent_reader_sees_the_same_joints_in_the_same_places(file, real_bvh, tmp_path):
    path = beginning(real_bvh, tmp_path)
    raw = read_bvh(path, unit=1.0, up="y").clip
    try:
        root = bvhio.readAsHierarchy(str(path))
    except Exception as error:
        pytest.skip(f"bvhio cannot read it: {error!r}")
    joints = [joint for joint, _, _ in root.layout()]
    assert [joint.Name for joint in joints] == list(raw.skeleton.names)
    for frame in {0, raw.num_frames // 2, raw.num_frames - 1}:
        root.loadPose(frame)
        expected = np.array([list(joint.PositionWorld) for joint in joints])
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(forward(raw)[0][frame], expected, atol=2e-5 * scale)


def test_mirrored_folded_and_resampled_it_stays_a_body(file):
    clip = file.clip
    root = find_motion_root(clip.skeleton)
    np.testing.assert_allclose(forward(fold_root(clip))[0][:, root:], forward(clip)[0][:, root:], atol=1e-9)
    assert rot.angle_between(mirror(mirror(clip)).rotations, clip.rotations).max() < 1e-9
    slower = resample(clip, 20.0)
    assert slower.num_frames == int((clip.num_frames - 1) / clip.fps * 20 + 1e-9) + 1
