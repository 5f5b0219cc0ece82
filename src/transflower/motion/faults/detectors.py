"""All detectors of faults, in the order in which they mend."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Mending:
    """What mending made of a recording. Frames are those of the recording."""

    parts: list[Part]
    """What is left of it."""
    mended: list[Fault]
    """The faults that are no longer there, the earliest of each kind first."""
    left: list[Fault]
    """Those that are, the earliest first."""
    is_changed: bool
    """Whether the parts are other than the recording."""


def mend_faults(clip: Clip, kinds: Sequence[str]) -> Mending:
    """The recording without faults of some kinds, in as many parts as are left of it.

    Raises:
        OptionsError: there is no such kind, or it cannot be mended.
    """
    check_mendable(kinds)
    parts: list[Part] = [Part(clip, 0)]
    found: list[Fault] = []
    for detector in (detector for name, detector in DETECTORS.items() if name in kinds):
        new: list[Part] = []
        for part in parts:
            take = Take(part.clip)
            faults = detector.find(take)
            found += _later(faults, part.first)
            pieces = detector.mend(take, faults) if faults and detector.mend else [Part(part.clip, 0)]
            new += [Part(piece.clip, part.first + piece.first) for piece in pieces]
        parts = new
    left = [fault for part in parts for fault in _later(find_faults(part.clip, kinds), part.first)] if found else []
    mended = [fault for fault in found if not any(_is_same(fault, other) for other in left)]
    is_changed = len(parts) > 1 or not _is_equal(parts[0].clip, clip)
    return Mending(parts=parts, mended=mended, left=left, is_changed=is_changed)


def check_mendable(kinds: Sequence[str]) -> None:
    """Refuse kinds that cannot be mended.

    Raises:
        OptionsError: naming the first, and those that can.
    """
    mendable = [name for name, detector in DETECTORS.items() if detector.mend is not None]
    for kind in kinds:
        if kind not in mendable:
            raise OptionsError(f"{kind!r} is nothing that can be mended; there are: {', '.join(mendable)}")


def _later(faults: Sequence[Fault], frames: int) -> list[Fault]:
    return [replace(fault, first=fault.first + frames, last=fault.last + frames) for fault in faults]


def _is_same(fault: Fault, other: Fault) -> bool:
    return fault.kind == other.kind and fault.first <= other.last and other.first <= fault.last


def _is_equal(clip: Clip, other: Clip) -> bool:
    return np.array_equal(clip.rotations, other.rotations) and all(
        np.array_equal(track, other.translations[joint]) for joint, track in clip.translations.items()
    )
