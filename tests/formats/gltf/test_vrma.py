from contextlib import suppress

import numpy as np
import pytest

from tests.conftest import chosen
from tests.formats.gltf.node import assert_valid, needs_node, run_node
from tests.formats.gltf.vrma_schema import assert_keeps_schema
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import read_bvh
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.vrma import to_humanoid_clip, vrma_bytes
from transflower.formats.gltf.writer import append_skeleton
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, read_recording
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.retarget.rig import read_rig
from transflower.synthetic.skeleton import SKELETON


def dance(num_frames=30):
    clip = make_clip(num_frames, skeleton=SKELETON, degrees=30)
    clip.translations[0][:, 1] += 0.03
    return clip


def written(clip, path):
    FORMATS["vrma"].write(path, Recording(clip=clip))
    return path


def character(clip, path):
    """A VRM 1.0 character without a mesh, of the same bones."""
    skeleton = to_humanoid_clip(clip).skeleton
    appender = GltfAppender(empty_gltf("tests"))
    nodes = append_skeleton(appender, skeleton)
    bones = {bone: {"node": node} for bone, node in zip(skeleton.names, nodes, strict=True)}
    meta = {"name": "test", "version": "1", "authors": ["test"], "licenseUrl": "https://vrm.dev/licenses/1.0/"}
    appender.use_extension("VRMC_vrm", {"specVersion": "1.0", "meta": meta, "humanoid": {"humanBones": bones}})
    appender.document |= {"scene": 0, "scenes": [{"nodes": [nodes[0]]}]}
    path.write_bytes(appender.to_glb())
    return path


def test_the_file_says_what_the_schema_wants(tmp_path):
    assert_keeps_schema(written(dance(), tmp_path / "dance.vrma"))


@needs_node
@pytest.mark.real_data
def test_real_recordings_are_valid_and_say_what_the_schema_wants(real_data_dir, tmp_path):
    paths = []
    for path in chosen(sorted(real_data_dir.rglob("*.bvh")), most=3):
        with suppress(FormatError, DataError):
            paths.append(written(read_bvh(path).clip[:40], tmp_path / f"{path.stem}.vrma"))
    if not paths:
        pytest.skip("no real recording of a body")
    assert_valid(*paths)
    for path in paths:
        assert_keeps_schema(path)


@pytest.mark.parametrize("facing", [0.0, 2.0])
def test_at_rest_it_stands_in_a_t_pose_that_faces_z(facing, tmp_path):
    clip = dance()
    turn = rot.from_yaw(np.array(facing))
    clip.rotations[:, 0] = rot.multiply(turn, clip.rotations[:, 0])
    clip.translations[0][:] = rot.rotate(turn, clip.translations[0])
    again = read_recording(written(clip, tmp_path / "dance.vrma")).clip
    place = dict(zip(again.skeleton.names, rest_positions(again.skeleton), strict=True))
    for side, sign in (("left", 1), ("right", -1)):
        arm = place[f"{side}Hand"] - place[f"{side}UpperArm"]
        np.testing.assert_allclose(arm / np.linalg.norm(arm), [sign, 0, 0], atol=1e-6)
        assert place[f"{side}Foot"][1] == pytest.approx(0.08, abs=0.02)
        assert place[f"{side}Toes"][2] > place[f"{side}Foot"][2] + 0.05
    assert place["head"][1] > 1.3


def test_bones_are_read_again_where_they_were(tmp_path):
    clip = dance()
    again = read_recording(written(clip, tmp_path / "dance.vrma")).clip
    joints = read_rig(clip).humanoid.joints
    expected = forward(clip)[0][:, [joints[bone] for bone in again.skeleton.names]]
    np.testing.assert_allclose(forward(again)[0], expected, atol=1e-5)
    assert again.fps == clip.fps
    assert {again.skeleton.names[joint] for joint in again.skeleton.end_sites} >= {"head", "leftHand", "rightToes"}


@needs_node
def test_three_vrm_moves_a_character_as_the_dance_goes(tmp_path):
    clip = dance()
    path = written(clip, tmp_path / "dance.vrma")
    assert_valid(path)
    moments = [0, 11, 29]
    told = run_node(
        "vrma_pose.mjs", path, character(clip, tmp_path / "a.vrm"), *[frame / clip.fps for frame in moments]
    )
    assert told["duration"] == pytest.approx(29 / 30)
    assert told["tracks"]["translation"] == ["hips"]
    assert len(told["tracks"]["rotation"]) == 22
    joints = read_rig(clip).humanoid.joints
    for frame, pose in zip(moments, told["poses"], strict=True):
        for bone, place in pose.items():
            np.testing.assert_allclose(place, forward(clip)[0][frame, joints[bone]], atol=1e-4, err_msg=bone)


@pytest.mark.real_data
def test_real_recordings_go_through_vrma(real_bvh, tmp_path):
    try:
        clip = read_bvh(real_bvh).clip
        joints = read_rig(clip).humanoid.joints
    except (FormatError, DataError) as error:
        pytest.skip(str(error))
    clip = Clip(clip.skeleton, clip.fps, clip.rotations[:300], {j: t[:300] for j, t in clip.translations.items()})
    again = read_recording(written(clip, tmp_path / "real.vrma")).clip
    expected = forward(clip)[0][:, [joints[bone] for bone in again.skeleton.names]]
    # Joints between two bones are left out, and bones that grow and shrink have one length.
    np.testing.assert_allclose(forward(again)[0], expected, atol=0.05)
    assert np.median(np.abs(forward(again)[0] - expected)) < 1e-3


def test_who_lacks_a_bone_is_refused():
    with pytest.raises(DataError, match="the recording has no"):
        vrma_bytes(Recording(clip=make_clip(3, skeleton=make_skeleton(num_joints=5))))
