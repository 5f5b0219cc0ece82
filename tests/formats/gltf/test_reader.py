import copy
import logging

import numpy as np
import pytest

from tests.formats.gltf.factories import PATH, glb
from tests.formats.gltf.node import needs_node, poses_in_three
from tests.formats.gltf.rigs import BONES, blender_rig
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import FormatError
from transflower.formats.bvh import read_bvh
from transflower.formats.format import ReadOptions
from transflower.formats.gltf.animation import append_animation
from transflower.formats.gltf.appender import GltfAppender
from transflower.formats.gltf.container import parse_gltf
from transflower.formats.gltf.rate import find_rate
from transflower.formats.gltf.sampling import read_animations
from transflower.formats.gltf.writer import glb_bytes
from transflower.formats.recording import Recording
from transflower.formats.registry import read_recording
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points
from transflower.motion.kinematics import forward
from transflower.motion.units import scale_clip


@pytest.fixture
def read(tmp_path):
    """Reads bytes as a file."""

    def read_bytes(content, name="rig.glb", **options):
        (tmp_path / name).write_bytes(content)
        return read_recording(tmp_path / name, ReadOptions(**options)).clip

    return read_bytes


@pytest.mark.parametrize("fps", [30.0, 24000 / 1001, 7.5, 1 / 0.0083, 1000.0])
@pytest.mark.parametrize("above", [(), ("Armature", "Root")])
def test_what_was_written_is_read_again(fps, above, read):
    clip = make_clip(40, fps=fps, skeleton=make_skeleton(above=above), moving=("Spine",))
    again = read(glb_bytes(Recording(clip=clip)))
    assert again.skeleton.names == clip.skeleton.names
    assert again.skeleton.parents == clip.skeleton.parents
    assert again.skeleton.end_sites.keys() == clip.skeleton.end_sites.keys()
    assert again.fps == fps
    assert again.translations.keys() == clip.translations.keys()
    np.testing.assert_allclose(points(again), points(clip), atol=1e-5)


@pytest.mark.real_data
def test_real_recordings_go_through_glb(real_bvh, read):
    try:
        clip = read_bvh(real_bvh).clip
    except FormatError as error:
        pytest.skip(str(error))
    again = read(glb_bytes(Recording(clip=clip)))
    assert (again.skeleton.names, again.skeleton.parents, again.fps) == (
        clip.skeleton.names,
        clip.skeleton.parents,
        clip.fps,
    )
    np.testing.assert_allclose(points(again), points(clip), atol=1e-4)


@needs_node
@pytest.mark.parametrize("interpolation", ["LINEAR", "STEP", "CUBICSPLINE"])
@pytest.mark.parametrize("as_matrix", [False, True])
def test_joints_of_a_scaled_and_turned_armature_are_where_three_has_them(interpolation, as_matrix, read, tmp_path):
    content = blender_rig(interpolation, as_matrix=as_matrix).to_glb()
    clip = read(content)
    assert clip.skeleton.names == tuple(BONES)
    assert clip.skeleton.end_sites.keys() == {clip.skeleton.index("Head")}
    assert clip.num_frames == 13
    assert clip.fps == 24
    moments = [0, 5, 12]
    # A step is taken at the key itself, which three.js misses by the digits of a float.
    late = 1e-5 if interpolation == "STEP" else 0.0
    read = poses_in_three(tmp_path / "rig.glb", [frame / 24 + late for frame in moments])
    for frame, pose in zip(moments, read["poses"], strict=True):
        expected = [pose["nodes"][str(2 + bone)] for bone in range(len(BONES) + 1)]
        np.testing.assert_allclose(points(clip)[frame], expected, atol=1e-4)


@needs_node
@pytest.mark.parametrize("interpolation", ["LINEAR", "CUBICSPLINE"])
def test_keys_off_the_frames_are_interpolated_as_three_does(interpolation, read, tmp_path):
    times = np.cumsum(np.random.default_rng(1).uniform(0.05, 0.2, 13)) - 0.05
    content = blender_rig(interpolation, times=times).to_glb()
    clip = read(content)
    frames = np.arange(0, clip.num_frames, 5)
    read = poses_in_three(tmp_path / "rig.glb", np.float32(times[0]) + frames / clip.fps)
    positions = points(clip)
    for frame, pose in zip(frames, read["poses"], strict=True):
        expected = [pose["nodes"][str(2 + bone)] for bone in range(len(BONES) + 1)]
        # three.js interpolates cubic rotations as it stores them, in 32 bits.
        np.testing.assert_allclose(positions[frame], expected, atol=1e-3)


def test_keys_are_kept_as_they_are(read):
    clip = read(blender_rig().to_glb())
    random = np.random.default_rng(0)
    keys = BONES["Hips"][2] + 0.4 * random.standard_normal((13, 4))
    hips = rot.multiply(rot.from_expmap(np.array([-np.pi / 2, 0, 0])), rot.normalize(keys[:, [3, 0, 1, 2]]))
    assert rot.angle_between(clip.rotations[:, 0], hips).max() < 1e-6


def test_motion_that_begins_late_begins_with_its_first_key(read):
    late, early = (read(blender_rig(start=start).to_glb()) for start in (1 / 24, 0.0))
    assert late.num_frames == early.num_frames
    np.testing.assert_allclose(forward(late)[0], forward(early)[0], atol=1e-6)


def test_without_a_skin_all_nodes_below_are_joints(read):
    clip = read(blender_rig(skin=False).to_glb())
    assert clip.skeleton.names == tuple(BONES)
    assert clip.skeleton.end_sites.keys() == {clip.skeleton.index("Head")}


def test_cameras_and_props_that_move_are_left_out(read):
    appender = blender_rig()
    found = appender.entries("animations")[0]
    found["channels"].append({"sampler": 4, "target": {"node": 0, "path": "translation"}})
    found["channels"].append({"sampler": 0, "target": {"path": "rotation"}})
    found["channels"].append({"sampler": 0, "target": {"node": 3, "path": "weights"}})
    assert read(appender.to_glb()).skeleton.names == tuple(BONES)


def several(*clips, ours):
    """A file with a body and an animation for each clip; those that are not ours come from another program."""
    appender = GltfAppender(parse_gltf(PATH, glb_bytes(Recording(clip=clips[0]), name="0")))
    for index, clip in enumerate(clips[1:], start=1):
        append_animation(appender, clip, list(range(clip.skeleton.num_joints)), name=str(index))
    for index, entry in enumerate(appender.entries("animations")):
        if index not in ours:
            del entry["extras"]
    return appender.to_glb()


@pytest.mark.parametrize(
    ("ours", "frames", "told"),
    [((), 60, "the longest of 3 animations, '1'"), ((0, 2), 30, "the dance of 3 animations, '2'")],
)
def test_of_several_animations_the_last_of_ours_or_else_the_longest_is_read_and_said(ours, frames, told, read, caplog):
    with caplog.at_level(logging.INFO):
        clip = read(several(make_clip(20), make_clip(60), make_clip(30), ours=ours))
    assert clip.num_frames == frames
    assert f"read {told}" in caplog.text


def test_few_keys_of_many_joints_fill_no_memory(read):
    appender = blender_rig(times=np.arange(10_000) / 60)
    below = [appender.add("nodes", {"name": f"hair{joint}"}) for joint in range(2000)]
    appender.entries("nodes")[2]["children"] += below
    appender.entries("skins")[0]["joints"] += below
    with pytest.raises(FormatError, match=r"has 1e\+04 frames of 2007 joints, which is more than"):
        read(appender.to_glb())


def test_arrays_that_many_samplers_share_are_read_once():
    appender = blender_rig()
    found = appender.entries("animations")[0]
    found["samplers"].append(dict(found["samplers"][0]))
    for sampler, node in ((0, 3), (5, 4), (0, 6)):
        found["channels"].append({"sampler": sampler, "target": {"node": node, "path": "rotation"}})
    (animation,) = read_animations(parse_gltf(PATH, appender.to_glb()))
    tracks = [animation.tracks[node, "rotation"] for node in (2, 3, 4, 6)]
    assert len({id(track.values) for track in tracks}) == 1
    assert len({id(track.times) for track in animation.tracks.values()}) == 1


def test_scales_within_the_skeleton_are_taken_into_its_bones(read):
    appender = blender_rig()
    plain = read(appender.to_glb())
    appender.entries("nodes")[4]["scale"] = [2.0, 2.0, 2.0]
    larger = read(appender.to_glb())
    spine, head = (plain.skeleton.index(name) for name in ("Spine", "Head"))
    assert appender.entries("nodes")[4]["name"] == "Head"
    np.testing.assert_allclose(larger.skeleton.offsets, plain.skeleton.offsets)
    np.testing.assert_allclose(larger.skeleton.end_sites[head], 2 * np.array(plain.skeleton.end_sites[head]))
    assert spine < head


def test_a_size_that_changes_is_said(read, caplog):
    appender = blender_rig()
    found = appender.entries("animations")[0]
    found["channels"].append({"sampler": 4, "target": {"node": 3, "path": "scale"}})
    read(appender.to_glb())
    assert "Spine changes its size" in caplog.text


def test_a_body_in_centimetres_is_told_from_a_giant(read, caplog):
    clip = make_clip(20)
    for scale, expected in ((100.0, 1.0), (4.0, 4.0)):
        larger = scale_clip(clip, scale)
        with caplog.at_level(logging.INFO):
            again = read(glb_bytes(Recording(clip=larger)))
        np.testing.assert_allclose(again.skeleton.offsets, expected * clip.skeleton.offsets, atol=1e-5)
    assert "read as centimetres (cm)" in caplog.text


def test_joints_of_one_name_get_names_of_their_own(read):
    appender = blender_rig()
    for node in (3, 4):
        appender.entries("nodes")[node]["name"] = "Bone"
    del appender.entries("nodes")[5]["name"]
    assert read(appender.to_glb()).skeleton.names[1:4] == ("Bone", "Bone_2", "node 5")


def test_nodes_in_any_order_are_read(read):
    appender = blender_rig()
    document = copy.deepcopy(appender.finish().document)
    count = len(document["nodes"])
    document["nodes"] = document["nodes"][::-1]
    for node in document["nodes"]:
        node["children"] = [count - 1 - child for child in node.get("children", [])]
    document["scenes"] = [{"nodes": [count - 1 - node for node in document["scenes"][0]["nodes"]]}]
    document["skins"][0]["joints"] = [count - 1 - node for node in document["skins"][0]["joints"]]
    for channel in document["animations"][0]["channels"]:
        channel["target"]["node"] = count - 1 - channel["target"]["node"]
    again, plain = (read(content) for content in (glb(document, appender.finish().binary), appender.to_glb()))
    order = [again.skeleton.index(name) for name in plain.skeleton.names]
    np.testing.assert_allclose(forward(again)[0][:, order], forward(plain)[0], atol=1e-9)


def test_unit_axis_and_rate_can_be_said(read):
    content = glb_bytes(Recording(clip=make_clip(20)))
    plain, other = read(content), read(content, unit="cm", up="z", fps=15.0)
    assert other.fps == 15
    x, y, z = np.moveaxis(forward(plain)[0], -1, 0)
    np.testing.assert_allclose(forward(other)[0], 0.01 * np.stack([x, z, -y], axis=-1), atol=1e-6)


@pytest.mark.parametrize("rate", [24, 30, 29.97, 60, 120, 33, 1000])
def test_the_rate_of_even_keys_is_found(rate):
    assert find_rate([(np.arange(100) / rate).astype(np.float32).astype(float)]) == pytest.approx(rate, rel=1e-4)


def test_rare_keys_are_not_frames():
    assert find_rate([np.arange(20) / 2]) == 30


def test_a_rate_that_explains_sparse_keys_is_found():
    assert find_rate([np.array([0, 3, 10, 11]) / 24]) == 24
    assert find_rate([np.array([0.5])]) == 30
    assert 10 <= find_rate([np.array([0, 0.123, 0.2])]) <= 120


def changed(**changes):
    """A rig with parts of its JSON changed: ``animations_0_channels=...``."""
    appender = blender_rig()
    for path, value in changes.items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("_"))
        place = appender.document
        for step in way:
            place = place[step]
        place[last] = value
    return appender.to_glb()


def with_rotations(rotations):
    appender = blender_rig()
    accessor = appender.add_accessor(np.asarray(rotations, np.float32))
    appender.entries("animations")[0]["samplers"][0]["output"] = accessor
    return appender.to_glb()


# name: (file, part of the message)
MALFORMED = {
    "no animation": (changed(animations=[]), "holds no animation of a skeleton"),
    "an animation of nothing": (changed(animations_0_channels=[]), "holds no animation of a skeleton"),
    "channels that are none": (changed(animations_0_channels=3), "animations[0] has channels that are no list"),
    "samplers that are none": (changed(animations_0_samplers=[1]), "animations[0] has samplers that are no list"),
    "a sampler too far": (changed(animations_0_channels_0_sampler=9), "points to a sampler that there is not"),
    "a target too far": (changed(animations_0_channels_0_target_node=99), "points to nodes[99], there are 10"),
    "no times": (changed(animations_0_samplers_0_input=None), "samplers[0].input points to accessors[null]"),
    "times of another type": (changed(animations_0_samplers_0_input=1), "has the type 'VEC4', SCALAR is needed"),
    "rotations of another type": (changed(animations_0_samplers_0_output=0), "has the type 'SCALAR', VEC4 is needed"),
    "an unknown interpolation": (
        changed(animations_0_samplers_0_interpolation="BEZIER"),
        "'BEZIER', which there is not",
    ),
    "too few values": (with_rotations([[0, 0, 0, 1]] * 3), "has 3 values for 13 keys"),
    "a rotation of zeros": (with_rotations([[0, 0, 0, 1]] * 5 + [[0, 0, 0, 0]] * 8), "is none, in key 5"),
    "a rotation that is not finite": (with_rotations([[0, 0, np.nan, 1]] * 13), "is not finite, or huge, in element 0"),
    "times that go back": (blender_rig(times=[0, 0.1, 0.1, 0.2]).to_glb(), "key 2 is not after the one before"),
    "times before 0": (blender_rig(times=[-1, 0]).to_glb(), "keys before the time 0"),
    "a day of motion": (blender_rig(times=[0, 1e8]).to_glb(), "which is more than any recording has"),
    "a child too far": (changed(nodes_1_children=[77]), "nodes[1].children points to nodes[77], there are 10"),
    "children that are none": (changed(nodes_1_children={}), "nodes[1] has children that are no list"),
    "two parents": (changed(nodes_0_children=[3]), "is a child of both"),
    "a circle": (changed(nodes_1_children=[], nodes_4_children=[2]), "is below itself"),
    "a node below itself": (changed(nodes_0_children=[0]), "nodes[0] is below itself"),
    "a translation of two": (
        changed(nodes_2_translation=[1, 2]),
        "nodes[2] has translation [1, 2], 3 numbers are needed",
    ),
    "a rotation of words": (changed(nodes_2_rotation=["a"] * 4), "4 numbers are needed"),
    "a node turned by nothing": (changed(nodes_2_rotation=[0, 0, 0, 0]), "nodes[2] has the rotation 0 0 0 0"),
    "a huge translation": (changed(nodes_2_translation=[1e30, 0, 0]), "3 numbers are needed"),
    "a flat matrix": (changed(nodes_1_matrix=[0] * 16), "a matrix that flattens"),
    "joints that are none": (changed(skins_0_joints="x"), "skins[0] has joints that are no list"),
    "a joint too far": (changed(skins_0_joints=[99]), "skins[0].joints points to nodes[99]"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_animation_is_refused_in_one_sentence(name, read):
    content, message = MALFORMED[name]
    with pytest.raises(FormatError) as error:
        read(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_chain_of_any_depth_is_read_or_refused_without_recursion(read):
    nodes = [{"children": [node + 1]} for node in range(6000)] + [{}]
    appender = blender_rig()
    appender.document["nodes"] = nodes
    appender.document["skins"] = []
    appender.document["scenes"] = []
    with pytest.raises(FormatError, match="joints, which no body has"):
        read(appender.to_glb())
