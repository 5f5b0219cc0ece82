import pytest

from tests.motion.humanoid.bodies import Body
from transflower.core.errors import FormatError
from transflower.motion.humanoid import find_bones
from transflower.motion.humanoid.bone_map import read_bone_map, write_bone_map


@pytest.fixture
def humanoid():
    return find_bones(Body(fingers=True, above=("root",)).build()[0])


def test_a_table_that_was_written_is_read_as_it_was(humanoid, tmp_path):
    write_bone_map(tmp_path / "map.txt", humanoid)
    assert read_bone_map(tmp_path / "map.txt", humanoid.skeleton).joints == humanoid.joints


def test_a_table_says_which_joints_are_no_bone_and_what_a_dance_needs(humanoid, tmp_path):
    write_bone_map(tmp_path / "map.txt", humanoid)
    text = (tmp_path / "map.txt").read_text()
    assert "#   root" in text
    assert "leftEye:\n" in text
    assert "A dance needs: hips, spine, head" in text


def test_a_corrected_table_counts(humanoid, tmp_path):
    write_bone_map(tmp_path / "map.txt", humanoid)
    text = (tmp_path / "map.txt").read_text().replace("leftToes: LeftToeBase", "leftToes:")
    (tmp_path / "map.txt").write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    read = read_bone_map(tmp_path / "map.txt", humanoid.skeleton)
    assert read.joints == {bone: joint for bone, joint in humanoid.joints.items() if bone != "leftToes"}


WRONG = {
    "an unknown bone": ("spine: Spine", "spin: Spine", "line 5: there is no bone 'spin'; did you mean spine?"),
    "a bone of another table": ("spine: Spine", "mixamorig: Spine", "line 5: there is no bone 'mixamorig'"),
    "an unknown joint": ("head: Head", "head: Haed", "has no joint 'Haed'; did you mean Head?"),
    "a joint in other letters": ("head: Head", "head: HEAD", "has no joint 'HEAD'; did you mean Head?"),
    "a joint twice": ("neck: Neck", "neck: Head", "joint 'Head' is the neck in line 8 already; a joint is one bone"),
    "a bone twice": ("neck: Neck", "spine: Neck", "line 8: spine is in line 5 already"),
    "no colon": ("neck: Neck", "neck Neck", "line 8: expected 'bone: joint', got 'neck Neck'"),
    "another sign": ("neck: Neck", "neck = Neck", "line 8: expected 'bone: joint'"),
    "a bone without a name": ("neck: Neck", ": Neck", "line 8: there is no bone ''"),
    "an arm as a leg": ("leftUpperLeg: LeftUpLeg", "leftUpperLeg: LeftArm", "is the left upper arm in line 12 already"),
    "no hips": ("hips: Hips", "hips:", "names no joint for hips, which a dance needs"),
    "no hand": ("leftHand: LeftHand\n", "", "names no joint for leftHand, which a dance needs"),
    "an impossible order": (
        "hips: Hips\nspine: Spine\n", "hips: Spine\nspine: Hips\n", "does not hang from 'Spine', the hips",
    ),
    "a lower leg above its upper leg": (
        "leftUpperLeg: LeftUpLeg\nleftLowerLeg: LeftLeg", "leftUpperLeg: LeftLeg\nleftLowerLeg: LeftUpLeg",
        "joint 'LeftUpLeg' cannot be the left lower leg: it does not hang from 'LeftLeg', the left upper leg",
    ),
    "a side of the other leg": (
        "leftFoot: LeftFoot", "leftFoot: RightFoot", "already; a joint is one bone",
    ),
    "JSON": ("hips: Hips\n", '{"hips": "Hips"}\n', "there is no bone"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_table_gets_one_sentence(case, humanoid, tmp_path):
    old, new, told = WRONG[case]
    write_bone_map(tmp_path / "map.txt", humanoid)
    text = (tmp_path / "map.txt").read_text()
    assert text.count(old) >= 1
    (tmp_path / "map.txt").write_text(text.replace(old, new, 1))
    with pytest.raises(FormatError) as raised:
        read_bone_map(tmp_path / "map.txt", humanoid.skeleton)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "map.txt"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "names no joint for hips"),
        (b"# nothing\n", "names no joint for hips"),
        (b"\xff\xfe\x00h", "is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is not UTF-8 text"),
        (b"hips: Hips\0", "has no joint"),
        (b"x" * 2**20 + b"x", "is larger than"),
    ],
)
def test_a_file_that_is_no_table_gets_one_sentence(content, told, humanoid, tmp_path):
    (tmp_path / "map.txt").write_bytes(content)
    with pytest.raises(FormatError, match=told):
        read_bone_map(tmp_path / "map.txt", humanoid.skeleton)


def test_a_table_that_is_not_there_gets_one_sentence(humanoid, tmp_path):
    with pytest.raises(FormatError, match=r"map\.txt"):
        read_bone_map(tmp_path / "map.txt", humanoid.skeleton)
