"""Reading motion of the SMPL family of bodies: AMASS (SMPL-H, SMPL-X), and archives as those of AIST++.

Shape letters: T frames, C numbers of a pose, J joints.
"""

import numpy as np
from jaxtyping import Float

from transflower.core.numbers import MOST_FPS
from transflower.formats.format import ReadOptions
from transflower.formats.npz.archive import ArrayArchive
from transflower.formats.npz.smpl_body import BODY_JOINTS, HAND_JOINTS, PELVIS, smpl_skeleton
from transflower.motion import rotations as rot
from transflower.motion.axes import Axis, find_up, parse_up, turn_clip
from transflower.motion.clip import Clip
from transflower.motion.units import parse_unit, scale_clip

_RATES = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate")
_AIST_FPS = 60.0
_JOINTS = {24: (False, False), BODY_JOINTS: (False, False), 52: (True, False), 55: (True, True)}
"""Joints of a pose -> whether it has fingers, and whether it has a face."""
_PARTS = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")


def is_smpl(archive: ArrayArchive) -> bool:
    """Whether an archive holds poses of such a body."""
    names = archive.names
    return {"poses", "trans"} <= names or {"smpl_poses", "smpl_trans"} <= names or {"pose_body", "trans"} <= names


def read_smpl(archive: ArrayArchive, options: ReadOptions) -> Clip:
    """The motion on the mean body, in metres, Y up. Other shapes than the mean one are not read.

    Raises:
        FormatError: an array is missing or damaged, or does not fit the others.
        OptionsError: no such unit or axis.
    """
    metres, up = parse_unit(options.unit), parse_up(options.up)
    poses, trans, usual_up = _read_arrays(archive)
    joints = poses.shape[1] // 3
    if poses.shape[1] % 3 or joints not in _JOINTS or len(poses) == 0:
        known = ", ".join(str(3 * count) for count in sorted(_JOINTS))
        archive.fail(
            f"holds poses of {poses.shape[1]} numbers in {len(poses)} frames; {known} are those of SMPL bodies"
        )
    fingers, face = _JOINTS[joints]
    skeleton = smpl_skeleton(fingers=fingers, face=face)
    rotations = rot.identity(len(poses), skeleton.num_joints)
    rotations[:, :joints] = rot.from_expmap(poses.reshape(len(poses), joints, 3))
    clip = Clip(skeleton, _read_rate(archive, options.fps), rotations, {0: trans + PELVIS})
    clip = clip if metres is None else scale_clip(clip, metres)
    # The rest pose of the body always stands along Y: worlds with another axis up turn its root.
    return turn_clip(clip, up or find_up(clip) or usual_up, rest="y")


def _read_arrays(archive: ArrayArchive) -> tuple[Float[np.ndarray, "T C"], Float[np.ndarray, "T 3"], Axis]:
    """Poses, translations, and the axis that usually is up in such a file."""
    if "smpl_poses" in archive.names:
        poses = archive.numbers("smpl_poses", None, None)
        scaling = archive.number("smpl_scaling") if "smpl_scaling" in archive.names else 1.0
        if scaling <= 0:
            archive.fail(f"holds a smpl_scaling of {scaling:g}, which is no size")
        return poses, archive.numbers("smpl_trans", len(poses), 3) / scaling, "y"
    if "poses" in archive.names:
        poses = archive.numbers("poses", None, None)
    else:
        body = archive.numbers("pose_body", None, 3 * (BODY_JOINTS - 1))
        sizes = {"root_orient": 3, "pose_jaw": 3, "pose_eye": 6, "pose_hand": 6 * HAND_JOINTS}
        parts = [name for name in _PARTS if name in archive.names or name == "root_orient"]
        if "pose_hand" not in archive.names or "pose_jaw" not in archive.names:
            parts = [name for name in parts if name not in {"pose_jaw", "pose_eye"}]
        columns = [body if name == "pose_body" else archive.numbers(name, len(body), sizes[name]) for name in parts]
        poses = np.concatenate(columns, axis=1)
    return poses, archive.numbers("trans", len(poses), 3), "z"


def _read_rate(archive: ArrayArchive, fps: float | None) -> float:
    if fps is not None:
        return fps
    told = next((name for name in _RATES if name in archive.names), None)
    if told is None and "smpl_poses" in archive.names:
        return _AIST_FPS
    if told is None:
        archive.fail("does not tell its frame rate; give it by --source_fps")
    rate = archive.number(told)
    if not 0 < rate <= MOST_FPS:
        archive.fail(f"has {rate:g} frames a second, which no recording has")
    return rate
