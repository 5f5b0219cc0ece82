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
        self._folded: tuple[Tensor, Tensor] | None = None

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """What the positions before do not foretell, scaled to variance 1."""
        weights, scale = self._filter()
        line = torch.cat((self._past(x, state), x), dim=1)
        latents = (x - self._foretell(line[:, :-1], weights)) / scale
        return latents, constant_log_det(-scale.log().sum(), x), self._remember(line)

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
        line = self._past(z, state)
        for innovation in z.split(1, dim=1):
            foretold = self._foretell(line[:, -self.order :], weights)
            line = torch.cat((line, foretold + scale * innovation), dim=1)
        return line[:, self.order :], self._remember(line)

    def init_state(self, batch_size: int) -> State:
        """Nothing has happened yet."""
        return {"past": self._nothing(batch_size)}

    def fold(self) -> None:
        """Run the recursion once instead of for every frame."""
        weights, scale = self._filter()
        self._folded = weights.detach(), scale.detach()

    def _nothing(self, batch_size: int) -> Float[Tensor, "B M 1 D"]:
        return self.raw_correlations.new_zeros(batch_size, self.order, 1, self.raw_correlations.shape[1])

    def _past(self, x: Float[Tensor, "B P N D"], state: State) -> Float[Tensor, "B M N D"]:
        past = self._nothing(len(x)) if state is None else state["past"]
        return past.to(x).expand(-1, -1, x.shape[2], -1)

    def _remember(self, line: Float[Tensor, "B _ N D"]) -> State:
        return {"past": line[:, -self.order :]}

    def _foretell(self, line: Float[Tensor, "B _ N D"], weights: Float[Tensor, "M D"]) -> Float[Tensor, "B P N D"]:
        """The mean of what follows each M positions in a row."""
        lags = line.unfold(1, self.order, 1)  # [B, P, N, D, M], nearest last
        return (lags * weights.flip(0).T).sum(-1)

    def _filter(self) -> tuple[Float[Tensor, "M D"], Float[Tensor, " D"]]:
        """The weight of each lag, nearest first, and the standard deviation of innovations."""
        if self._folded is not None:
            return self._folded
        partial = self.raw_correlations.tanh()
        weights = partial[:0]
        for last in partial:
            weights = torch.cat((weights - last * weights.flip(0), last[None]))
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
