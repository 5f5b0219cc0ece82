"""Joints that stand exactly still for a while and move before and after: tracking was lost there.

Shape letters: T frames, J joints, S steps from frame to frame.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.spans import spans
from transflower.motion.faults.take import Take

_STILL_DEGREES = 1e-3
"""A step of a joint that is tracked is larger, even of somebody who tries to stand still."""
_LEAST_SECONDS = 0.4
_MOST_MENDED_SECONDS = 1.0
_MOVING_DEGREES_PER_SECOND = 8.0
"""Usual turning of a joint that moves."""
_SHARE = 0.8
"""Of the bones, from which on the whole body is frozen."""
_MOST_NAMED = 3


def _find(take: Take) -> list[Fault]:
    steps, joints = _steps(take)
    if not len(steps):
        return []
    is_still = steps < _STILL_DEGREES
    usual = np.median(steps, axis=0) * take.clip.fps
    counted = np.flatnonzero((usual > _MOVING_DEGREES_PER_SECOND) & (is_still.mean(axis=0) < 0.5))
    if not len(counted):
        return []
    least = max(2, round(_LEAST_SECONDS * take.clip.fps))
    whole = is_still[:, counted].mean(axis=1) >= _SHARE
    faults = [
        Fault(kind="frozen", first=first, last=last + 1, what="the whole body is frozen")
        for first, last in spans(whole, least=least)
    ]
    runs: dict[tuple[int, int], list[str]] = {}
    for column in counted.tolist():
        for run in spans(is_still[:, column] & ~whole, least=least):
            runs.setdefault(run, []).append(repr(take.clip.skeleton.names[joints[column]]))
    for (first, last), names in runs.items():
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        told = ", ".join(names[:_MOST_NAMED]) + more
        faults.append(Fault(kind="frozen", first=first, last=last + 1, what=f"frozen: {told}"))
    return sorted(faults, key=lambda fault: fault.first)


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    """Turn joints evenly from where they froze to where they move again."""
    clip = take.clip
    rotations = clip.rotations.copy()
    steps, joints = _steps(take)
    for fault in faults:
        if fault.last - fault.first > _MOST_MENDED_SECONDS * clip.fps or fault.last + 1 >= clip.num_frames:
            continue
        rows = slice(fault.first, fault.last)
        for column in np.flatnonzero((steps[rows] < _STILL_DEGREES).all(axis=0)).tolist():
            joint, count = joints[column], fault.last - fault.first + 1
            weights = np.arange(count) / count
            ends = rotations[[fault.first, fault.last + 1], joint]
            rotations[fault.first : fault.last + 1, joint] = rot.slerp(ends[:1], ends[1:], weights)
    return [Part(replace(clip, rotations=rotations), 0)]


def _steps(take: Take) -> tuple[Float[np.ndarray, "S J"], list[int]]:
    """Degrees that each bone turns in each step, and their joints; a body that is carried along is not frozen."""
    joints = take.bones
    local = take.clip.rotations[:, joints]
    turns = np.degrees(rot.angle_between(local[:-1], local[1:]))
    return np.asarray(turns), joints


FROZEN = Detector(name="frozen", about="joints that stand exactly still while others move", find=_find, mend=_mend)
