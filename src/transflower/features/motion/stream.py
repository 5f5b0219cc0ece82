"""Features as they are drawn -> clips that follow each other through the room.

Shape letters: n newly drawn frames, D columns.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.features.motion.codec import decode_motion, last_placement
from transflower.features.motion.placement import Placement
from transflower.features.sidecar import MotionSidecar
from transflower.motion.clip import Clip


class MotionStream:
    """Decodes pieces: laid one after the other they are the clip that all features make together."""

    def __init__(self, sidecar: MotionSidecar, start: Placement | None = None) -> None:
        """``start`` is where the first frame stands and faces, by default the origin, facing +Z."""
        self._sidecar = sidecar
        self._placement = start or Placement()
        self._last = np.zeros((0, len(sidecar.names)))
        """The latest frame: the next one is so many steps away from it."""

    def push(self, features: Float[np.ndarray, "n D"]) -> Clip:
        """The clip of the next frames, of which there must be one at least."""
        joined = np.concatenate([self._last, features])
        clip = _from_frame(len(self._last), decode_motion(joined, self._sidecar, self._placement))
        self._placement = last_placement(joined, self._sidecar, self._placement)
        self._last = joined[-1:]
        return clip

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        place = self._placement
        return {"placement": np.array([place.x, place.z, place.heading]), "last": self._last}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        x, z, heading = state["placement"].tolist()
        self._placement, self._last = Placement(x=x, z=z, heading=heading), state["last"]


def _from_frame(first: int, clip: Clip) -> Clip:
    translations = {joint: track[first:] for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[first:], translations=translations)
