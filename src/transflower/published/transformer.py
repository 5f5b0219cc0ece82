"""Published transformers: linear in, post-norm layers, linear out, with learned positions or not."""

from collections.abc import Mapping

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.nn.transformer import Positions, Transformer, TransformerConfig
from transflower.published.weights import (
    Settings,
    Weights,
    below,
    fill,
    flag,
    integer,
    linear,
    number,
    refuse,
    text,
)

_LAYER_PARTS = {
    "attention.out_projection": "self_attn.out_proj",
    "expand": "linear1",
    "contract": "linear2",
    "attention_norm": "norm1",
    "feedforward_norm": "norm2",
}
"""Ours to theirs."""


def load_transformer(settings: Settings, state: Mapping[str, Tensor]) -> Transformer:
    """A published transformer by itself; ours takes batch first, theirs took time first.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    weights = Weights(state)
    positions = positions_of(absolute=flag(settings, "use_pos_emb"), relative=flag(settings, "use_rel_pos_emb"))
    config = transformer_config(weights, settings, heads=integer(settings, "nhead"), positions=positions)
    in_dim, out_dim, length = (integer(settings, name) for name in ("din", "dout", "input_length"))
    transformer = Transformer(in_dim, out_dim, length, config)
    fill(transformer, transformer_state(weights, transformer))
    weights.check_all_taken()
    return transformer.eval()


def transformer_config(weights: Weights, settings: Settings, *, heads: int, positions: Positions) -> TransformerConfig:
    """Options of ours: sizes are read off the weights, the rest is given."""
    refuse(settings, "norm_first", "use_rotary_pos_emb", "use_x_transformers")
    if text(settings, "activation", "relu") != "relu":
        raise ModelError(f"published transformers have relu, this one {settings['activation']}")
    width = len(weights.take("encoder1.weight"))
    hidden = len(weights.take("transformer_encoder.layers.0.linear1.weight"))
    return TransformerConfig(
        width=width,
        layers=weights.count("transformer_encoder.layers."),
        heads=heads,
        feedforward=hidden / width,
        dropout=number(settings, "dropout", number(settings, "drop_prob")),
        positions=positions,
    )


def transformer_state(weights: Weights, transformer: Transformer) -> dict[str, Tensor]:
    """The state of ``transformer``, built by the config of the same weights."""
    state = below("input", linear("encoder1", weights)) | below("output", linear("decoder", weights))
    if transformer.positions is not None:
        state["positions.table"] = weights.take("pos_encoder.pe").squeeze(1)
    if transformer.bias is not None:
        state["bias.table"] = weights.take("pos_emb")
    for layer in range(len(transformer.layers)):
        state |= below(f"layers.{layer}", _layer_state(weights.within(f"transformer_encoder.layers.{layer}.")))
    return state


def positions_of(*, absolute: bool, relative: bool) -> Positions:
    """The published flags as one word."""
    if absolute:
        return "both" if relative else "absolute"
    return "relative" if relative else "none"


def _layer_state(weights: Weights) -> dict[str, Tensor]:
    state = {
        f"attention.in_projection.{part}": weights.take(f"self_attn.in_proj_{part}") for part in ("weight", "bias")
    }
    for ours, theirs in _LAYER_PARTS.items():
        state |= below(ours, linear(theirs, weights))
    return state
