"""How a BVH file writes what a clip holds: its unit, axes, channels and frame time."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from transflower.core.errors import DataError
from transflower.motion.axes import Axis
from transflower.motion.units import LARGEST_UNIT, METRES, SMALLEST_UNIT

DEFAULT_POSITIONS = ("Xposition", "Yposition", "Zposition")
DEFAULT_ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")


@dataclass(frozen=True, kw_only=True)
class BvhLayout:
    """Taken from a file when it is read, so that writing gives a file of the same kind.

    Raises:
        DataError: channels that a joint cannot have, or a unit that no file has.
    """

    metres_per_unit: float = METRES["cm"]
    """Length of the file's unit in metres."""
    up: Axis = "y"
    """The axis that points up in the file's world."""
    rest: Axis = "y"
    """``up`` where the file's skeleton stands along it in its rest pose; else ``y``, whatever that pose is."""
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Joint name -> its channels in order. Joints that are not named get all rotations, the root positions too."""
    frame_time: str = ""
    """The frame time as it was written; used again for clips of the same frame rate."""

    def __post_init__(self) -> None:
        if not SMALLEST_UNIT <= self.metres_per_unit <= LARGEST_UNIT:
            raise DataError(f"layout: a unit cannot have {self.metres_per_unit:g} metres")
        for joint, channels in self.channels.items():
            if len(set(channels)) < len(channels) or not set(channels) <= {*DEFAULT_POSITIONS, *DEFAULT_ROTATIONS}:
                raise DataError(f"layout: joint {joint!r} cannot have the channels {' '.join(channels)}")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``from_dict`` is the inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> "BvhLayout":
        """Inverse of ``to_dict``."""
        channels = {name: tuple(channels) for name, channels in tree["channels"].items()}
        return cls(**{**tree, "channels": channels})
