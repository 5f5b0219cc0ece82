"""A pose apart before the movement, such as the T-pose that exporters put there."""

from collections.abc import Sequence

from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.take import Take
from transflower.motion.jumps import is_t_pose


def _find(take: Take) -> list[Fault]:
    if not take.num_first:
        return []
    pose = "a T-pose" if is_t_pose(take.clip) else "a pose apart from the movement"
    return [Fault(kind="t_pose", first=0, last=take.num_first - 1, what=f"begins with {pose}")]


def _mend(take: Take, faults: Sequence[Fault]) -> list[Part]:
    first = faults[0].last + 1
    return [Part(take.clip[first:], first)]


T_POSE = Detector(name="t_pose", about="a T-pose before the movement: it is left out", find=_find, mend=_mend)
