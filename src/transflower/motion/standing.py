"""Which feet stand in each frame, where something else than the motion says so, and a body that they hold in place.

Standing feet of drawn motion slide, mostly with the whole body. Where it is told which of them stand, the body is moved
against their slide: what is left for the foot lock is small.

Shape letters: T frames, F feet, P points of all feet.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from transflower.motion.anatomy import points
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """Which feet stand."""

    ankles: tuple[int, ...]
    """The joint of each foot."""
    stands: Bool[np.ndarray, "T F"]
    """Whether it stands."""

    def __getitem__(self, frames: slice) -> "Standing":
        """Some of the frames."""
        return replace(self, stands=self.stands[frames])

    def joined(self, later: "Standing") -> "Standing":
        """These frames, then the later ones."""
        return replace(self, stands=np.concatenate([self.stands, later.stands]))


class HeldBody:
    """Moves a body that arrives in pieces so that its standing feet stay: in the mean, where both stand.

    Any cutting into pieces gives the same frames.
    """

    def __init__(self, skeleton: Skeleton, ankles: tuple[int, ...]) -> None:
        """Begin; all pieces are of this skeleton and these feet."""
        self._feet = [foot_points(skeleton, ankle) for ankle in ankles]
        self._shift = np.zeros(2)
        """By how much the latest frame was moved, along x and z."""
        self._last = np.zeros((0, sum(map(len, self._feet)), 3))
        """The points of the feet in the latest frame, as it arrived."""
        self._stood = np.zeros((0, len(ankles)), bool)

    def push(self, clip: Clip, standing: Standing) -> Clip:
        """The next frames."""
        where = points(clip)[:, [point for foot in self._feet for point in foot]]
        feet, stands = np.concatenate([self._last, where]), np.concatenate([self._stood, standing.stands])
        shifts = self._shift - np.cumsum(self._slide(feet, stands), axis=0)[-clip.num_frames :]
        self._last, self._stood, self._shift = where[-1:].copy(), stands[-1:].copy(), shifts[-1]
        root = clip.translations[0].copy()
        root[:, [0, 2]] += shifts
        return replace(clip, translations={**clip.translations, 0: root})

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything remembered, as named arrays."""
        return {"shift": self._shift, "last": self._last, "stood": self._stood}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._shift, self._last, self._stood = state["shift"], state["last"], state["stood"]

    def _slide(self, feet: Float[np.ndarray, "T P 3"], stands: Bool[np.ndarray, "T F"]) -> Float[np.ndarray, "T 2"]:
        """How far standing feet move along the floor to each frame, in their mean; the lowest point of each counts."""
        steps = np.zeros((len(feet), len(self._feet), 2))
        ends = np.cumsum([len(foot) for foot in self._feet])[:-1]
        for index, foot in enumerate(np.split(feet, ends, axis=1)):
            lowest = foot[1:, :, 1].argmin(axis=1)[:, None, None]
            steps[1:, index] = np.take_along_axis(np.diff(foot, axis=0), lowest, axis=1)[:, 0, [0, 2]]
        counts = stands.copy()
        counts[1:] &= stands[:-1]
        counts[0] = False
        held = np.where(counts[..., None], steps, 0).sum(axis=1)
        return np.asarray(held / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def foot_points(skeleton: Skeleton, ankle: int) -> list[int]:
    """The ankle and all points that hang from it."""
    found = [ankle]
    for point, parent in enumerate((*skeleton.parents, *skeleton.end_sites)):
        if parent in found:
            found.append(point)
    return found
