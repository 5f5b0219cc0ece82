"""How a predicted mean is taught, around which a flow models what is left.

Shape letters: B batch, P positions, N frames of one prediction, D channels.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.errors import OptionsError

MeanKind = Literal["none", "linear", "mlp"]
MeanLoss = Literal["none", "sum", "blend"]

_ERROR_WEIGHT = 100.0
_BLEND_SCALE = 5.0


@dataclass(frozen=True)
class MeanTeaching:
    """By the likelihood of what is left alone, or also by the squared error of the mean, as published.

    In bits per frame of D channels, the unit of the publications, ``sum`` is ``NLL + M`` and ``blend`` is
    ``(1 - w) NLL + w M``, where ``M = 100 MSE`` and ``w = sigmoid(M / 5)``. That weight is a number, no path for a
    gradient: wherever the likelihood is the worse of the two, it would reward a worse mean.
    """

    loss: MeanLoss = "none"
    """What is added to the likelihood."""
    is_detached: bool = False
    """Whether the likelihood leaves the mean alone."""

    def residual(
        self, modelled: Float[Tensor, "B P N D"], mean: Float[Tensor, "B P N D"] | None
    ) -> Float[Tensor, "B P N D"]:
        """What is left for the flow."""
        if mean is None:
            return modelled
        return modelled - (mean.detach() if self.is_detached else mean)

    def weigh(self, nll: Float[Tensor, ""], squared_error: Float[Tensor, ""], *, dim: int) -> Float[Tensor, ""]:
        """The loss of both, in the unit of ``nll``: nats per dimension, of D = ``dim``."""
        error = _ERROR_WEIGHT * squared_error
        nll_bits = nll * dim / math.log(2)
        if self.loss == "blend":
            weight = torch.sigmoid(error.detach() / _BLEND_SCALE)
            nll_bits, error = (1 - weight) * nll_bits, weight * error
        return (nll_bits + error) * math.log(2) / dim


BY_LIKELIHOOD = MeanTeaching()
"""By the likelihood alone."""


def check_mean(kind: MeanKind, teaching: MeanTeaching) -> None:
    """Refuse a mean that cannot learn, and lessons for none.

    Raises:
        OptionsError: naming the options that do not go together.
    """
    if kind == "none" and (teaching.loss != "none" or teaching.is_detached):
        raise OptionsError("mean_loss and detach_mean are about a mean, and there is none; choose mean: linear or mlp")
    if teaching.is_detached and teaching.loss == "none":
        raise OptionsError("a detached mean learns from its squared error alone; choose mean_loss: sum or blend")
