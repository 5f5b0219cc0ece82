"""What transforms by mixtures of logistics have in common: the log-odds of each element, then scale and shift.

Shape letters: B batch, P positions, N frames, D changed channels, Q parameters of a frame.
"""

from abc import abstractmethod

from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.transforms.base import Transform
from transflower.nn.flows.transforms.logistics import LogisticMixture


class MixtureTransform(Transform):
    """The log-odds of a mixture's cumulative probability, then ``affine``.

    Parameters of each element: weight, mean and log-scale of every component, and the two of ``affine``.
    """

    def __init__(self, components: int, affine: Transform) -> None:
        super().__init__()
        self.parameters_per_element = 3 * components + affine.parameters_per_element
        self.components = components
        self.affine = affine

    @abstractmethod
    def split(self, parameters: Float[Tensor, "B P N Q"]) -> tuple[LogisticMixture, Tensor]:
        """The mixture of each element, and the parameters of ``affine``."""

    def forward(
        self, x: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """The log-odds, then scale and shift."""
        mixture, affine = self.split(parameters)
        log_odds, log_slope = mixture.map(x)
        z, log_scale = self.affine(log_odds, affine)
        return z, log_slope + log_scale

    def inverse(
        self, z: Float[Tensor, "B P N D"], parameters: Float[Tensor, "B P N Q"]
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P N D"]]:
        """Undo scale and shift, then find the elements that have these log-odds."""
        mixture, affine = self.split(parameters)
        log_odds, log_scale = self.affine.inverse(z, affine)
        x = mixture.solve(log_odds)
        return x, log_scale - mixture.map(x)[1]
