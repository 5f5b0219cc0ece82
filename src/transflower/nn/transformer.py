"""The transformer encoder of the published system: linear in, layers of full attention, linear out.

Guillermo Valle-Perez et al., "Transflower: probabilistic autoregressive dance generation with multimodal attention",
2021; its layers are those of Ashish Vaswani et al., "Attention is all you need", 2017, section 3.

Shape letters: B batch, L tokens, I channels in, O channels out, C model width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.attention import SelfAttention
from transflower.nn.batch_share import Dropout
from transflower.nn.positions import AbsolutePositions, RelativeBias

Positions = Literal["none", "absolute", "relative", "both"]


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Size and kind of a transformer encoder."""

    width: int = 512
    """Channels of a token."""
    layers: Depth = 2
    """Attention layers."""
    heads: int = 8
    """Attention heads; must divide the width."""
    feedforward: float = 1.0
    """Hidden width of the perceptrons, as a multiple of the width."""
    dropout: float = 0.0
    """Share of activations that training drops."""
    positions: Positions = "absolute"
    """How tokens know their place: a learned vector each, a learned score for each pair, both, or not at all."""

    def __post_init__(self) -> None:
        if min(self.width, self.layers, self.heads) < 1 or self.feedforward <= 0:
            raise OptionsError("a transformer needs width, layers, heads and feedforward above 0")
        if self.width % self.heads:
            raise OptionsError(f"a width of {self.width} cannot be shared by {self.heads} heads; choose a multiple")
        if not 0 <= self.dropout < 1:
            raise OptionsError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class Transformer(nn.Module):
    """Encodes ``length`` tokens.

    Example:
        >>> config = TransformerConfig(width=16, layers=1, heads=2)
        >>> transformer = Transformer(6, 8, 10, config)  # channels in and out, tokens
        >>> tuple(transformer(torch.zeros(2, 10, 6)).shape)
        (2, 10, 8)
    """

    def __init__(self, in_dim: int, out_dim: int, length: int, config: TransformerConfig) -> None:
        super().__init__()
        self.length = length
        self.input = nn.Linear(in_dim, config.width)
        has_table = config.positions in ("absolute", "both")
        self.positions = AbsolutePositions(length, config.width) if has_table else None
        # A single token attends to itself alone, whatever the bias.
        has_bias = config.positions in ("relative", "both") and length > 1
        self.bias = RelativeBias(length) if has_bias else None
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.output = nn.Linear(config.width, out_dim)
        nn.init.uniform_(self.output.weight, -0.1, 0.1)
        nn.init.zeros_(self.output.bias)

    def forward(self, x: Float[Tensor, "B L I"]) -> Float[Tensor, "B L O"]:
        """Encode all tokens at once.

        Raises:
            ModelError: another number of tokens than the transformer was built for.
        """
        if x.shape[1] != self.length:
            raise ModelError(f"a transformer for {self.length} tokens was given {x.shape[1]}; rebuild it or cut them")
        hidden = self.input(x)
        if self.positions is not None:
            hidden = self.dropout(self.positions(hidden))
        bias = None if self.bias is None else self.bias()
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return self.output(hidden)


class _Layer(nn.Module):
    """Attention and a perceptron, each with a residual and a norm after it (post-norm)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        hidden = max(1, round(config.feedforward * config.width))
        self.attention = SelfAttention(config.width, config.heads, config.dropout)
        self.expand = nn.Linear(config.width, hidden)
        self.contract = nn.Linear(hidden, config.width)
        self.attention_norm = nn.LayerNorm(config.width)
        self.feedforward_norm = nn.LayerNorm(config.width)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        x = self.attention_norm(x + self.dropout(self.attention(x, bias)))
        return self.feedforward_norm(x + self.dropout(self._feedforward(x)))

    def _feedforward(self, x: Tensor) -> Tensor:
        return self.contract(self.dropout(torch.relu(self.expand(x))))
