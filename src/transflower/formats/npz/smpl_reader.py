"""Reading motion of the SMPL family of bodies: AMASS (SMPL-H, SMPL-X), AIST++, and what body models take.

Shape letters: T frames, C numbers of a pose, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FrameRateError
from transflower.core.numbers import MOST_FPS
from transflower.formats.arrays import Arrays
from transflower.formats.format import ReadOptions
from transflower.formats.npz.smpl_body import BODY_JOINTS, HAND_JOINTS, PELVIS, smpl_skeleton
from transflower.motion import rotations as rot
from transflower.motion.axes import Axis, find_up, parse_up, turn_clip
from transflower.motion.clip import Clip
from transflower.motion.units import parse_unit, scale_clip

_RATES = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate")
_AIST_FPS = 60.0
_JOINTS = {24: (False, False), BODY_JOINTS: (False, False), 52: (True, False), 55: (True, True)}
"""Joints of a pose -> whether it has fingers, and whether it has a face."""
# Names of the parts of a pose in the data sets, and as the body models themselves call them.
_ROOT, _BODY, _TRANS = ("root_orient", "global_orient"), ("pose_body", "body_pose"), ("trans", "transl")
_JAW, _EYES, _BOTH_EYES = ("pose_jaw", "jaw_pose"), ("pose_eye",), ("leye_pose", "reye_pose")
_HANDS, _BOTH_HANDS = ("pose_hand",), ("left_hand_pose", "right_hand_pose")


def is_smpl(arrays: Arrays) -> bool:
    """Whether arrays are the poses of such a body."""
    names = arrays.names
    if {"smpl_poses", "smpl_trans"} <= names:
        return True
    return bool(names.intersection(("poses", *_BODY))) and bool(names.intersection(_TRANS))


def read_smpl(arrays: Arrays, options: ReadOptions) -> Clip:
    """The motion on the mean body, in metres, Y up. Other shapes than the mean one are not read.

    Raises:
        FormatError: an array is missing or damaged, or does not fit the others.
        OptionsError: no such unit or axis.
    """
    metres, up = parse_unit(options.unit), parse_up(options.up)
    poses, trans, usual_up = _read_arrays(arrays)
    joints = poses.shape[1] // 3
    if poses.shape[1] % 3 or joints not in _JOINTS or len(poses) == 0:
        known = ", ".join(str(3 * count) for count in sorted(_JOINTS))
        arrays.fail(f"holds poses of {poses.shape[1]} numbers in {len(poses)} frames; {known} are those of SMPL bodies")
    fingers, face = _JOINTS[joints]
    skeleton = smpl_skeleton(fingers=fingers, face=face)
    rotations = rot.identity(len(poses), skeleton.num_joints)
    rotations[:, :joints] = rot.from_expmap(poses.reshape(len(poses), joints, 3))
    clip = Clip(skeleton, _read_rate(arrays, options.fps), rotations, {0: trans + PELVIS})
    clip = clip if metres is None else scale_clip(clip, metres)
    # The rest pose of the body always stands along Y: worlds with another axis up turn its root.
    return turn_clip(clip, up or find_up(clip) or usual_up, rest="y")


def _read_arrays(arrays: Arrays) -> tuple[Float[np.ndarray, "T C"], Float[np.ndarray, "T 3"], Axis]:
    """Poses, translations, and the axis that usually is up in such a file."""
    if "smpl_poses" in arrays.names:
        poses = arrays.numbers("smpl_poses", None, None)
        scaling = arrays.number("smpl_scaling") if "smpl_scaling" in arrays.names else 1.0
        if scaling <= 0:
            arrays.fail(f"holds a smpl_scaling of {scaling:g}, which is no size")
        return poses, arrays.numbers("smpl_trans", len(poses), 3) / scaling, "y"
    poses = arrays.numbers("poses", None, None) if "poses" in arrays.names else _join_parts(arrays)
    return poses, arrays.numbers(_name(arrays, _TRANS), len(poses), 3), "z"


def _join_parts(arrays: Arrays) -> Float[np.ndarray, "T C"]:
    """The parts of a pose in the order of the joints: root, body, jaw, eyes, hands."""
    body = arrays.numbers(_name(arrays, _BODY), None, None)
    columns = [arrays.numbers(_name(arrays, _ROOT), len(body), 3), body]
    if body.shape[1] != 3 * (BODY_JOINTS - 1):
        return np.concatenate(columns, axis=1)
    hands = _hands(arrays, len(body))
    jaw = _name(arrays, _JAW, needed=False)
    if hands and jaw:
        eyes = _EYES if _EYES[0] in arrays.names else tuple(one for one in _BOTH_EYES if one in arrays.names)
        each = 6 // max(1, len(eyes))
        columns.append(arrays.numbers(jaw, len(body), 3))
        columns += [arrays.numbers(eye, len(body), each) for eye in eyes] or [np.zeros((len(body), 6))]
    return np.concatenate([*columns, *hands], axis=1)


def _hands(arrays: Arrays, num_frames: int) -> list[Float[np.ndarray, "T C"]]:
    """Rotations of the fingers; none where there are none, or other numbers of which only a body model makes some."""
    hands = _HANDS if _HANDS[0] in arrays.names else _BOTH_HANDS
    if not arrays.names.issuperset(hands):
        return []
    found = [arrays.numbers(hand, num_frames, None) for hand in hands]
    return found if sum(hand.shape[1] for hand in found) == 2 * 3 * HAND_JOINTS else []


def _name(arrays: Arrays, names: tuple[str, ...], *, needed: bool = True) -> str:
    """The name that an array has; where it is missing, empty, or if it is needed the first."""
    return next((name for name in names if name in arrays.names), names[0] if needed else "")


def _read_rate(arrays: Arrays, fps: float | None) -> float:
    if fps is not None:
        return fps
    told = next((name for name in _RATES if name in arrays.names), None)
    if told is None and "smpl_poses" in arrays.names:
        return _AIST_FPS
    if told is None:
        raise FrameRateError(arrays.path, "does not tell its frame rate; give it by {option}")
    rate = arrays.number(told)
    if not 0 < rate <= MOST_FPS:
        arrays.fail(f"has {rate:g} frames a second, which no recording has")
    return rate
