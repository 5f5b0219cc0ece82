import json

import numpy as np
import pytest

from tests.formats.character.characters import Character
from tests.formats.gltf.node import assert_valid, needs_node, poses_in_three
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from tests.motion.retarget.test_retarget import ARMS, dance, degrees_between, directions
from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.formats.character import open_character
from transflower.formats.gltf.container import parse_gltf, read_gltf
from transflower.formats.gltf.reader import read_glb
from transflower.motion import rotations as rot
from transflower.motion.humanoid import find_bones
from transflower.motion.kinematics import forward

BODY = Body(fingers=True, legs=1.1, arms_down=0.7, names=CONVENTIONS["mixamo"])
KINDS = {
    "armature.glb": Character(BODY),
    "plain.glb": Character(BODY, armature=False, turned=False, skins=1),
    "matrices.glb": Character(BODY, matrices=True),
    "root above the hips.glb": Character(Body(above=("Reference", "mover"), names=CONVENTIONS["unreal"])),
    "new.vrm": Character(Body(fingers=True, names=CONVENTIONS["vroid"]), vrm="1.0", armature=False),
    "old.vrm": Character(Body(fingers=True, yaw=np.pi, names=CONVENTIONS["vroid"]), vrm="0.x", armature=False),
    "sitting.glb": Character(BODY, sits=True),
    "strange names.vrm": Character(Body(names={bone: f"n{joint}" for joint, bone in enumerate(CONVENTIONS["daz"])}),
                                   vrm="1.0"),
}  # fmt: skip


@pytest.fixture(params=KINDS)
def path(request, tmp_path):
    return KINDS[request.param].write(tmp_path / request.param)


def kept(old, new):
    """Asserts that the JSON ``new`` has all of ``old``, with entries put behind those of lists alone."""
    for key, value in old.items():
        if key == "buffers":
            assert [{**entry, "byteLength": 0} for entry in new[key]] == [{**entry, "byteLength": 0} for entry in value]
        elif key in {"accessors", "bufferViews", "animations"}:
            assert new[key][: len(value)] == value
        else:
            assert new[key] == value, key
    assert set(new) - set(old) <= {"animations"}


def test_a_character_comes_back_with_a_dance_and_all_that_it_had(path, tmp_path):
    character = open_character(path)
    out = tmp_path / f"out{path.suffix}"
    character.write(out, character.put(dance()), name="waltz")
    old, new = read_gltf(path), read_gltf(out)
    before = json.loads(json.dumps(dict(old.document)))
    if "matrices" in path.name:
        for document in (before, new.document):
            for node in document["nodes"]:
                for key in ("matrix", "translation", "rotation", "scale"):
                    node.pop(key, None)
    kept(before, new.document)
    assert new.binary[: len(old.binary)] == old.binary
    assert [entry["name"] for entry in new.document["animations"]] == ["waltz"]


def test_the_joints_are_where_the_dance_puts_them(path, tmp_path):
    character = open_character(path)
    put = character.put(dance())
    out = tmp_path / f"out{path.suffix}"
    character.write(out, put)
    read = read_glb(out).clip
    assert read.skeleton.names == put.skeleton.names
    assert (read.num_frames, read.fps) == (put.num_frames, put.fps)
    np.testing.assert_allclose(forward(read)[0], forward(put)[0], atol=1e-4)


def test_limbs_point_where_those_of_the_dancer_point(path):
    character, clip = open_character(path), dance()
    put = character.put(clip)
    ways = directions(clip, find_bones(clip.skeleton).joints, ARMS)
    if path.name == "old.vrm":  # it faces the other way, and dances so
        ways = rot.rotate(rot.from_yaw(np.array(np.pi)), ways)
    assert degrees_between(ways, directions(put, character.rig.humanoid.joints, ARMS)).max() < 0.5


@needs_node
def test_the_validator_finds_nothing_and_three_shows_the_same_joints(path, tmp_path):
    character = open_character(path)
    put = character.put(dance())
    out = tmp_path / "out.glb"
    character.write(out, put)
    if path.name != "old.vrm":  # the validator warns of the name of that extension
        assert_valid(out)
    frames = [0, 17, 59]
    shown = poses_in_three(out, [frame / put.fps for frame in frames])["poses"]
    names = [node.get("name") for node in read_gltf(out).document["nodes"]]
    for moment, frame in zip(shown, frames, strict=True):
        near = [moment["nodes"][str(names.index(name))] for name in put.skeleton.names]
        np.testing.assert_allclose(near, forward(put)[0][frame], atol=1e-4)


def test_a_dance_on_a_character_may_go_into_other_formats(path, tmp_path):
    from transflower.formats.bvh import read_bvh, write_bvh

    put = open_character(path).put(dance())
    write_bvh(tmp_path / "put.bvh", put)
    read = read_bvh(tmp_path / "put.bvh", unit="cm", up="y").clip
    order = [read.skeleton.index(name) for name in put.skeleton.names]
    np.testing.assert_allclose(forward(read)[0][:, order], forward(put)[0], atol=1e-4)


def test_a_second_dance_is_put_behind_the_first(tmp_path):
    first, second = tmp_path / "first.glb", tmp_path / "second.glb"
    character = open_character(KINDS["armature.glb"].write(tmp_path / "a.glb"))
    character.write(first, character.put(dance()), name="one")
    again = open_character(first)
    again.write(second, again.put(dance(seed=1)), name="two")
    assert [entry["name"] for entry in read_gltf(second).document["animations"]] == ["one", "two"]


def test_it_is_shown_with_the_dance_alone(tmp_path):
    first = tmp_path / "first.glb"
    character = open_character(KINDS["armature.glb"].write(tmp_path / "a.glb"))
    character.write(first, character.put(dance(num_frames=90)), name="one")
    again = open_character(first)
    shown = parse_gltf(tmp_path / "shown.glb", again.show_clip(again.put(dance(seed=1))))
    assert [entry["name"] for entry in shown.document["animations"]] == ["dance"]
    assert shown.document["meshes"] == read_gltf(first).document["meshes"]


def test_a_gltf_with_files_beside_it_becomes_one_file(tmp_path):
    glb = KINDS["armature.glb"].write(tmp_path / "a.glb")
    file = read_gltf(glb)
    document = {**file.document, "buffers": [{"byteLength": len(file.binary), "uri": "a.bin"}]}
    (tmp_path / "a.bin").write_bytes(file.binary)
    (tmp_path / "a.gltf").write_text(json.dumps(document))
    character = open_character(tmp_path / "a.gltf")
    character.write(tmp_path / "out.glb", character.put(dance()))
    new = parse_gltf(tmp_path / "x" / "out.glb", (tmp_path / "out.glb").read_bytes())
    assert new.buffer(0, "test")[: len(file.binary)] == file.binary


def test_it_is_the_same_every_time(tmp_path):
    character = open_character(KINDS["new.vrm"].write(tmp_path / "a.vrm"))
    for name in ("x.vrm", "y.vrm"):
        character.write(tmp_path / name, character.put(dance()))
    assert (tmp_path / "x.vrm").read_bytes() == (tmp_path / "y.vrm").read_bytes()


def test_a_character_is_written_as_what_it_is(tmp_path):
    character = open_character(KINDS["armature.glb"].write(tmp_path / "a.glb"))
    put = character.put(dance())
    with pytest.raises(DataError, match=r"a\.glb with a dance in it is a \.glb file"):
        character.write(tmp_path / "a.vrm", put)
    with pytest.raises(DataError, match="another skeleton"):
        character.write(tmp_path / "b.glb", dance())
    assert not (tmp_path / "b.glb").exists()


def change_bones(change):
    def apply(document):
        change(document["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"])

    return apply


def change_old(change):
    def apply(document):
        change(document["extensions"]["VRM"]["humanoid"]["humanBones"])

    return apply


WRONG = {
    "no humanoid": ("new.vrm", lambda d: d["extensions"]["VRMC_vrm"].pop("humanoid"), "is a VRM without a humanoid"),
    "empty humanoid": ("new.vrm", change_bones(dict.clear), "is a VRM without a humanoid"),
    "a list of bones in VRM 1.0": (
        "new.vrm", lambda d: d["extensions"]["VRMC_vrm"]["humanoid"].update(humanBones=[]), "VRM without a humanoid",
    ),
    "an object of bones in VRM 0.x": (
        "old.vrm", lambda d: d["extensions"]["VRM"]["humanoid"].update(humanBones={}), "is a VRM without a humanoid",
    ),
    "an extension that is no object": ("new.vrm", lambda d: d["extensions"].update(VRMC_vrm=3), "is no object"),
    "a node that there is not": ("new.vrm", change_bones(lambda b: b["head"].update(node=999)), r"nodes\[999\]"),
    "a node that is text": ("new.vrm", change_bones(lambda b: b["hips"].update(node="hips")), "points to nodes"),
    "a bone that is no object": ("new.vrm", change_bones(lambda b: b.update(hips=[1])), "points to nodes"),
    "a node twice": (
        "new.vrm", change_bones(lambda b: b["leftHand"].update(node=b["leftFoot"]["node"])), "as both left.* and left",
    ),
    "a bone twice in VRM 0.x": (
        "old.vrm", change_old(lambda b: b.append({"bone": "hips", "node": b[5]["node"]})), "as both",
    ),
    "no left lower leg": ("new.vrm", change_bones(lambda b: b.pop("leftLowerLeg")), "has no left lower leg"),
    "no head in VRM 0.x": (
        "old.vrm", change_old(lambda b: b.pop([e["bone"] for e in b].index("head"))), "has no head",
    ),
    "legs upside down": (
        "new.vrm",
        change_bones(lambda b: b.update(leftFoot=b["leftLowerLeg"], leftLowerLeg=b["leftFoot"])),
        "has a humanoid that no body has: joint .* cannot be the left foot",
    ),
    "no nodes": ("armature.glb", lambda d: [d.pop(k) for k in ("nodes", "skins", "scenes")], "holds no skeleton"),
    "a skin of no nodes": ("armature.glb", lambda d: d["skins"][0].update(joints=[5000]), r"nodes\[5000\]"),
    "joints that are no list": ("armature.glb", lambda d: d["skins"][0].update(joints=0.5), "joints that are no list"),
    "animations that are text": ("armature.glb", lambda d: d.update(animations="x"), "animations are no list"),
    "a node below itself": (
        "armature.glb", lambda d: d["nodes"][5].setdefault("children", []).append(0), "is below itself",
    ),
    "a rest pose that lies in itself": (
        "plain.glb", lambda d: [node.update(translation=[0, 0, 0]) for node in d["nodes"]], "has no hips, spine",
    ),
    "a rotation of nothing": ("armature.glb", lambda d: d["nodes"][3].update(rotation=[0] * 4), "rotation 0 0 0 0"),
    "a robot without bones": (
        "plain.glb", lambda d: d.update(skins=[{"joints": [0, 1]}]), "has no left upper leg|has no hips",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_character_gets_one_sentence(case, tmp_path):
    kind, change, told = WRONG[case]
    appender = KINDS[kind].build()
    change(appender.document)
    path = tmp_path / kind
    path.write_bytes(appender.to_glb())
    with pytest.raises(TransflowerError, match=told) as raised:
        open_character(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.glb", b"", "is empty"),
        ("a.vrm", b"PK\x03\x04" + bytes(50), "is no glTF file"),
        ("a.fbx", b"Kaydara FBX Binary", "is no character; there are: .bvh, .glb"),
        ("a.bvh", b"HIERARCHY\nROOT x\n", r"a\.bvh"),
    ],
)
def test_a_file_that_is_no_character_gets_one_sentence(name, content, told, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=told):
        open_character(tmp_path / name)


def test_a_character_that_is_not_there_gets_one_sentence(tmp_path):
    with pytest.raises(FormatError, match="nobody"):
        open_character(tmp_path / "nobody.glb")


def test_a_skin_without_joints_tells_nothing_of_the_rest_pose(tmp_path):
    appender = Character(BODY, sits=True).build()
    skins = appender.entries("skins")
    skins.insert(0, {"inverseBindMatrices": skins[0]["inverseBindMatrices"]})
    (tmp_path / "me.glb").write_bytes(appender.to_glb())
    assert open_character(tmp_path / "me.glb").put(dance()).num_frames == 60
