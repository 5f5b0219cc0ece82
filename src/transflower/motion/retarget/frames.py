"""The axes of each bone, in which rotations of different skeletons mean the same.

In a T-pose that faces +Z, with the palms down, the axes of all bones are those of the world. From there an arm or a leg
comes to its place in the standing pose of a skeleton by the shortest turn; where an elbow or a knee bends, its hinge
tells how the bone is turned about itself.

Shape letters: J joints, N points (joints, then end sites), T frames.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import FINGERS, SIDES
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.retarget.hinges import HINGES, hinge_turn
from transflower.motion.retarget.square import is_square
from transflower.motion.retarget.standing import StandingPose

_OUTWARDS = {"left": np.array([1.0, 0, 0]), "right": np.array([-1.0, 0, 0])}
_DOWN, _UP, _FORWARD = np.array([0.0, -1, 0]), np.array([0.0, 1, 0]), np.array([0.0, 0, 1])
_BENDS = {"UpperArm": ("LowerArm", "Hand"), "UpperLeg": ("LowerLeg", "Foot")}
_SQUARE = np.radians(5)
"""How far from square the axes of an arm may be, which then are known."""
_ODD_HAND = np.cos(np.radians(60))


def bone_frames(humanoid: Humanoid, pose: StandingPose, clip: Clip | None) -> dict[str, Float[np.ndarray, "4"]]:
    """The axes of each bone as its joint sees them."""
    world = dict.fromkeys(humanoid.joints, pose.body)
    for side in SIDES:
        world |= _arm(humanoid, pose, side) | _leg(humanoid, pose, side)
    frames = {bone: _seen(pose, humanoid.joints[bone], rotation) for bone, rotation in world.items()}
    if pose.is_exact:
        return frames | _with_hinges(humanoid, pose, clip, frames)
    return frames if clip is None else frames | _with_even_twist(humanoid, clip, frames)


def _seen(pose: StandingPose, joint: int, rotation: Float[np.ndarray, "4"]) -> Float[np.ndarray, "4"]:
    return rot.multiply(rot.inverse(pose.rotations[joint]), rotation)


def _arm(humanoid: Humanoid, pose: StandingPose, side: str) -> dict[str, Float[np.ndarray, "4"]]:
    shoulder, elbow, wrist = (pose.points[humanoid.joints[side + bone]] for bone in ("UpperArm", "LowerArm", "Hand"))
    upper, lower = elbow - shoulder, wrist - elbow
    hand = _hand_direction(humanoid, pose, side, lower)
    turned = rot.multiply(rot.shortest(rot.rotate(pose.body, _OUTWARDS[side]), upper), pose.body)
    found = {f"{side}UpperArm": turned}
    found[f"{side}LowerArm"] = turned = rot.multiply(rot.shortest(upper, lower), turned)
    turned = rot.multiply(rot.shortest(lower, hand), turned)
    found[f"{side}Hand"] = turned = _with_palm(humanoid, pose, side, hand, turned)
    return found | _fingers(humanoid, pose, side, hand, turned)


def _hand_direction(
    humanoid: Humanoid, pose: StandingPose, side: str, lower: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "3"]:
    """From the wrist to the knuckles or to the tip; that of the lower arm where that is no direction of a hand."""
    wrist = humanoid.joints[f"{side}Hand"]
    knuckles = [
        humanoid.joints[side + finger[0]]
        for name, finger in FINGERS.items()
        if name != "Thumb" and side + finger[0] in humanoid.joints
    ]
    ends = knuckles or _below(humanoid, pose, wrist)
    if not ends:
        return lower
    hand = pose.points[ends].mean(axis=0) - pose.points[wrist]
    lengths = np.linalg.norm(hand) * np.linalg.norm(lower)
    return hand if float(hand @ lower) > _ODD_HAND * lengths > 0 else lower


def _with_palm(
    humanoid: Humanoid,
    pose: StandingPose,
    side: str,
    hand: Float[np.ndarray, "3"],
    turned: Float[np.ndarray, "4"],
) -> Float[np.ndarray, "4"]:
    """The axes of the hand, turned about it so that its knuckles, from the little finger's on, lie along +Z."""
    ends = [humanoid.joints.get(side + FINGERS[finger][0]) for finger in ("Little", "Index")]
    if ends[0] is None or ends[1] is None:
        return turned
    along = hand / np.linalg.norm(hand)
    knuckles = pose.points[ends[1]] - pose.points[ends[0]]
    knuckles = knuckles - (knuckles @ along) * along
    expected = rot.rotate(turned, _FORWARD)
    return rot.multiply(rot.shortest(expected - (expected @ along) * along, knuckles), turned)


def _fingers(
    humanoid: Humanoid,
    pose: StandingPose,
    side: str,
    hand: Float[np.ndarray, "3"],
    turned: Float[np.ndarray, "4"],
) -> dict[str, Float[np.ndarray, "4"]]:
    found = {}
    for finger in FINGERS.values():
        before, own = hand, turned
        for bone in (side + bone for bone in finger):
            if bone not in humanoid.joints:
                continue
            joint = humanoid.joints[bone]
            ends = _below(humanoid, pose, joint)
            after = pose.points[ends].mean(axis=0) - pose.points[joint] if ends else before
            own = rot.multiply(rot.shortest(before, after), own)
            found[bone], before = own, after
    return found


def _leg(humanoid: Humanoid, pose: StandingPose, side: str) -> dict[str, Float[np.ndarray, "4"]]:
    hip, knee, ankle = (pose.points[humanoid.joints[side + bone]] for bone in ("UpperLeg", "LowerLeg", "Foot"))
    upper, lower = knee - hip, ankle - knee
    turned = rot.multiply(rot.shortest(_DOWN, upper), pose.body)
    found = {f"{side}UpperLeg": turned}
    found[f"{side}LowerLeg"] = rot.multiply(rot.shortest(upper, lower), turned)
    found[f"{side}Foot"] = _foot(humanoid, pose, side)
    if f"{side}Toes" in humanoid.joints:
        found[f"{side}Toes"] = found[f"{side}Foot"]
    return found


def _foot(humanoid: Humanoid, pose: StandingPose, side: str) -> Float[np.ndarray, "4"]:
    """A standing foot is flat, whatever line leads from its ankle to its toes; it may point outwards."""
    foot = humanoid.joints[f"{side}Foot"]
    toes = humanoid.joints.get(f"{side}Toes")
    ends = [toes] if toes is not None else _below(humanoid, pose, foot)
    if not ends:
        return pose.body
    ahead = pose.points[ends].mean(axis=0) - pose.points[foot]
    flat, forward = ahead * [1, 0, 1], rot.rotate(pose.body, _FORWARD)
    if float(flat @ forward) < 0.5 * np.linalg.norm(ahead) * 0.5:
        return pose.body
    return rot.multiply(rot.shortest(forward, flat), pose.body)


def _below(humanoid: Humanoid, pose: StandingPose, joint: int) -> list[int]:
    """The points that hang from a joint at some distance: its children, else its end site."""
    skeleton = humanoid.skeleton
    sites = list(skeleton.end_sites)
    near = [*skeleton.children[joint]]
    if joint in skeleton.end_sites:
        near.append(skeleton.num_joints + sites.index(joint))
    return [point for point in near if np.linalg.norm(pose.points[point] - pose.points[joint]) > 1e-6]


def _with_hinges(
    humanoid: Humanoid, pose: StandingPose, clip: Clip | None, frames: dict[str, Float[np.ndarray, "4"]]
) -> dict[str, Float[np.ndarray, "4"]]:
    """The axes of upper arms and legs, turned about them so that their hinge is where the limb shows that it is."""
    if clip is None or clip.num_frames == 1:
        positions, rotations = pose.points[None, : humanoid.skeleton.num_joints], pose.rotations[None]
    else:
        positions, rotations = kinematics.forward(clip)
    found = {}
    for side in SIDES:
        for upper, (lower, end) in _BENDS.items():
            bone = side + upper
            start, middle, tip = (humanoid.joints[side + name] for name in (upper, lower, end))
            first, second = positions[:, middle] - positions[:, start], positions[:, tip] - positions[:, middle]
            seen = rot.inverse(rot.multiply(rotations[:, start], frames[bone]))
            turn = hinge_turn(rot.rotate(seen, rot.unit(first)), rot.rotate(seen, rot.unit(second)), HINGES[bone])
            found[bone] = rot.multiply(frames[bone], turn)
    return found


def _with_even_twist(
    humanoid: Humanoid, clip: Clip, frames: dict[str, Float[np.ndarray, "4"]]
) -> dict[str, Float[np.ndarray, "4"]]:
    """The axes of lower arms, turned about them so that elbow and wrist are usually twisted alike.

    Palms may show how hands are turned, and then the lower arm may be turned by any part of that.
    """
    rotations = kinematics.forward(clip)[1]
    found = {}
    for side in SIDES:
        upper, lower, hand = (
            rot.multiply(rotations[:, humanoid.joints[side + bone]], frames[side + bone])
            for bone in ("UpperArm", "LowerArm", "Hand")
        )
        if all(is_square(frames[side + bone], _SQUARE) for bone in ("LowerArm", "Hand")):
            continue
        half = (_usual_twist(lower, hand) - _usual_twist(upper, lower)) / 2
        turn = rot.from_expmap(half * np.array([1.0, 0, 0]))
        found[f"{side}LowerArm"] = rot.multiply(frames[f"{side}LowerArm"], turn)
    return found


def _usual_twist(above: Float[np.ndarray, "T 4"], below: Float[np.ndarray, "T 4"]) -> float:
    """Radians by which one bone of an arm is turned about itself beside the one above, as the middle of its poses."""
    between = rot.multiply(rot.inverse(above), below)
    twist = 2 * np.arctan2(between[:, 1], between[:, 0])
    return float(np.median((twist + np.pi) % (2 * np.pi) - np.pi))
