"""Mixtures of logistics: the log-odds of each element's cumulative probability, and their inverse.

Shape letters: B batch, P positions, N frames, D transformed channels, K components.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

_SECTIONS = 9
_NEWTON_STEPS = 5
_LARGEST_LOG_STRETCH = 30.0
"""Of an inverse's derivative: between components far apart the cumulative probability is flat."""


@dataclass(frozen=True, eq=False)
class LogisticMixture:
    """One mixture for each element."""

    log_weights: Float[Tensor, "B P N K D"]
    means: Float[Tensor, "B P N K D"]
    log_scales: Float[Tensor, "B P N K D"]
    rounds: int = 5
    """How often the solver cuts its bracket into 9 sections before it takes Newton's steps."""

    def map(self, x: Float[Tensor, "B P N D"]) -> tuple[Tensor, Tensor]:
        """The log-odds of the cumulative probability at ``x``, and the log of their derivative."""
        below, above = self._shares(x)
        # By the share of each component in either tail: a difference of the tails' logarithms would cancel far out.
        parts = below.log_softmax(dim=-2) + above.log_softmax(dim=-2)
        return _log_odds(below, above), (parts - self.log_weights - self.log_scales).logsumexp(dim=-2)

    def solve(self, log_odds: Float[Tensor, "B P N D"]) -> Float[Tensor, "B P N D"]:
        """The elements that have these log-odds, with the right gradient."""
        x = self._search(log_odds)
        if not torch.is_grad_enabled():
            return x
        missing, stretch = self._newton(x, log_odds)
        # A Newton step of length 0 has the derivatives of the root.
        return x + (missing - missing.detach()) * stretch

    @torch.no_grad()
    def _search(self, log_odds: Tensor) -> Tensor:
        """Cut a bracket into sections, then take Newton's steps within it.

        A fixed number of both, so that no device is waited for. The bracket holds the root: there some components have
        at least these log-odds and some at most.
        """
        ends = self.means + self.log_scales.exp() * log_odds.unsqueeze(-2)
        low, high = ends.amin(dim=-2), ends.amax(dim=-2)
        cuts = torch.arange(1, _SECTIONS, device=low.device).view(-1, *[1] * low.ndim)
        for _ in range(self.rounds):
            section = (high - low) / _SECTIONS
            is_before = _log_odds(*self._shares(low + section * cuts)) < log_odds
            low = low + section * is_before.sum(dim=0)
            high = low + section
        x = (low + high) / 2
        for _ in range(_NEWTON_STEPS):
            missing, stretch = self._newton(x, log_odds)
            x = (x + missing * stretch).clamp(low, high)
        return x

    def _newton(self, x: Tensor, log_odds: Tensor) -> tuple[Tensor, Tensor]:
        """Target minus log-odds at ``x``, and the inverse of their slope."""
        reached, log_slope = self.map(x)
        return log_odds - reached, (-log_slope.detach()).clamp(max=_LARGEST_LOG_STRETCH).exp()

    def _shares(self, x: Float[Tensor, "... D"]) -> tuple[Float[Tensor, "... K D"], Float[Tensor, "... K D"]]:
        """Log of the contribution of each component to the probabilities of a smaller and of a larger value."""
        distance = (x.unsqueeze(-2) - self.means) * (-self.log_scales).exp()
        return self.log_weights + functional.logsigmoid(distance), self.log_weights + functional.logsigmoid(-distance)


def _log_odds(below: Float[Tensor, "... K D"], above: Float[Tensor, "... K D"]) -> Float[Tensor, "... D"]:
    return below.logsumexp(dim=-2) - above.logsumexp(dim=-2)
