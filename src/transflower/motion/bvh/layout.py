"""How a BVH file writes what a clip holds: its unit, axes, channels and frame time."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from transflower.motion.units import METRES
from transflower.motion.up import Axis

DEFAULT_POSITIONS = ("Xposition", "Yposition", "Zposition")
DEFAULT_ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")


@dataclass(frozen=True, kw_only=True)
class BvhLayout:
    """Taken from a file when it is read, so that writing gives a file of the same kind."""

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

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``from_dict`` is the way back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> "BvhLayout":
        """Inverse of ``to_dict``."""
        channels = {name: tuple(channels) for name, channels in tree["channels"].items()}
        return cls(**{**tree, "channels": channels})
