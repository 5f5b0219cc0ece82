import numpy as np
import pytest

from transflower.formats.format import ReadOptions
from transflower.formats.npz.smpl_body import PELVIS, smpl_skeleton
from transflower.formats.registry import read_recording
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward

FRAMES = 90


def poses(joints, *, upright):
    """Somebody who stands, turns, swings an arm and walks along +X of the floor."""
    found = np.zeros((FRAMES, joints, 3))
    turn = rot.from_yaw(np.linspace(0, 1, FRAMES))
    found[:, 0] = rot.to_expmap(rot.multiply(np.array(upright), turn))
    found[:, 16, 2] = -1.2
    found[:, 17, 2] = np.linspace(0.2, 1.2, FRAMES)
    if joints > 24:
        found[:, -1, 1] = 0.5
    return found.reshape(FRAMES, -1)


HALF = np.sqrt(0.5)
Z_UP, Y_UP = (HALF, HALF, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)
WALK = np.linspace(0, 1, FRAMES)
ZEROS = np.zeros(FRAMES)
AMASS = np.stack([WALK, ZEROS, ZEROS + 0.9], axis=1) - PELVIS
AIST = np.stack([WALK, ZEROS + 0.9, ZEROS], axis=1) - PELVIS

KINDS = {
    "AMASS SMPL-H": {"poses": poses(52, upright=Z_UP), "trans": AMASS, "mocap_framerate": 120.0, "gender": "male"},
    "AMASS SMPL-X": {
        "root_orient": poses(55, upright=Z_UP)[:, :3],
        "pose_body": poses(55, upright=Z_UP)[:, 3:66],
        "pose_hand": poses(55, upright=Z_UP)[:, 75:],
        "pose_jaw": np.zeros((FRAMES, 3)),
        "pose_eye": np.zeros((FRAMES, 6)),
        "trans": AMASS,
        "mocap_frame_rate": 120.0,
    },
    "SMPL-X in one": {"poses": poses(55, upright=Z_UP), "trans": AMASS, "mocap_frame_rate": 120.0},
    "SMPL": {"poses": poses(24, upright=Z_UP), "trans": AMASS, "fps": np.array([120])},
    "SMPL, Y up": {"poses": poses(24, upright=Y_UP), "trans": AIST, "fps": 120.0},
    "as the body models say": {
        "global_orient": poses(55, upright=Z_UP)[:, :3],
        "body_pose": poses(55, upright=Z_UP)[:, 3:66],
        "jaw_pose": np.zeros((FRAMES, 3)),
        "leye_pose": np.zeros((FRAMES, 3)),
        "reye_pose": np.zeros((FRAMES, 3)),
        "left_hand_pose": poses(55, upright=Z_UP)[:, 75:120],
        "right_hand_pose": poses(55, upright=Z_UP)[:, 120:],
        "transl": AMASS,
        "fps": 120,
    },
    "SMPL in parts": {
        "global_orient": poses(24, upright=Z_UP)[:, :3],
        "body_pose": poses(24, upright=Z_UP)[:, 3:],
        "transl": AMASS,
        "fps": 120,
    },
    "hands as components": {
        "root_orient": poses(24, upright=Z_UP)[:, :3],
        "pose_body": poses(24, upright=Z_UP)[:, 3:66],
        "left_hand_pose": np.zeros((FRAMES, 12)),
        "right_hand_pose": np.zeros((FRAMES, 12)),
        "trans": AMASS,
        "fps": 120,
    },
    "AIST++": {
        "smpl_poses": poses(24, upright=Y_UP),
        "smpl_trans": 90 * AIST,
        "smpl_scaling": np.array([90.0]),
        "fps": 120,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_archives_of_the_family_are_read(kind, tmp_path):
    np.savez(tmp_path / "walk.npz", **KINDS[kind])
    clip = read_recording(tmp_path / "walk.npz").clip
    positions = dict(zip(clip.skeleton.names, np.moveaxis(forward(clip)[0], 1, 0), strict=True))
    assert clip.fps == 120
    np.testing.assert_allclose(positions["pelvis"], np.stack([WALK, ZEROS + 0.9, ZEROS], axis=1), atol=1e-9)
    assert (positions["head"][:, 1] > 1.3).all()
    assert (positions["left_ankle"][:, 1] < 0.1).all()
    # An arm that hangs, and one that was lowered.
    assert positions["left_wrist"][0, 1] < positions["left_shoulder"][0, 1] - 0.4
    assert positions["right_wrist"][-1, 1] < positions["right_wrist"][0, 1] - 0.3
    facing = positions["left_hip"][-1] - positions["right_hip"][-1]
    assert np.degrees(np.arctan2(-facing[2], facing[0])) == pytest.approx(57.3, abs=3)


@pytest.mark.parametrize("kind", ("AMASS SMPL-H", "AMASS SMPL-X", "as the body models say"))
def test_fingers_are_read(kind, tmp_path):
    np.savez(tmp_path / "walk.npz", **KINDS[kind])
    clip = read_recording(tmp_path / "walk.npz").clip
    assert clip.skeleton.names[-1] == "right_thumb3"
    np.testing.assert_allclose(rot.to_expmap(clip.rotations[:, -1]), [[0, 0.5, 0]] * FRAMES, atol=1e-9)


def test_aist_has_its_own_rate_and_any_rate_can_be_said(tmp_path):
    arrays = {name: array for name, array in KINDS["AIST++"].items() if name != "fps"}
    np.savez(tmp_path / "aist.npz", **arrays)
    assert read_recording(tmp_path / "aist.npz").clip.fps == 60
    assert read_recording(tmp_path / "aist.npz", ReadOptions(fps=25.0)).clip.fps == 25


@pytest.mark.parametrize(("fingers", "face", "count"), [(False, False, 24), (True, False, 52), (True, True, 55)])
def test_bodies_have_the_joints_of_their_kind(fingers, face, count):
    skeleton = smpl_skeleton(fingers=fingers, face=face)
    assert skeleton.num_joints == count
    assert skeleton.names[skeleton.parents[-1]] == ("right_thumb2" if fingers else "right_wrist")
