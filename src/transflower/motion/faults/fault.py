"""What a fault is, and what finds and mends one kind of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transflower.motion.clip import Clip
from transflower.motion.faults.take import Take


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something in a recording that was not danced."""

    kind: str
    """Name of the detector that found it."""
    first: int
    """Its first frame, counted from 0."""
    last: int
    """Its last frame."""
    what: str
    """What is wrong, in a few words."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of a recording."""

    clip: Clip
    first: int
    """Frame of the recording with which it begins."""


@dataclass(frozen=True, kw_only=True)
class Detector:
    """Finds and mends one kind of fault."""

    name: str
    """As options name it."""
    about: str
    """What it finds, in a few words."""
    find: Callable[[Take], list[Fault]]
    """The faults of a recording, the earliest first."""
    mend: Callable[[Take, Sequence[Fault]], list[Part]] | None = None
    """The recording without the faults that ``find`` gave: one part, or what is left between them. None: it
    cannot be mended."""
