"""Features as they are drawn -> clips that follow each other through the room.

Shape letters: n newly drawn frames, D columns.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from transflower.features.contacts import ContactStream
from transflower.features.motion.codec import decode_motion, last_placement
from transflower.features.sidecar import ContactsSidecar, MotionSidecar
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import FootLock
from transflower.motion.placement import Placement

_LOCK = "lock."
"""Before the names of what the foot lock remembers."""
_CONTACTS = "contacts."
"""Before the names of what is remembered of contacts."""


class MotionStream:
    """Decodes pieces: laid one after the other they are the clip that all features make together."""

    def __init__(
        self,
        sidecar: MotionSidecar,
        start: Placement | None = None,
        *,
        foot_lock: bool = False,
        contacts: ContactsSidecar | None = None,
    ) -> None:
        """Begin.

        Args:
            sidecar: what the features mean.
            start: where the first frame stands and faces, by default the origin, facing +Z.
            foot_lock: keep standing feet from sliding, for which frames come out a little later.
            contacts: how classes tell which feet stand, where they are pushed too.
        """
        self._sidecar = sidecar
        self._placement = start or Placement()
        self._last = np.zeros((0, len(sidecar.names)))
        """The latest frame: the next one is so many steps away from it."""
        self._lock = FootLock(sidecar.skeleton, sidecar.fps) if foot_lock else None
        self._contacts = ContactStream(sidecar.skeleton, contacts) if contacts and foot_lock else None

    def push(
        self,
        features: Float[np.ndarray, "n D"],
        contacts: Int[np.ndarray, "n 1"] | None = None,
        *,
        is_last: bool = False,
    ) -> Clip | None:
        """Take the next frames, and where they are told, the classes of the feet that stand.

        Returns:
            The clip of the frames that come out: after the last piece all of them; None where there is none yet.
        """
        if not len(features):
            return self._lock.flush() if self._lock and is_last else None
        joined = np.concatenate([self._last, features])
        clip = _from_frame(len(self._last), decode_motion(joined, self._sidecar, self._placement))
        self._placement = last_placement(joined, self._sidecar, self._placement)
        self._last = joined[-1:]
        if self._lock is None:
            return clip
        standing = None if self._contacts is None or contacts is None else self._contacts.push(contacts)
        return self._lock.push(clip, standing, is_last=is_last)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        place = self._placement
        state = {"placement": np.array([place.x, place.z, place.heading]), "last": self._last}
        if self._lock:
            state |= {_LOCK + name: value for name, value in self._lock.state_dict().items()}
        if self._contacts:
            state |= {_CONTACTS + name: value for name, value in self._contacts.state_dict().items()}
        return state

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken, by a stream with the same options."""
        x, z, heading = state["placement"].tolist()
        self._placement, self._last = Placement(x=x, z=z, heading=heading), state["last"]
        if self._lock:
            self._lock.load_state_dict(_named(_LOCK, state))
        if self._contacts:
            self._contacts.load_state_dict(_named(_CONTACTS, state))


def _named(prefix: str, state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _from_frame(first: int, clip: Clip) -> Clip:
    translations = {joint: track[first:] for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[first:], translations=translations)
