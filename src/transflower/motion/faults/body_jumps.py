"""The whole body is elsewhere, or in another pose, from one frame to the next: a jerk of the tracking, or a cut take.

Shape letters: T frames.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import scipy  # scipy.ndimage is imported when it is first used

from transflower.motion import rotations as rot
from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.take import Take

_METRES, _METRES_PER_SECOND = 0.12, 5.0
"""Least way of the middle one of all bones in the frame of a jump."""
_TIMES_USUAL = 6.0
"""How many times farther that is than in the frames around it."""
_AROUND_SECONDS = 0.3
_CUT_METRES = 0.3
"""A body that stays so far from where it was was cut there."""
_BACK_SECONDS = 0.15
_BRIDGE_SECONDS = 0.07
"""Frames so long before and after a jerk are made anew."""
_LEAST_SECONDS = 0.5
"""Parts between cuts that are shorter are left out."""


def _find_jumps(take: Take) -> list[Fault]:
    jumps = _jumps(take)
    return [_fault("jumps", frame, f"the body jerks by {way:.2f} m") for frame, way, is_cut in jumps if not is_cut]


def _find_cuts(take: Take) -> list[Fault]:
    jumps = _jumps(take)
    return [_fault("cuts", frame, f"the whole body leaps by {way:.2f} m") for frame, way, is_cut in jumps if is_cut]


def _mend_jumps(take: Take, faults: Sequence[Fault]) -> list[Part]:
    """Turn all joints evenly from shortly before each jerk to shortly after it."""
    clip, margin = take.clip, take.frames(_BRIDGE_SECONDS)
    rotations = clip.rotations.copy()
    tracks = {joint: track.copy() for joint, track in clip.translations.items()}
    for fault in faults:
        first, last = max(fault.first - 1 - margin, 0), min(fault.first + margin, clip.num_frames - 1)
        weights = np.linspace(0, 1, last - first + 1)
        rotations[first : last + 1] = rot.slerp(rotations[first][None], rotations[last][None], weights[:, None])
        for track in tracks.values():
            track[first : last + 1] = (1 - weights[:, None]) * track[first] + weights[:, None] * track[last]
    return [Part(replace(clip, rotations=rotations, translations=tracks), 0)]


def _mend_cuts(take: Take, faults: Sequence[Fault]) -> list[Part]:
    edges = [0, *(fault.first for fault in faults), take.clip.num_frames]
    least = _LEAST_SECONDS * take.clip.fps
    parts = [Part(take.clip[first:end], first) for first, end in pairwise(edges) if end - first >= least]
    return parts or [Part(take.clip, 0)]


def _jumps(take: Take) -> list[tuple[int, float, bool]]:
    """The frame to which each jump leads, its way in metres, and whether the body stays away."""
    steps = take.steps
    width = 2 * max(2, take.frames(_AROUND_SECONDS)) + 1
    usual = scipy.ndimage.median_filter(steps, size=width, mode="nearest")
    least = max(_METRES, _METRES_PER_SECOND / take.clip.fps)
    is_jump = steps > np.maximum(least, _TIMES_USUAL * usual)
    is_jump[: take.num_first + 1] = False
    where = take.world[0][:, take.bones]
    found = []
    for frame in np.flatnonzero(is_jump).tolist():
        after = where[frame : frame + take.frames(_BACK_SECONDS) + 1]
        away = np.median(np.linalg.norm(after - where[frame - 1], axis=-1), axis=1).min()
        found.append((frame, float(steps[frame]), bool(away > _CUT_METRES)))
    return found


def _fault(kind: str, frame: int, what: str) -> Fault:
    return Fault(kind=kind, first=frame, last=frame, what=what)


JUMPS = Detector(
    name="jumps",
    about="jerks of the whole body in one frame: it is moved evenly over them",
    find=_find_jumps,
    mend=_mend_jumps,
)
CUTS = Detector(
    name="cuts",
    about="cut takes, where the whole body is suddenly elsewhere: each part becomes a file",
    find=_find_cuts,
    mend=_mend_cuts,
)
