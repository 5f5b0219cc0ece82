"""One vector a frame from the context tokens of a position.

Shape letters: B batch, P positions, N frames of one prediction, D channels, K context tokens, C context channels.
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.mlp import MLP

ReadoutKind = Literal["linear", "mlp"]


class Readout(nn.Module):
    """Reads frame n off token n where there is one for each frame, else all frames off all tokens; starts at zero.

    Example:
        >>> import torch
        >>> readout = Readout("linear", context=(1, 4), output=(2, 3))
        >>> readout(torch.ones(1, 5, 1, 4)).shape
        torch.Size([1, 5, 2, 3])
    """

    def __init__(self, kind: ReadoutKind, *, context: tuple[int, int], output: tuple[int, int]) -> None:
        """``context`` is (K, C), ``output`` is (N, D)."""
        super().__init__()
        self.output_shape = output
        self.is_per_frame = context[0] == output[0]
        in_dim = context[1] if self.is_per_frame else context[0] * context[1]
        out_dim = output[1] if self.is_per_frame else output[0] * output[1]
        self.network = MLP(in_dim, out_dim, hidden_dim=context[1], hidden_layers=int(kind == "mlp"))
        nn.init.zeros_(self.network.output.weight)
        nn.init.zeros_(self.network.output.bias)

    def forward(self, context: Float[Tensor, "B P K C"]) -> Float[Tensor, "B P N D"]:
        """The frames of every position."""
        if self.is_per_frame:
            return self.network(context)
        return self.network(context.flatten(2)).unflatten(-1, self.output_shape)
