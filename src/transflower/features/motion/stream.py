"""Features as they are drawn -> clips that follow each other through the room.

Shape letters: n newly drawn frames, D columns.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.features.motion.codec import decode_motion, last_placement
from transflower.features.sidecar import MotionSidecar
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import FootLock
from transflower.motion.placement import Placement

_LOCK = "lock."
"""Before the names of what the foot lock remembers."""


class MotionStream:
    """Decodes pieces: laid one after the other they are the clip that all features make together."""

    def __init__(self, sidecar: MotionSidecar, start: Placement | None = None, *, foot_lock: bool = False) -> None:
        """Begin.

        Args:
            sidecar: what the features mean.
            start: where the first frame stands and faces, by default the origin, facing +Z.
            foot_lock: keep standing feet from sliding, for which frames come out a little later.
        """
        self._sidecar = sidecar
        self._placement = start or Placement()
        self._last = np.zeros((0, len(sidecar.names)))
        """The latest frame: the next one is so many steps away from it."""
        self._lock = FootLock(sidecar.skeleton, sidecar.fps) if foot_lock else None

    def push(self, features: Float[np.ndarray, "n D"], *, is_last: bool = False) -> Clip | None:
        """Take the next frames.

        Returns:
            The clip of the frames that come out: after the last piece all of them; None where there is none yet.
        """
        if not len(features):
            return self._lock.flush() if self._lock and is_last else None
        joined = np.concatenate([self._last, features])
        clip = _from_frame(len(self._last), decode_motion(joined, self._sidecar, self._placement))
        self._placement = last_placement(joined, self._sidecar, self._placement)
        self._last = joined[-1:]
        return self._lock.push(clip, is_last=is_last) if self._lock else clip

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        place = self._placement
        state = {"placement": np.array([place.x, place.z, place.heading]), "last": self._last}
        if self._lock:
            state |= {_LOCK + name: value for name, value in self._lock.state_dict().items()}
        return state

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken, by a stream with the same options."""
        x, z, heading = state["placement"].tolist()
        self._placement, self._last = Placement(x=x, z=z, heading=heading), state["last"]
        if self._lock:
            locked = {name.removeprefix(_LOCK): value for name, value in state.items() if name.startswith(_LOCK)}
            self._lock.load_state_dict(locked)


def _from_frame(first: int, clip: Clip) -> Clip:
    translations = {joint: track[first:] for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[first:], translations=translations)
