"""Writing motion as AMASS does: rotation vectors of the SMPL-H body, Z up.

Shape letters: T frames, J joints.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from transflower.formats.npz.archive import write_archive
from transflower.formats.npz.smpl_body import PELVIS, smpl_skeleton
from transflower.formats.recording import Recording
from transflower.motion import rotations as rot
from transflower.motion.axes import turn_clip
from transflower.motion.clip import Clip
from transflower.motion.retarget.retarget import retarget
from transflower.motion.retarget.rig import read_rig

_NUM_BETAS, _NUM_DMPLS = 16, 8


def write_smpl(path: Path | str, recording: Recording) -> None:
    """Write a recording as ``poses [T, 156]``, ``trans [T, 3]``, ``mocap_framerate``, ``betas``, ``dmpls``, ``gender``.

    The motion is put on the mean body; what is on it already goes over as it is. Whole or not at all.

    Raises:
        DataError: the skeleton lacks a bone that the body needs.
    """
    clip = turn_clip(on_smpl_body(recording.clip), "z", rest="y", back=True)
    poses = rot.to_expmap(clip.rotations)
    write_archive(
        path,
        {
            "poses": poses.reshape(clip.num_frames, -1),
            "trans": clip.translations[0] - PELVIS,
            "mocap_framerate": np.array(float(clip.fps)),
            "betas": np.zeros(_NUM_BETAS),
            "dmpls": np.zeros((clip.num_frames, _NUM_DMPLS)),
            "gender": np.array("neutral"),
        },
    )


def on_smpl_body(clip: Clip) -> Clip:
    """The motion on the mean body of SMPL-H.

    Raises:
        DataError: the skeleton lacks a bone that the body needs.
    """
    body = smpl_skeleton(fingers=True)
    names = clip.skeleton.names
    if clip.skeleton.names == body.names and np.allclose(clip.skeleton.offsets[1:], body.offsets[1:]):
        return clip
    plain = smpl_skeleton()
    if names == plain.names and np.allclose(clip.skeleton.offsets[1:], plain.offsets[1:]):
        rotations = rot.identity(clip.num_frames, body.num_joints)
        shared = [body.index(name) for name in plain.names if name in body.names]
        rotations[:, shared] = clip.rotations[:, : len(shared)]
        return replace(clip, skeleton=body, rotations=rotations)
    return retarget(clip, read_rig(body))
