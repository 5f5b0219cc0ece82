"""The published coupling network: a transformer over the frames of a prediction.

Shape letters: M batch and positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners.base import (
    Conditioner,
    ConditionerConfig,
    StatelessConditioner,
    check_has_input,
)
from transflower.nn.transformer import Transformer, TransformerConfig


@ConditionerConfig.registry.register("transformer")
@dataclass(frozen=True, kw_only=True)
class TransformerConditionerConfig(TransformerConfig, ConditionerConfig):
    """A transformer over the frames of a prediction."""

    join: Literal["channels", "time"] = "channels"
    """The context joins each frame's channels (one token for each frame), or comes as more tokens (any number)."""
    start: Literal["identity", "published"] = "identity"
    """Whether couplings start as the identity, or with the published weights between -0.1 and 0.1."""

    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """The network."""
        check_has_input(shape, in_dim)
        if shape.context_dim and self.join == "time":
            network: Conditioner = _JoinedInTime(self, shape, in_dim, out_dim)
        else:
            network = _JoinedOnChannels(self, shape, in_dim, out_dim)
        return network


class TransformerConditioner(StatelessConditioner):
    """A transformer whose first N outputs are the parameters."""

    def __init__(self, config: TransformerConditionerConfig, in_dim: int, out_dim: int, length: int) -> None:
        super().__init__()
        self.transformer = Transformer(in_dim, out_dim, length, config)
        if config.start == "identity":
            nn.init.zeros_(self.transformer.output.weight)


class _JoinedOnChannels(TransformerConditioner):
    """Each frame's token holds its channels and its context token."""

    def __init__(self, config: TransformerConditionerConfig, shape: FlowShape, in_dim: int, out_dim: int) -> None:
        if shape.context_dim and shape.context_length != shape.length:
            raise ModelError(
                f"join: channels needs one context token for each of the {shape.length} frames, the encoder gives "
                f"{shape.context_length}; change the encoder's readout or choose join: time"
            )
        super().__init__(config, in_dim + shape.context_dim, out_dim, shape.length)

    def predict(
        self, unchanged: Float[Tensor, "M N E"], context: Float[Tensor, "M K C"] | None
    ) -> Float[Tensor, "M N Q"]:
        """Parameters for the frames of each position."""
        return self.transformer(unchanged if context is None else torch.cat([unchanged, context], dim=-1))


class _JoinedInTime(TransformerConditioner):
    """Frames become as wide as the context tokens, which follow them."""

    def __init__(self, config: TransformerConditionerConfig, shape: FlowShape, in_dim: int, out_dim: int) -> None:
        super().__init__(config, shape.context_dim, out_dim, shape.length + shape.context_length)
        self.length = shape.length
        self.widen = nn.Linear(in_dim, shape.context_dim)

    def predict(
        self, unchanged: Float[Tensor, "M N E"], context: Float[Tensor, "M K C"] | None
    ) -> Float[Tensor, "M N Q"]:
        """Parameters for the frames of each position."""
        assert context is not None, "a conditioner with context was given none"
        return self.transformer(torch.cat([self.widen(unchanged), context], dim=1))[:, : self.length]
