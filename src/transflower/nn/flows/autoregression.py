"""What was unforeseen goes on: latents that remember those of the positions before.

Where the history is noised in training, a network cannot tell its last surprise from noise, and latents of real frames
stay correlated from position to position. Drawn as if they were not, surprises cancel, and a dance is timid. Latents of
the positions before are known without noise; by them this filter makes white what is left.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels, M positions remembered.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import Bijection, FlowShape, constant_log_det
from transflower.nn.state import State


class Autoregression(Bijection):
    """Each channel is an autoregressive process over positions, of variance 1, whose innovations are the latents.

    The process is learnt by its partial autocorrelations, which lie between -1 and 1: whatever is learnt, it is
    stationary, and cannot run away (Durbin and Levinson's recursion; Barndorff-Nielsen and Schou, 1973). Before the
    first position there is nothing to remember: 0.
    """

    def __init__(self, dim: int, order: int) -> None:
        """``order``: M."""
        super().__init__()
        self.order = order
        self.raw_correlations = nn.Parameter(torch.zeros(order, dim))
        """``[M, D]``; their tanh are the partial autocorrelations."""

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """What the positions before do not foretell, scaled to variance 1."""
        coefficients, scale = self._filter()
        line = torch.cat((self._past(x, state), x), dim=1)
        foretold = self._foretell(line, coefficients, count=x.shape[1])
        return (x - foretold) / scale, constant_log_det(-scale.log().sum(), x), self._remember(line)

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Innovations become the process, position after position."""
        coefficients, scale = self._filter()
        line = self._past(z, state)
        for innovation in z.split(1, dim=1):
            foretold = self._foretell(line[:, -self.order :], coefficients, count=1)
            line = torch.cat((line, foretold + scale * innovation), dim=1)
        return line[:, self.order :], constant_log_det(scale.log().sum(), z), self._remember(line)

    def init_state(self, batch_size: int) -> State:
        """Nothing has happened yet."""
        return {"past": self.raw_correlations.new_zeros(batch_size, self.order, 1, self.raw_correlations.shape[1])}

    def _past(self, x: Float[Tensor, "B P N D"], state: State) -> Float[Tensor, "B M N D"]:
        past = (self.init_state(len(x)) if state is None else state) or {}
        return past["past"].to(x).expand(-1, -1, x.shape[2], -1)

    def _remember(self, line: Float[Tensor, "B _ N D"]) -> State:
        return {"past": line[:, -self.order :]}

    def _foretell(
        self, line: Float[Tensor, "B _ N D"], coefficients: list[Float[Tensor, " D"]], *, count: int
    ) -> Float[Tensor, "B P N D"]:
        """The mean of each of the ``count`` positions that follow the first M of ``line``."""
        lags = [line[:, self.order - lag : self.order - lag + count] for lag in range(1, self.order + 1)]
        return torch.stack([weight * past for weight, past in zip(coefficients, lags, strict=True)]).sum(0)

    def _filter(self) -> tuple[list[Float[Tensor, " D"]], Float[Tensor, " D"]]:
        """The weight of each lag, nearest first, and the standard deviation of innovations."""
        partial = self.raw_correlations.tanh()
        weights: list[Tensor] = []
        for last in partial:
            weights = [weight - last * mirrored for weight, mirrored in zip(weights, weights[::-1], strict=True)]
            weights.append(last)
        return weights, (1 - partial.square()).prod(0).sqrt()


def build_autoregression(shape: FlowShape, order: int) -> Autoregression:
    """The process of ``shape``'s channels.

    Raises:
        ModelError: frames of one position are those of the next one too, which remembering would give away.
    """
    if shape.length > 1:
        raise ModelError(
            f"latents can remember those before only where one frame is predicted at a time, not {shape.length}; "
            "leave the flow's memory at 0"
        )
    return Autoregression(shape.dim, order)
