"""Perceptrons: a plain one, and a residual one that a context modulates.

Shape letters: ... any leading axes, I channels in, O channels out, C context channels.
"""

from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MLP(nn.Module):
    """Linear maps with an activation between; without hidden layers one linear map.

    Example:
        >>> MLP(3, 2, hidden_dim=8, hidden_layers=2)(torch.zeros(4, 5, 3)).shape
        torch.Size([4, 5, 2])
    """

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        *,
        hidden_dim: int = 256,
        hidden_layers: int = 1,
        activation: Literal["silu", "relu"] = "silu",
    ) -> None:
        super().__init__()
        widths = [in_dim] + [hidden_dim] * hidden_layers
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))
        self.output = nn.Linear(widths[-1], out_dim)
        self.activation = nn.SiLU() if activation == "silu" else nn.ReLU()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        for layer in self.hidden:
            x = self.activation(layer(x))
        return self.output(x)


class FilmMLP(nn.Module):
    """Residual perceptron whose hidden units are scaled and shifted by the context.

    Ethan Perez et al., "FiLM: visual reasoning with a general conditioning layer", 2018, equation 2.

    Example:
        >>> network = FilmMLP(3, 2, context_dim=4, hidden_dim=8, blocks=1)
        >>> network(torch.zeros(5, 3), torch.zeros(5, 4)).shape
        torch.Size([5, 2])
    """

    def __init__(self, in_dim: int, out_dim: int, context_dim: int, *, hidden_dim: int, blocks: int) -> None:
        super().__init__()
        self.input = nn.Linear(in_dim + context_dim, hidden_dim)
        self.blocks = nn.ModuleList(_FilmBlock(hidden_dim, context_dim) for _ in range(blocks))
        self.output = nn.Linear(hidden_dim, out_dim)

    def forward(
        self, x: Float[Tensor, "*shape I"], context: Float[Tensor, "*shape C"] | None
    ) -> Float[Tensor, "*shape O"]:
        """Map the last axis; ``context`` has the leading axes of ``x``."""
        hidden = self.input(x if context is None else torch.cat([x, context], dim=-1))
        for block in self.blocks:
            hidden = block(hidden, context)
        return self.output(hidden)


class _FilmBlock(nn.Module):
    def __init__(self, dim: int, context_dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.expand = nn.Linear(dim, dim)
        self.modulate = nn.Linear(context_dim, 2 * dim) if context_dim else None
        self.contract = nn.Linear(dim, dim)

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        hidden = self.expand(self.norm(x))
        if self.modulate is not None:
            scale, shift = self.modulate(context).chunk(2, dim=-1)
            hidden = hidden * (1 + scale) + shift
        return x + self.contract(nn.functional.silu(hidden))
