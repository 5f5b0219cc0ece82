"""The common skeleton as a character."""

from pathlib import Path

import numpy as np

from tests.motion.humanoid.bodies import Body
from tests.motion.retarget.test_retarget import dance
from transflower.formats.bvh import read_bvh
from transflower.formats.character import open_character
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.humanoid.bones import FINGERS, SIDES
from transflower.motion.retarget import read_rig


def test_the_word_stands_for_the_common_skeleton(tmp_path):
    character = open_character(Path("common"))
    character.write(tmp_path / "dance.bvh", character.put(dance(Body(legs=1.2), 40)))
    skeleton = read_bvh(tmp_path / "dance.bvh").clip.skeleton
    assert skeleton.names == common_skeleton().names
    np.testing.assert_allclose(skeleton.offsets[1:], common_skeleton().offsets[1:], atol=1e-6)


def test_with_fingers_it_has_every_bone_but_those_of_the_face():
    found = read_rig(common_skeleton(fingers=True)).humanoid
    assert not found.missing
    assert all(side + bone in found.joints for side in SIDES for finger in FINGERS.values() for bone in finger)
    assert len(found.joints) == common_skeleton(fingers=True).num_joints
