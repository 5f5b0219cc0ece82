"""How a dancer moves whatever the move: the style of the music, and one dancer's own habits."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, kw_only=True)
class MotionStyle:
    """Scales of parts of the movement and the posture that a style of music asks for."""

    bounce: float = 1.0
    hips: float = 1.0
    chest: float = 1.0
    arms: float = 1.0
    nod: float = 3.0
    """Degrees of a nod on the beat."""
    crouch: float = 0.0
    """Metres that the hips stay below standing at ease."""
    lean: float = 2.0
    """Degrees that the chest leans forward."""


MOTION_STYLES = {
    "house": MotionStyle(bounce=1.1, chest=1.15, nod=3.5, crouch=0.01, lean=4.0),
    "funk": MotionStyle(arms=1.05, hips=1.1, nod=4.5),
    "hiphop": MotionStyle(bounce=1.25, hips=0.85, arms=0.95, nod=6.0, crouch=0.03, lean=6.0),
    "latin": MotionStyle(bounce=1.0, hips=1.3, chest=0.95, nod=1.5, crouch=0.012, lean=0.0),
}
"""By musical style."""


@dataclass(frozen=True, kw_only=True)
class Dancer:
    """One dancer's habits, drawn once for a dance."""

    stance: float
    """Half the distance of the feet, metres."""
    size: float
    bounce: float
    hips: float
    looseness: float
    """Softness of the follow-through."""
    lean: float
    crouch: float
    carriage: Float[np.ndarray, "2 7"]
    """How the arms (left, right) are held differently, in degrees of the arm controls."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Dancer":
        """A dancer at random."""
        both, each = rng.normal(0, 5, 7), rng.normal(0, 2.5, (2, 7))
        return cls(
            stance=rng.uniform(0.09, 0.125),
            size=rng.uniform(0.88, 1.12),
            bounce=rng.uniform(0.88, 1.25),
            hips=rng.uniform(0.8, 1.25),
            looseness=rng.uniform(0.88, 1.15),
            lean=rng.normal(0, 2.0),
            crouch=rng.uniform(0.0, 0.02),
            carriage=both + each,
        )
