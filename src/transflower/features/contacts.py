"""Which feet will stand: classes that a model draws before the pose, and the foot lock reads after it.

Of feet that stand, the next pose says little: they are where they were. A class says it for certain, and a moment
before: a model that draws it lands by it.

Shape letters: T frames, F feet.
"""

import numpy as np
from jaxtyping import Bool, Int

from transflower.core.errors import DataError
from transflower.features.sidecar import ContactsSidecar
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.contacts import standing_frames
from transflower.motion.skeleton import Skeleton
from transflower.motion.standing import Standing, foot_points


def find_feet(clip: Clip) -> tuple[str, ...]:
    """The joints of the ankles of a body, left before right.

    Raises:
        DataError: it has no legs, or they end without one.
    """
    legs = read_anatomy(clip.skeleton, np.median(points(clip)[..., 1], axis=0)).legs
    if not legs:
        raise DataError("the body has no legs, so that no foot can stand")
    legs = tuple(leg for leg in legs if leg.end < clip.skeleton.num_joints)  # Others are the end of a bone.
    if not legs:
        raise DataError("the legs of the body have no joint of a foot, so that no foot can stand")
    return tuple(clip.skeleton.names[leg.end] for leg in sorted(legs, key=lambda leg: leg.side))


def encode_contacts(clip: Clip, sidecar: ContactsSidecar) -> Int[np.ndarray, "T 1"]:
    """The class of each frame; the last frame is held.

    Raises:
        DataError: the skeleton lacks a foot.
    """
    positions = points(clip)
    feet = [foot_points(clip.skeleton, ankle) for ankle in _ankles(clip.skeleton, sidecar)]
    stands = np.stack([standing_frames(positions[:, foot], clip.fps) for foot in feet], axis=1)
    classes = stands @ (1 << np.arange(len(sidecar.feet)))
    later = np.minimum(np.arange(len(classes)) + sidecar.ahead, len(classes) - 1)
    return classes[later, None]


class ContactStream:
    """Classes as they are drawn -> which feet stand in each frame. Before the first frame that is told of, as in it."""

    def __init__(self, skeleton: Skeleton, sidecar: ContactsSidecar) -> None:
        """Begin."""
        self._ankles, self._ahead = _ankles(skeleton, sidecar), sidecar.ahead
        self._waiting = np.zeros(0, np.int64)
        """Classes that tell of frames to come."""

    def push(self, classes: Int[np.ndarray, "T 1"]) -> Standing:
        """The frames that arrive with these classes, which tell of later ones."""
        if not len(self._waiting) and len(classes):
            self._waiting = np.repeat(classes[0], self._ahead)
        told = np.concatenate([self._waiting, classes[:, 0]])
        self._waiting = told[len(told) - self._ahead :]
        now = told[: len(classes)]
        return Standing(ankles=self._ankles, stands=_bits(now, len(self._ankles)))

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"waiting": self._waiting}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._waiting = state["waiting"]


def decode_contacts(classes: Int[np.ndarray, "T 1"], skeleton: Skeleton, sidecar: ContactsSidecar) -> Standing:
    """Which feet stand in each frame, of the classes of all frames.

    Raises:
        DataError: the skeleton lacks a foot.
    """
    return ContactStream(skeleton, sidecar).push(classes)


def _bits(classes: Int[np.ndarray, " T"], count: int) -> Bool[np.ndarray, "T F"]:
    return (classes[:, None] >> np.arange(count)) & 1 > 0


def _ankles(skeleton: Skeleton, sidecar: ContactsSidecar) -> tuple[int, ...]:
    if missing := [foot for foot in sidecar.feet if foot not in skeleton.names]:
        raise DataError(f"the skeleton has no foot {missing[0]!r}")
    return tuple(map(skeleton.names.index, sidecar.feet))
