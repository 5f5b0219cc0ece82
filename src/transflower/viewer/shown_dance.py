"""A dance as the page takes it.

Shape letters: T frames.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion.clip import Clip

MOST_DANCES = 8
"""Dancers that a page can tell apart by colour, and draw."""
GREY = MOST_DANCES
"""A colour for what dancers are compared with."""


@dataclass(frozen=True, kw_only=True)
class MarkedStretch:
    """A stretch that the page marks and lists: a click plays it again and again."""

    start: float
    """Second of its beginning."""
    stop: float
    """Second of its end."""
    parts: tuple[str, ...]
    """Of the body, that it is about."""
    lowest: float
    """Its least log-likelihood, in nats per dimension."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownDance:
    """One dancer of the page.

    Raises:
        DataError: likelihoods are not those of the clip's frames.
    """

    name: str
    """What its switch is called."""
    clip: Clip
    """Its motion, in metres, Y up."""
    model: bytes | None = None
    """A GLB or VRM file with this motion, which is shown as it is; None shows our own body."""
    log_likelihood: Float[np.ndarray, " T"] | None = None
    """Of each frame, in nats per dimension; NaN where there is none."""
    typical: tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]] | None = None
    """Between which log-likelihoods the model's own frames mostly lie."""
    hue: int | None = None
    """Which of the page's colours it has, up to ``GREY``; dancers may share one. None for that of its place."""

    def __post_init__(self) -> None:
        values = self.log_likelihood
        if values is not None and len(values) != self.clip.num_frames:
            raise DataError(
                f"{len(values)} log-likelihoods do not fit the {self.clip.num_frames} frames of {self.name}"
            )
