import numpy as np
import pytest

from tests.motion.humanoid.bodies import CONVENTIONS, Body
from tests.motion.retarget.test_retarget import dance
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import BvhLayout, read_bvh, write_bvh
from transflower.formats.character import open_character
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

LAYOUT = BvhLayout(metres_per_unit=0.0254, up="z", rest="z", channels={"Hips": (
    "Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")})  # fmt: skip


@pytest.fixture
def path(tmp_path):
    write_bvh(tmp_path / "me.bvh", dance(Body(legs=1.1)), layout=LAYOUT)
    return tmp_path / "me.bvh"


def test_the_dance_comes_back_in_the_layout_of_the_character(path, tmp_path):
    character = open_character(path)
    put = character.put(dance(seed=3))
    character.write(tmp_path / "out.bvh", put)
    before, after = read_bvh(path), read_bvh(tmp_path / "out.bvh")
    assert after.layout == before.layout
    assert after.clip.skeleton.names == before.clip.skeleton.names
    np.testing.assert_allclose(after.clip.skeleton.offsets, before.clip.skeleton.offsets, atol=1e-6)
    np.testing.assert_allclose(forward(after.clip)[0], forward(put)[0], atol=1e-4)


def test_a_hierarchy_without_motion_is_a_character(path, tmp_path):
    text = path.read_text()
    (tmp_path / "rest.bvh").write_text(text[: text.index("MOTION")])
    character = open_character(tmp_path / "rest.bvh")
    assert character.put(dance()).num_frames == 60


def test_a_broken_motion_is_refused_whatever_the_name_of_the_file_says(path, tmp_path):
    broken = tmp_path / "is a skeleton without MOTION.bvh"
    broken.write_text(path.read_text().replace("Frame Time", "Frame Tame"))
    with pytest.raises(FormatError, match="Frame T"):
        open_character(broken)


def test_a_body_that_lacks_bones_is_to_get_a_table(tmp_path):
    skeleton, _ = Body(without=("Foot", "Toes")).build()
    write_bvh(tmp_path / "me.bvh", Clip(skeleton, 30.0, rot.identity(3, skeleton.num_joints), {0: np.zeros((3, 3))}))
    with pytest.raises(DataError, match=r"me\.bvh has no .*; say which joint is which bone by --map FILE"):
        open_character(tmp_path / "me.bvh")


def test_a_table_is_written_and_then_counts(tmp_path):
    names = {bone: f"part{index}" for index, bone in enumerate(CONVENTIONS["daz"])}
    write_bvh(tmp_path / "me.bvh", dance(Body(names=names | {"leftHand": "claw"})))
    table = tmp_path / "me.txt"
    open_character(tmp_path / "me.bvh", table)
    text = table.read_text()
    assert "leftHand: claw\n" in text
    table.write_text(text.replace("leftHand: claw", "leftHand: paw"))
    with pytest.raises(FormatError, match=r"me\.txt, line \d+: the character has no joint 'paw'"):
        open_character(tmp_path / "me.bvh", table)


def test_a_table_of_a_body_that_lacks_bones_is_written_to_be_filled_in(tmp_path):
    body = Body(names={bone: f"part{index}" for index, bone in enumerate(CONVENTIONS["daz"])}, without=("Foot", "Toes"))
    skeleton, _ = body.build()
    still = Clip(skeleton, 30.0, rot.identity(3, skeleton.num_joints), {0: np.zeros((3, 3))})
    write_bvh(tmp_path / "me.bvh", still)
    with pytest.raises(DataError, match=r"me\.bvh lacks bones: fill in .*leftFoot.* in .*me\.txt, which was written"):
        open_character(tmp_path / "me.bvh", tmp_path / "me.txt")
    assert "leftFoot:\n" in (tmp_path / "me.txt").read_text()
