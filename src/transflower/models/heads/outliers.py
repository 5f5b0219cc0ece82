"""Frames that are faults of the capture, such as a marker that jumps: a broad density takes them, they teach nothing.

Shape letters: B batch, P positions, N frames of one prediction, D channels.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.errors import OptionsError

_WIDTH = 3.0
"""Of the broad density, where what is modelled has a root mean square of 1."""


@dataclass(frozen=True)
class Outliers:
    """Mixes a head's density with a broad one: independent Cauchy distributions of every channel.

    The mixture is a proper density. No frame costs more than -log(share) and its cost under the broad density, which
    grows with the logarithm of its size; and the less likely it is under the head, the less gradient it has.

    Example:
        >>> log_prob, modelled = torch.tensor([[-1.0, -5000.0]]), torch.tensor([0.1, 100.0]).reshape(1, 2, 1, 1)
        >>> [round(one, 1) for one in Outliers(0.001).mix(log_prob, modelled).flatten().tolist()]
        [-1.0, -16.2]
    """

    share: float
    """Of the broad density; 0 is none of it."""

    def mix(self, log_prob: Float[Tensor, "B P"], modelled: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P"]:
        """Log density of the mixture, given that of the head."""
        if not self.share:
            return log_prob
        return torch.logaddexp(log_prob + math.log1p(-self.share), self._log_broad(modelled))

    def responsibility(self, mixed: Float[Tensor, "B P"], modelled: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P"]:
        """How sure it is that a position is an outlier, given the mixture's log density."""
        return (self._log_broad(modelled) - mixed).exp()

    def _log_broad(self, modelled: Tensor) -> Tensor:
        """Log of the broad density and its share."""
        log_density = -math.log(math.pi * _WIDTH) - (modelled / _WIDTH).square().log1p()
        return math.log(self.share) + log_density.sum(dim=(-2, -1))


def check_outliers(share: float) -> None:
    """Refuse a share of outliers that is none.

    Raises:
        OptionsError: it is not at least 0 and below 1.
    """
    if not 0 <= share < 1:
        raise OptionsError(f"outliers must be a share of at least 0 and below 1, got {share}")
