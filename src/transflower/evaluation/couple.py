"""How two dancers keep together: how far hips and hands are from each other.

Shape letters: T frames.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.kinematics import forward
from transflower.motion.retarget.rig import told_bones


@dataclass(frozen=True, kw_only=True, eq=False)
class CoupleDistances:
    """Distances between two dancers, in metres, frame by frame."""

    hips: Float[np.ndarray, "T"]
    """Between their hips."""
    hands: Float[np.ndarray, "T"]
    """Between the two hands that are nearest to each other."""

    def within(self, others: "CoupleDistances", *, share: float = 0.9) -> float:
        """Share of the frames in which both distances are among the middle ``share`` of those of ``others``."""
        edges = np.array([(1 - share) / 2, (1 + share) / 2])
        inside = np.ones(len(self.hips), bool)
        for own, real in ((self.hips, others.hips), (self.hands, others.hands)):
            low, high = np.quantile(real, edges)
            inside &= (own >= low) & (own <= high)
        return float(inside.mean())

    @classmethod
    def joined(cls, parts: "list[CoupleDistances]") -> "CoupleDistances":
        """Of several couples."""
        return cls(
            hips=np.concatenate([part.hips for part in parts]), hands=np.concatenate([part.hands for part in parts])
        )


def couple_distances(one: Clip, other: Clip) -> CoupleDistances:
    """The distances between two clips that start together, over the frames that both have.

    Raises:
        DataError: a body without hips or hands, or clips of different frame rates.
    """
    if one.fps != other.fps:
        raise DataError(f"two dancers must have one frame rate, got {one.fps:g} and {other.fps:g}")
    length = min(one.num_frames, other.num_frames)
    hips, hands = zip(*(_where(clip[:length]) for clip in (one, other)), strict=True)
    gaps = np.linalg.norm(hands[0][:, :, None] - hands[1][:, None], axis=-1)
    return CoupleDistances(hips=np.linalg.norm(hips[0] - hips[1], axis=-1), hands=gaps.min(axis=(1, 2)))


def _where(clip: Clip) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, "T 2 3"]]:
    humanoid = told_bones(clip)
    humanoid.check_complete("the dancer")
    positions, _ = forward(clip)
    return positions[:, humanoid.joints["hips"]], positions[:, [humanoid.joints[f"{side}Hand"] for side in SIDES]]
