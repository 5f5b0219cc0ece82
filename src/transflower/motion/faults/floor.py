"""The floor: where it is, feet below it, and bodies that float above it.

Shape letters: T frames.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.moving import moved_up, smooth_above
from transflower.motion.faults.spans import spans
from transflower.motion.faults.take import Take

_LEVEL = 0.12
"""How far the lowest joints of somebody who stands may be from height 0, in metres: soles are no joints."""
_BELOW, _BELOW_SECONDS = 0.08, 0.1
"""How far feet may be below the floor, and for how long."""
_FLOATING, _FLOATING_SECONDS = 0.15, 0.9
"""How far all of the body may be above the floor, and for how long: longer than any jump."""
_SMOOTH_SECONDS = 0.15


def _find(take: Take) -> list[Fault]:
    floor = take.floor
    if floor is None:
        return []
    found = []
    if abs(floor) > _LEVEL:
        side = "above" if floor > 0 else "below"
        found.append((0, take.clip.num_frames - 1, f"the floor is {abs(floor):.2f} m {side} height 0"))
    depth = _depth(take, floor)
    for first, last in spans(depth > _BELOW, least=take.frames(_BELOW_SECONDS), gap=take.frames(0.1)):
        found.append((first, last, f"a foot is {depth[first : last + 1].max():.2f} m below the floor"))
    height = take.lowest - floor
    for first, last in spans(height > _FLOATING, least=take.frames(_FLOATING_SECONDS)):
        found.append((first, last, f"the body floats {height[first : last + 1].min():.2f} m above the floor"))
    return [Fault(kind="floor", first=first, last=last, what=what) for first, last, what in sorted(found)]


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    """The floor at height 0, and the body raised, smoothly, where a foot would be below it."""
    floor = take.floor
    assert floor is not None  # else there are no faults
    lifts = smooth_above(np.maximum(_depth(take, floor), 0), take.frames(_SMOOTH_SECONDS))
    return [Part(moved_up(take.clip, lifts - floor), 0)]


def _depth(take: Take, floor: float) -> Float[np.ndarray, " T"]:
    """Metres that the lower foot is below the floor."""
    assert take.rig is not None
    return np.asarray(floor - take.rig.feet(take.world)[..., 1].min(axis=(1, 2)))


FLOOR = Detector(
    name="floor",
    about="a floor that is not at height 0, feet below it, bodies that float: the floor is put to 0, feet onto it",
    find=_find,
    mend=_mend,
)
