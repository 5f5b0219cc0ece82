import json
from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import FormatError
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import (
    AudioSidecar,
    MotionSidecar,
    MovesSidecar,
    read_sidecar,
    sidecar_from_dict,
    write_sidecar,
)
from transflower.formats.bvh import BvhLayout, write_bvh

LAYOUT = BvhLayout(metres_per_unit=0.0254, up="z", channels={"Hips": ("Xposition", "Zrotation")}, frame_time=".05")


def motion_tree(**changes) -> dict:
    clip = make_clip(3, skeleton=make_skeleton(above=("World",)))
    return {**describe_motion(clip, "expmap", layout=LAYOUT).to_dict(), **changes}


def audio_tree(**changes) -> dict:
    return {
        "kind": "audio",
        "fps": 30,
        "names": ["onset", "beat"],
        "silence": [0, 0],
        "settings": {"mels": 0},
        **changes,
    }


def without(tree: dict, *keys: str) -> dict:
    return {key: value for key, value in tree.items() if key not in keys}


@pytest.mark.parametrize("representation", ["expmap", "rot6d"])
def test_a_motion_sidecar_is_read_back(tmp_path, representation):
    clip = make_clip(6, skeleton=make_skeleton(above=("World",)), moving=("Head",))
    sidecar = replace(describe_motion(clip, representation, layout=LAYOUT), metres_per_unit=0.01)
    write_sidecar(tmp_path / "motion.json", sidecar)
    back = read_sidecar(tmp_path / "motion.json")
    assert isinstance(back, MotionSidecar)
    assert back.to_dict() == sidecar.to_dict()
    assert back.layout == LAYOUT
    features = encode_motion(clip, sidecar)
    np.testing.assert_array_equal(encode_motion(clip, back), features)
    np.testing.assert_array_equal(decode_motion(features, back).rotations, decode_motion(features, sidecar).rotations)


def test_an_audio_sidecar_is_read_back(tmp_path):
    sidecar = AudioSidecar(fps=30.0, names=("onset", "beat"), silence=(-1.0, 0.5), settings={"mels": 0})
    write_sidecar(tmp_path / "audio.json", sidecar)
    assert read_sidecar(tmp_path / "audio.json") == sidecar


def test_a_sidecar_of_moves_is_read_back_and_its_sizes_must_agree(tmp_path):
    sidecar = MovesSidecar(
        fps=30.0, of="motion", frames=60, mean=(0.0, 1.0), scale=(1.0, 0.0), centres=((1.0,) * 4,), cost_of_change=2.5
    )
    write_sidecar(tmp_path / "moves.json", sidecar)
    assert read_sidecar(tmp_path / "moves.json") == sidecar
    with pytest.raises(FormatError, match="every centre twice as many"):
        sidecar_from_dict({**sidecar.to_dict(), "centres": [[1.0] * 3]}, tmp_path / "moves.json")


def test_a_sidecar_written_by_hand_may_name_a_bvh_beside_it(tmp_path):
    clip = make_clip(2)
    write_bvh(tmp_path / "body.bvh", clip)
    tree = {"kind": "motion", "fps": 20, "names": ["Spine_alpha"], "representation": "expmap", "skeleton": "body.bvh"}
    (tmp_path / "motion.json").write_text(json.dumps(tree))
    sidecar = read_sidecar(tmp_path / "motion.json")
    assert isinstance(sidecar, MotionSidecar)
    assert sidecar.skeleton.names == clip.skeleton.names
    np.testing.assert_allclose(sidecar.skeleton.offsets, clip.skeleton.offsets, atol=1e-5)


SKELETON = make_skeleton().to_dict()
SYMMETRY = {"partners": list(range(12)), "reflections": [0] * 12}


def layout(**changes) -> dict:
    return motion_tree(layout={**LAYOUT.to_dict(), **changes})


MALFORMED = {
    "a list": ([1], "JSON object"),
    "no kind": (without(motion_tree(), "kind"), "'kind'"),
    "an unknown kind": (motion_tree(kind="video"), "'kind'.*'video'"),
    "a kind that is a list": (motion_tree(kind=[]), "'kind'"),
    "no fps": (without(motion_tree(), "fps"), "'fps'"),
    "fps zero": (motion_tree(fps=0), "'fps'"),
    "fps not a number": (motion_tree(fps="fast"), "'fps'"),
    "fps infinite": (motion_tree(fps=float("inf")), "'Infinity'"),
    "fps NaN": (audio_tree(fps=float("nan")), "'NaN'"),
    "fps true": (motion_tree(fps=True), "'fps'"),
    "fps as text": (audio_tree(fps="30"), "'fps'"),
    "fps of nothing": (audio_tree(fps=1e9), "'fps'"),
    "fps of twenty digits": (motion_tree(fps=10**21), "22 digits"),
    "a unit of nothing": (motion_tree(metres_per_unit=1e-200), "'metres_per_unit'"),
    "a unit true": (motion_tree(metres_per_unit=True), "'metres_per_unit'"),
    "an unknown key": (motion_tree(metres_per_units=1), "'metres_per_units'"),
    "names no list": (motion_tree(names="all"), "'names'"),
    "a name that is a number": (motion_tree(names=["Hips_alpha", 3]), "'names.1'"),
    "a name twice": (motion_tree(names=["Hips_alpha", "Hips_alpha"]), "column 1.*'Hips_alpha'"),
    "a name of no joint": (motion_tree(names=["Tail_alpha"]), "column 0.*'Tail_alpha'"),
    "an unknown representation": (motion_tree(representation="rot5d"), "'rot5d'.*'rot6d'"),
    "a unit of no length": (motion_tree(metres_per_unit=0), "'metres_per_unit'"),
    "forward of two numbers": (motion_tree(forward=[0, 1]), "'forward.2'"),
    "no skeleton": (without(motion_tree(), "skeleton"), "'skeleton'"),
    "a skeleton that is a number": (motion_tree(skeleton=3), "'skeleton'"),
    "a skeleton without parents": (motion_tree(skeleton=without(SKELETON, "parents")), "'skeleton'"),
    "a skeleton without joints": (
        motion_tree(skeleton={"names": [], "parents": [], "offsets": [], "end_sites": {}}),
        "'skeleton'",
    ),
    "a parent too few": (motion_tree(skeleton={**SKELETON, "parents": SKELETON["parents"][:-1]}), "'skeleton'"),
    "a parent after its child": (motion_tree(skeleton={**SKELETON, "parents": [-1, 5] + [0] * 9}), "'Spine'"),
    "offsets of two numbers": (motion_tree(skeleton={**SKELETON, "offsets": [[0, 0]] * 11}), "'skeleton'"),
    "an offset NaN": (motion_tree(skeleton={**SKELETON, "offsets": [[0, 0, float("nan")]] * 11}), "'NaN'"),
    "an end site of no joint": (motion_tree(skeleton={**SKELETON, "end_sites": {"99": [0, 0, 0]}}), "'skeleton'"),
    "end sites in a list": (motion_tree(skeleton={**SKELETON, "end_sites": [[0, 0, 0]]}), "'skeleton'"),
    "end sites of a word": (motion_tree(skeleton={**SKELETON, "end_sites": {"3": "abc"}}), "'skeleton'"),
    "an end site that is not finite": (motion_tree(skeleton={**SKELETON, "end_sites": {"3": ["inf", 0, 0]}}), "end s"),
    "joints that are numbers": (motion_tree(skeleton={**SKELETON, "names": list(range(11))}), "'skeleton'"),
    "parents that are no whole numbers": (motion_tree(skeleton={**SKELETON, "parents": [-1.0] + [0.5] * 10}), "'skel"),
    "a skeleton outside of the folder": (motion_tree(skeleton="../body.bvh"), r"'\.\./body\.bvh'"),
    "a skeleton file that is missing": (motion_tree(skeleton="body.bvh"), r"body\.bvh"),
    "a root that is not the motion root": (
        motion_tree(root={"joint": 0, "rotations": [], "translations": []}),
        "joint 0",
    ),
    "a root without rotations": (motion_tree(root={"joint": 1}), "'root'"),
    "a root with a chain too short": (motion_tree(root={"joint": 1, "rotations": [], "translations": []}), "'root'"),
    "a layout with an axis w": (motion_tree(layout={"up": "w"}), "'layout.up'"),
    "a symmetry of words": (motion_tree(symmetry={"partners": "all", "reflections": []}), "'symmetry.partners'"),
    "a symmetry of fewer joints": (motion_tree(symmetry={"partners": [0], "reflections": [0]}), "symmetry"),
    "a symmetry of joints that there are not": (motion_tree(symmetry={**SYMMETRY, "partners": [99] * 12}), "symmetry"),
    "a partner that has another": (motion_tree(symmetry={**SYMMETRY, "partners": [1, 2, 0, *range(3, 12)]}), "symm"),
    "a reflection that there is not": (motion_tree(symmetry={**SYMMETRY, "reflections": [9] * 12}), "symmetry"),
    "a layout with a channel twice": (layout(channels={"Hips": ["Xposition", "Xposition"]}), "Hips.*Xposition"),
    "a layout with a channel of no joint": (layout(channels={"Hips": ["Xscale"]}), "Hips.*Xscale"),
    "a layout of no unit": (layout(metres_per_unit=0), "0 metres"),
    "a layout of a unit below all units": (layout(metres_per_unit=-0.01), "-0.01 metres"),
    "an offset to the stars": (motion_tree(skeleton={**SKELETON, "offsets": [[0, 0, 1e14]] * 11}), "'skeleton'"),
    "a root beyond the stars": (
        motion_tree(root={"joint": 1, "rotations": [1, 0, 0, 0], "translations": [0, 0, 1e14]}),
        "'root'",
    ),
    "a root turned by no rotation": (
        motion_tree(root={"joint": 1, "rotations": [1, 0, 1e9, 0], "translations": [0, 0, 0]}),
        "'root'",
    ),
    "silence too short": (audio_tree(silence=[0]), "silence"),
    "silence of words": (audio_tree(silence=["quiet", "quiet"]), "'silence.0'"),
    "settings that are a list": (audio_tree(settings=[1]), "'settings'"),
}


@pytest.mark.parametrize(("tree", "place"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_sidecar_is_refused_with_file_and_key(tmp_path, tree, place):
    path = tmp_path / "motion.json"
    path.write_text(json.dumps(tree))
    with pytest.raises(FormatError, match=place) as caught:
        read_sidecar(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "place"), [("", "line 1"), ('{\n"kind": "motion",\n}', "line 3"), ("\xff", "UTF-8")])
def test_what_is_no_json_is_refused_with_file_and_line(tmp_path, text, place):
    path = tmp_path / "motion.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError, match=place):
        read_sidecar(path)


def test_all_faults_are_named_at_once():
    with pytest.raises(FormatError, match=r"'fps'.*'names'"):
        sidecar_from_dict(without(audio_tree(fps=0), "names"), "audio.json")


def test_skeleton_beside_that_is_a_device_is_refused(tmp_path):
    (tmp_path / "body.bvh").symlink_to("/dev/zero")
    (tmp_path / "motion.json").write_text(json.dumps(motion_tree(skeleton="body.bvh")))
    with pytest.raises(FormatError, match=r"body\.bvh: cannot be read \(it is a device"):
        read_sidecar(tmp_path / "motion.json")
