"""The published encoder: a transformer for each input, and one over all their tokens for each output."""

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.models.encoders.windowed import WindowedEncoderConfig
from transflower.models.model import Model
from transflower.nn.transformer import Transformer
from transflower.published.modalities import integers
from transflower.published.transformer import positions_of, transformer_config, transformer_state
from transflower.published.weights import Settings, Weights, below, flag, integer


def windowed_config(weights: Weights, settings: Settings, *, an_input: str, an_output: str) -> WindowedEncoderConfig:
    """Options of ours: sizes of networks are read off the weights of one input and of one output."""
    heads = integer(settings, "nhead")
    kinds = {
        side: positions_of(
            absolute=flag(settings, f"use_pos_emb_{side}"), relative=flag(settings, f"use_rel_pos_emb_{side}")
        )
        for side in ("inputs", "output")
    }
    return WindowedEncoderConfig(
        input=transformer_config(
            weights.within(f"net_input_{an_input}."), settings, heads=heads, positions=kinds["inputs"]
        ),
        cross=transformer_config(
            weights.within(f"net_output_{an_output}."), settings, heads=heads, positions=kinds["output"]
        ),
        tokens=_the_only("conditioning_seq_lens", integers(settings, "conditioning_seq_lens")),
    )


def windowed_state(weights: Weights, model: Model) -> dict[str, Tensor]:
    """The state of the model's encoder, built by the config of the same weights."""
    places = {f"encoder.input_encoders.{name}.transformer": f"net_input_{name}." for name in model.config.inputs}
    places |= {f"encoder.cross.{name}.transformer": f"net_output_{name}." for name in model.config.outputs}
    state: dict[str, Tensor] = {}
    for ours, theirs in places.items():
        transformer = model.get_submodule(ours)
        assert isinstance(transformer, Transformer)
        state |= below(ours, transformer_state(weights.within(theirs), transformer))
    return state


def _the_only(name: str, values: list[int]) -> int | None:
    if len(set(values)) > 1:
        raise ModelError(f"all outputs must have the same {name}, got {values}")
    return values[0] if values else None
