"""All detectors of faults, in the order in which they mend."""

from collections.abc import Sequence
from dataclasses import replace

from transflower.core.errors import OptionsError
from transflower.motion.clip import Clip
from transflower.motion.faults.body_jumps import CUTS, JUMPS
from transflower.motion.faults.drift import DRIFT
from transflower.motion.faults.fault import Detector, Fault, Part
from transflower.motion.faults.first_pose import T_POSE
from transflower.motion.faults.flips import FLIPS
from transflower.motion.faults.floor import FLOOR
from transflower.motion.faults.frozen import FROZEN
from transflower.motion.faults.knees import KNEES
from transflower.motion.faults.rate import RATE
from transflower.motion.faults.take import Take

DETECTORS: dict[str, Detector] = {
    detector.name: detector for detector in (T_POSE, CUTS, JUMPS, KNEES, FLIPS, FROZEN, DRIFT, FLOOR, RATE)
}
"""Name -> detector."""
QUICK_KINDS = ("t_pose", "cuts", "jumps", "flips", "frozen")
"""Those that need not know how the body stands."""


def find_faults(clip: Clip, kinds: Sequence[str] = tuple(DETECTORS)) -> list[Fault]:
    """The faults of a recording, the earliest first.

    Args:
        clip: the recording, in metres and with Y up.
        kinds: names of the detectors that look at it.
    """
    take = Take(clip)
    found = [fault for kind in kinds for fault in DETECTORS[kind].find(take)]
    return sorted(found, key=lambda fault: (fault.first, fault.last))


def mend_faults(clip: Clip, kinds: Sequence[str]) -> tuple[list[Part], list[Fault]]:
    """The recording without faults of some kinds, in as many parts as are left of it, and what was mended.

    Raises:
        OptionsError: there is no such kind, or it cannot be mended.
    """
    check_mendable(kinds)
    parts, mended = [Part(clip, 0)], []
    for detector in (detector for name, detector in DETECTORS.items() if name in kinds):
        left: list[Part] = []
        for part in parts:
            take = Take(part.clip)
            faults = detector.find(take)
            mended += [replace(fault, first=fault.first + part.first, last=fault.last + part.first) for fault in faults]
            new = detector.mend(take, faults) if faults and detector.mend else [Part(part.clip, 0)]
            left += [Part(piece.clip, part.first + piece.first) for piece in new]
        parts = left
    return parts, mended


def check_mendable(kinds: Sequence[str]) -> None:
    """Refuse kinds that cannot be mended.

    Raises:
        OptionsError: naming the first, and those that can.
    """
    mendable = [name for name, detector in DETECTORS.items() if detector.mend is not None]
    for kind in kinds:
        if kind not in mendable:
            raise OptionsError(f"{kind!r} is nothing that can be mended; there are: {', '.join(mendable)}")
