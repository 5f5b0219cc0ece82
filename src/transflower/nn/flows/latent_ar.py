"""Latents that are an autoregressive process over positions.

With noise on the history in training, a network cannot tell the last innovation from noise, and the latents of
successive positions stay correlated. Drawn independently they would cancel, and samples would have too small a
variance. The latents before a position are known exactly; given them, this filter whitens the next ones.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels, M order.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import Bijection, FlowShape, constant_log_det
from transflower.nn.state import State


class LatentAR(Bijection):
    """Each channel is an autoregressive process of variance 1 over positions; the latents are its innovations, scaled.

    The parameters are partial autocorrelations between -1 and 1, so that the process is stationary whatever is learnt:
    O. Barndorff-Nielsen and G. Schou, "On the parametrization of autoregressive models by partial autocorrelations",
    1973. The recursion of Durbin and Levinson gives the weights. Before the first position the process is 0.

    Example:
        >>> process = LatentAR(dim=1, order=1)
        >>> _ = torch.nn.init.constant_(process.raw_correlations, 0.5)
        >>> walk, _ = process.invert(torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1), None)
        >>> [round(one, 3) for one in walk.flatten().tolist()]  # one innovation dies away by tanh(0.5)
        [0.887, 0.41, 0.189]
    """

    def __init__(self, dim: int, order: int) -> None:
        """``order``: M."""
        super().__init__()
        self.order = order
        self.raw_correlations = nn.Parameter(torch.zeros(order, dim))
        """``[M, D]``; their tanh are the partial autocorrelations."""
        self._fused: tuple[Tensor, Tensor] | None = None

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """The process becomes innovations: what the positions before do not predict, scaled to variance 1."""
        weights, scale = self._filter()
        series = torch.cat((self._past(x, state), x), dim=1)
        latents = (x - self._predict(series[:, :-1], weights)) / scale
        return latents, constant_log_det(-scale.log().sum(), x), self._state_of(series)

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Innovations become the process, position after position."""
        x, after = self.invert(z, context, state)
        return x, constant_log_det(self._filter()[1].log().sum(), z), after

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Innovations become the process, position after position."""
        weights, scale = self._filter()
        series = self._past(z, state)
        for innovation in z.split(1, dim=1):
            predicted = self._predict(series[:, -self.order :], weights)
            series = torch.cat((series, predicted + scale * innovation), dim=1)
        return series[:, self.order :], self._state_of(series)

    def init_state(self, batch_size: int) -> State:
        """A past of zeros."""
        return {"past": self._zeros(batch_size)}

    def fuse(self) -> None:
        """Run the recursion once instead of for every frame."""
        weights, scale = self._filter()
        self._fused = weights.detach(), scale.detach()

    def _zeros(self, batch_size: int) -> Float[Tensor, "B M 1 D"]:
        return self.raw_correlations.new_zeros(batch_size, self.order, 1, self.raw_correlations.shape[1])

    def _past(self, x: Float[Tensor, "B P N D"], state: State) -> Float[Tensor, "B M N D"]:
        past = self._zeros(len(x)) if state is None else state["past"]
        return past.to(x).expand(-1, -1, x.shape[2], -1)

    def _state_of(self, series: Float[Tensor, "B _ N D"]) -> State:
        return {"past": series[:, -self.order :]}

    def _predict(self, series: Float[Tensor, "B _ N D"], weights: Float[Tensor, "M D"]) -> Float[Tensor, "B P N D"]:
        """The mean of the position after each M successive ones."""
        lags = series.unfold(1, self.order, 1)  # [B, P, N, D, M], nearest last
        return (lags * weights.flip(0).T).sum(-1)

    def _filter(self) -> tuple[Float[Tensor, "M D"], Float[Tensor, " D"]]:
        """The weight of each lag, nearest first, and the standard deviation of innovations."""
        if self._fused is not None:
            return self._fused
        partial = self.raw_correlations.tanh()
        weights = partial[:0]
        for last in partial:
            weights = torch.cat((weights - last * weights.flip(0), last[None]))
        return weights, (1 - partial.square()).prod(0).sqrt()


def build_latent_ar(shape: FlowShape, order: int) -> LatentAR:
    """The process of the channels of ``shape``.

    Raises:
        ModelError: predictions of successive positions overlap, so that their latents would leak the target.
    """
    if shape.length > 1:
        raise ModelError(
            f"latent_ar needs predictions of 1 frame, these are of {shape.length}; set the flow's latent_ar to 0"
        )
    return LatentAR(shape.dim, order)
