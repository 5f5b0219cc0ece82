import numpy as np
import pytest

from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower.core.errors import DataError
from transflower.motion.humanoid import find_bones
from transflower.motion.humanoid.bones import BONES, PARENTS, REQUIRED
from transflower.motion.humanoid.names import read_name
from transflower.motion.skeleton import Skeleton


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_joints_of_every_convention_are_found_by_name(convention):
    skeleton, joints = Body(names=CONVENTIONS[convention]).build()
    assert find_bones(skeleton).joints == joints


@pytest.mark.parametrize("yaw", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("arms_down", [0.0, 0.8])
def test_joints_whose_names_tell_nothing_are_found_by_shape(yaw, arms_down):
    body = Body(yaw=yaw, arms_down=arms_down)
    _, joints = body.build()
    skeleton, _ = Body(
        names={bone: f"Joint{joint}" for bone, joint in joints.items()}, yaw=yaw, arms_down=arms_down
    ).build()
    assert find_bones(skeleton).joints == joints


@pytest.mark.parametrize(
    "without",
    [("Toes",), ("Shoulder",), ("neck",), ("upperChest",), ("chest", "upperChest"), ("Toes", "Shoulder", "neck")],
)
def test_bodies_with_fewer_joints_are_complete(without):
    skeleton, joints = Body(without=without).build()
    found = find_bones(skeleton)
    assert not found.missing
    for bone in ("hips", "spine", "head", "leftUpperArm", "rightFoot"):
        assert found.joints[bone] == joints[bone]


@pytest.mark.parametrize(
    ("bone", "told"),
    [("leftLowerLeg", "left lower leg and left foot"), ("rightHand", "right hand"), ("head", "no head"),
     ("leftUpperArm", "left upper arm, left lower arm and left hand")],
)  # fmt: skip
def test_what_is_missing_is_said_in_words(bone, told):
    skeleton, joints = Body(without=("Toes",)).build()
    keep = [joint for joint in range(skeleton.num_joints) if not _is_below(skeleton, joint, joints[bone])]
    cut = Skeleton(
        tuple(skeleton.names[joint] for joint in keep),
        tuple(keep.index(skeleton.parents[joint]) if joint else -1 for joint in keep),
        skeleton.offsets[keep],
    )
    with pytest.raises(DataError, match=f"the robot has no .*{told.removeprefix('no ')}.*; bend it by hand"):
        find_bones(cut).check_complete("the robot", advice="bend it by hand")


def _is_below(skeleton, joint, above):
    while joint >= 0:
        if joint == above:
            return True
        joint = skeleton.parents[joint]
    return False


def test_fingers_are_found_and_bones_of_the_palm_are_not():
    skeleton, joints = Body(fingers=True).build()
    renamed = {
        "leftIndexProximal": "LeftHandIndex1",
        "leftIndexIntermediate": "LeftHandIndex2",
        "leftIndexDistal": "LeftHandIndex3",
    }
    names = tuple(next((new for bone, new in renamed.items() if joints[bone] == index), name)
                  for index, name in enumerate(skeleton.names))  # fmt: skip
    found = find_bones(Skeleton(names, skeleton.parents, skeleton.offsets))
    assert {bone: joint for bone, joint in found.joints.items() if bone in renamed} == {
        bone: joints[bone] for bone in renamed
    }


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (("index_metacarpal_l", "index_01_l", "index_02_l", "index_03_l"), "index_01_l"),
        (("LeftHandIndex", "LeftHandIndex1", "LeftHandIndex2", "LeftHandIndex3"), "LeftHandIndex1"),
        (("LeftHandIndex1", "LeftHandIndex2", "LeftHandIndex3", "LeftHandIndex4"), "LeftHandIndex1"),
        (("Bip01 L Finger1", "Bip01 L Finger11", "Bip01 L Finger12"), "Bip01 L Finger1"),
        (("LeftSecondMC", "LeftSecondPP", "LeftSecondMP", "LeftSecondDP"), "LeftSecondPP"),
        (("LeftInHandIndex", "LeftHandIndex1", "LeftHandIndex2", "LeftHandIndex3"), "LeftHandIndex1"),
        (("left_index1", "left_index2", "left_index3"), "left_index1"),
        (("LeftFinger2Metacarpal", "LeftFinger2Proximal", "LeftFinger2Medial"), "LeftFinger2Proximal"),
    ],
)
def test_the_first_bone_of_a_finger(chain, expected):
    body, joints = Body().build()
    hand = joints["leftHand"]
    names = (*body.names, *chain)
    first = body.num_joints
    parents = (*body.parents, hand, *range(first, first + len(chain) - 1))
    offsets = np.concatenate([body.offsets, [[0.03, 0, 0]] * len(chain)])
    found = find_bones(Skeleton(names, parents, offsets)).joints
    assert names[found["leftIndexProximal"]] == expected


@pytest.mark.parametrize(
    "name",
    ["thigh_twist_01_l", "ForeArmRoll_L", "LeftHand_End", "J_Sec_Hair1", "ik_foot_l", "lButtock", "LHipJoint",
     "CC_Base_L_ToeBaseShareBone", "RightToe_End", "HeadTop_End", "root", "skirt_01", "Bip01 HeadNub"],
)  # fmt: skip
def test_helpers_are_no_bones(name):
    assert not read_name(name).roles


def test_twist_joints_within_a_limb_are_left_alone():
    skeleton, joints = Body(names=CONVENTIONS["rigify"]).build()
    names = list(skeleton.names)
    arm, elbow = joints["leftUpperArm"], joints["leftLowerArm"]
    parents = [parent + (parent > arm) if parent >= 0 else -1 for parent in skeleton.parents]
    parents[elbow] = arm + 1
    names.insert(arm + 1, "DEF-upper_arm.L.001")
    parents.insert(arm + 1, arm)
    offsets = np.insert(skeleton.offsets, arm + 1, 0.5 * skeleton.offsets[elbow], axis=0)
    found = find_bones(Skeleton(tuple(names), tuple(parents), offsets))
    assert found.joints["leftUpperArm"] == arm
    assert names[found.joints["leftLowerArm"]] == "DEF-forearm.L"


def test_any_tree_of_joints_gives_an_answer():
    for count in (1, 2, 3, 7):
        chain = Skeleton(tuple(f"j{i}" for i in range(count)), tuple(range(-1, count - 1)), np.zeros((count, 3)))
        assert set(find_bones(chain).missing) <= set(REQUIRED)


def test_the_table_of_bones_is_a_tree():
    assert set(PARENTS) | {"hips"} == set(BONES)
    assert len(BONES) == len(set(BONES)) == 55
