import numpy as np
import pytest

from tests.formats.npz.test_smpl_reader import KINDS
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import read_bvh
from transflower.formats.npz.smpl_writer import on_smpl_body
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, find_format, read_recording
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.motion.retarget.rig import read_rig
from transflower.synthetic.skeleton import SKELETON


def written(clip, path):
    FORMATS["smpl"].write(path, Recording(clip=clip))
    return path


def test_readers_of_amass_find_what_they_read(tmp_path):
    clip = make_clip(30, skeleton=SKELETON, degrees=20)
    path = written(clip, tmp_path / "dance.smpl.npz")
    assert path.name == "dance.smpl.npz"
    with np.load(path) as arrays:
        assert arrays["poses"].shape == (30, 156)
        assert arrays["trans"].shape == (30, 3)
        assert arrays["mocap_framerate"] == 30
        assert arrays["betas"].shape == (16,)
        assert not arrays["betas"].any()
        assert str(arrays["gender"]) == "neutral"
        # Z is up: the pelvis is as high as ours, and the body stands along it.
        assert arrays["trans"][:, 2] == pytest.approx(clip.translations[0][:, 1], abs=0.15)
        up = rot.rotate(rot.from_expmap(arrays["poses"][:, :3]), np.array([0.0, 1, 0]))
        assert (up[:, 2] > 0.8).all()


def test_the_body_is_in_the_pose_of_the_dance(tmp_path):
    clip = make_clip(30, skeleton=SKELETON, degrees=20)
    again = read_recording(written(clip, tmp_path / "dance.smpl.npz")).clip
    limbs = {
        "left_shoulder left_elbow": "LeftArm LeftForeArm",
        "right_elbow right_wrist": "RightForeArm RightHand",
        "left_hip left_knee": "LeftUpLeg LeftLeg",
        "right_knee right_ankle": "RightLeg RightFoot",
    }

    def way(of, names):
        start, end = (of.skeleton.index(name) for name in names.split())
        bone = np.diff(forward(of)[0][:, [start, end]], axis=1)[:, 0]
        return bone / np.linalg.norm(bone, axis=1, keepdims=True)

    for theirs, ours in limbs.items():
        angles = np.degrees(np.arccos(np.clip(np.sum(way(again, theirs) * way(clip, ours), axis=1), -1, 1)))
        # Feet are kept where they were, so that legs of other proportions stand a little differently.
        assert np.median(angles) < (15 if "knee" in theirs else 5), theirs
    assert np.abs(again.translations[0] - clip.translations[0]).max() < 0.2


@pytest.mark.parametrize("kind", ["AMASS SMPL-H", "SMPL"])
def test_what_is_on_the_body_goes_over_as_it_is(kind, tmp_path):
    np.savez(tmp_path / "a.npz", **KINDS[kind])
    clip = read_recording(tmp_path / "a.npz").clip
    again = read_recording(written(clip, tmp_path / "b.smpl.npz")).clip
    assert on_smpl_body(again) is again
    np.testing.assert_allclose(forward(again)[0][:, :22], forward(clip)[0][:, :22], atol=1e-9)
    with np.load(tmp_path / "b.smpl.npz") as arrays:
        given = KINDS[kind]["poses"][:, :66]
        turned = rot.angle_between(*(rot.from_expmap(p[:, :66].reshape(-1, 22, 3)) for p in (arrays["poses"], given)))
        assert turned.max() < 1e-6


def test_both_ends_of_names_are_told_apart_by_contents(tmp_path):
    clip = make_clip(5, skeleton=SKELETON, degrees=10)
    assert find_format(tmp_path / "a.smpl.npz").name == "smpl"
    FORMATS["npz"].write(tmp_path / "a.smpl.npz", Recording(clip=clip))
    assert read_recording(tmp_path / "a.smpl.npz").clip.skeleton.names == clip.skeleton.names
    written(clip, tmp_path / "b.npz")
    assert read_recording(tmp_path / "b.npz").clip.skeleton.names[0] == "pelvis"


def test_who_lacks_a_bone_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no"):
        written(make_clip(3, skeleton=make_skeleton(num_joints=5)), tmp_path / "a.smpl.npz")
    assert not list(tmp_path.iterdir())


def test_one_frame_is_written(tmp_path):
    clip = make_clip(30, skeleton=SKELETON, degrees=5)
    one = Clip(SKELETON, 30.0, clip.rotations[:1], {0: clip.translations[0][:1]})
    assert read_recording(written(one, tmp_path / "a.smpl.npz")).clip.num_frames == 1


LIMBS = {
    ("left_shoulder", "left_elbow"): ("leftUpperArm", "leftLowerArm"),
    ("right_elbow", "right_wrist"): ("rightLowerArm", "rightHand"),
    ("left_hip", "left_knee"): ("leftUpperLeg", "leftLowerLeg"),
    ("right_knee", "right_ankle"): ("rightLowerLeg", "rightFoot"),
}


@pytest.mark.real_data
def test_real_recordings_go_through_the_body(real_bvh, tmp_path):
    try:
        clip = read_bvh(real_bvh).clip
        bones = read_rig(clip).humanoid.joints
    except (FormatError, DataError) as error:
        pytest.skip(str(error))
    tracks = {joint: track[:100] for joint, track in clip.translations.items()}
    clip = Clip(clip.skeleton, clip.fps, clip.rotations[:100], tracks)
    again = read_recording(written(clip, tmp_path / "real.smpl.npz")).clip
    ours, theirs = forward(clip)[0], forward(again)[0]
    for limb, (start, end) in LIMBS.items():
        upper, lower = (again.skeleton.index(name) for name in limb)
        ways = [ours[:, bones[end]] - ours[:, bones[start]], theirs[:, lower] - theirs[:, upper]]
        ways = [way / np.linalg.norm(way, axis=1, keepdims=True) for way in ways]
        angles = np.degrees(np.arccos(np.clip(np.sum(ways[0] * ways[1], axis=1), -1, 1)))
        # Feet are kept where they were, so that legs of other proportions stand a little differently.
        assert np.median(angles) < (20 if "hip" in limb[0] or "knee" in limb[0] else 2), limb
