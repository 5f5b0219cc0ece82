"""Real recordings below ``--real-data=DIR``, put on another skeleton and back; and a dance put on theirs."""

import numpy as np
import pytest

from tests.motion.retarget.test_retarget import dance
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import read_bvh
from transflower.motion import rotations as rot
from transflower.motion.contacts import contact_and_slide
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.kinematics import forward
from transflower.motion.retarget import read_rig, retarget
from transflower.motion.retarget.hinges import HINGES
from transflower.synthetic.skeleton import SKELETON

pytestmark = pytest.mark.real_data

LIMBS = {"UpperArm": ("LowerArm", "Hand"), "UpperLeg": ("LowerLeg", "Foot")}


@pytest.fixture
def clip(real_bvh):
    try:
        return read_bvh(real_bvh).clip
    except FormatError as error:
        pytest.skip(str(error))


@pytest.fixture
def rig(clip):
    try:
        return read_rig(clip)
    except DataError as error:
        pytest.skip(str(error))


def slide(rig, clip):
    """Metres per second along the floor of feet that stand."""
    feet = rig.feet(forward(clip))
    stands, speeds = zip(*(contact_and_slide(feet[:, foot], clip.fps) for foot in range(2)), strict=True)
    stands, speeds = np.stack(stands), np.stack(speeds)
    return float(speeds[stands].mean()) if stands.any() else 0.0


def bends_the_wrong_way(rig, clip):
    """Degrees, for each limb in each frame; below 0 where it bends the right way."""
    positions, rotations = forward(clip)
    found = []
    for side in SIDES:
        for upper, (lower, end) in LIMBS.items():
            start, middle, tip = (rig.humanoid.joints[side + bone] for bone in (upper, lower, end))
            bones = positions[:, middle] - positions[:, start], positions[:, tip] - positions[:, middle]
            first, second = (bone / np.linalg.norm(bone, axis=-1, keepdims=True) for bone in bones)
            hinge = rot.rotate(rot.multiply(rotations[:, start], rig.frames[side + upper]), HINGES[side + upper])
            found.append(-np.sum(np.cross(first, second) * hinge, axis=-1))
    return np.degrees(np.arcsin(np.clip(found, -1, 1)))


def check(source, clip, target):
    put = retarget(clip, target, source=source)
    assert slide(target, put) < 1.5 * slide(source, clip) + 0.02
    # A recording may have stretched a limb too far; nothing is added to that.
    assert bends_the_wrong_way(target, put).max() < max(5.0, bends_the_wrong_way(source, clip).max() + 2)
    back = retarget(put, source, source=target)
    both = [source.humanoid.joints[bone] for bone in source.frames if bone in target.frames]
    assert np.degrees(np.median(rot.angle_between(back.rotations, clip.rotations)[:, both])) < 2
    feet = [source.humanoid.joints[f"{side}Foot"] for side in SIDES]
    apart = np.linalg.norm(forward(back)[0][:, feet] - forward(clip)[0][:, feet], axis=-1)
    assert np.percentile(apart, 95) < 0.03


def test_a_dance_comes_back_from_the_body_of_a_recording_though_only_itself_tells_of_it(rig):
    clip = dance(num_frames=150)
    source = read_rig(clip)
    back = retarget(retarget(clip, rig, source=source), source)
    both = [source.humanoid.joints[bone] for bone in source.frames if bone in rig.frames]
    assert np.degrees(np.median(rot.angle_between(back.rotations, clip.rotations)[:, both])) < 2
    feet = [source.humanoid.joints[f"{side}Foot"] for side in SIDES]
    apart = np.linalg.norm(forward(back)[0][:, feet] - forward(clip)[0][:, feet], axis=-1)
    assert np.percentile(apart, 95) < 0.03


def test_a_recording_goes_onto_another_body_and_back(rig, clip):
    check(rig, clip, read_rig(SKELETON))


def test_a_dance_goes_onto_the_body_of_a_recording_and_back(rig):
    ours = dance(num_frames=150)
    check(read_rig(ours), ours, rig)
