"""The published Transflower, whole: an encoder for each input, one over all of them, and a flow for each output."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.models.encoders.windowed import WindowedEncoder, WindowedEncoderConfig
from transflower.models.heads.flow import FlowHead, FlowHeadConfig
from transflower.models.model import Model
from transflower.models.options import InputConfig, ModelConfig, OutputConfig
from transflower.models.published.flowpp import FlowppNames, flowpp_config, flowpp_state, scales_of
from transflower.models.published.transformer import positions_of, transformer_config, transformer_state
from transflower.models.published.weights import Settings, Weights, below, fill, flag, integer, refuse, text
from transflower.models.scaling import Moments
from transflower.nn.transformer import Transformer

_UNREAD = ("residual", "use_shared_crossmodal_encoder", "input_mod_masks", "use_rotary_pos_emb", "use_x_transformers")
_NEVER_CLAMPED = 1e6

_FLOW_NAMES = FlowppNames(
    heads="num_heads_flow",
    norm="glow_norm_layer",
    momentum="glow_bn_momentum",
    absolute="use_pos_emb_coupling",
    relative="use_rel_pos_emb_coupling",
    components="num_mixture_components",
    attention="glow_use_attn",
)


def load_transflower(settings: Settings, state: Mapping[str, Tensor], moments: Mapping[str, Moments] = {}) -> Model:
    """A published Transflower: ``settings`` are its options.

    Args:
        settings: the options that it was trained with.
        state: its weights.
        moments: mean and standard deviation of the features of each modality, if these are not scaled already.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    refuse(settings, *_UNREAD)
    weights = Weights(state)
    config = transflower_config(weights, settings, is_scaled=not moments)
    streams = _streams(settings)
    unscaled = {name: (np.zeros(spec.dim), np.ones(spec.dim)) for name, spec in streams.items()}
    model = Model(config, streams, unscaled | dict(moments))
    fill(model, _model_state(weights, model) | {"is_initialised": torch.tensor(True)})
    weights.check_all_taken()
    return model.eval()


def transflower_config(weights: Weights, settings: Settings, *, is_scaled: bool = True) -> ModelConfig:
    """Options of ours: sizes of networks are read off the weights."""
    inputs, outputs = _names(settings, "input"), _names(settings, "output")
    return ModelConfig(
        inputs={
            name: InputConfig(length=length, offset=offset)
            for name, length, offset in zip(inputs, *_windows(settings, "input", inputs), strict=True)
        },
        outputs={
            name: OutputConfig(length=length, offset=offset)
            for name, length, offset in zip(outputs, *_windows(settings, "output", outputs), strict=True)
        },
        encoder=_encoder_config(weights, settings, inputs[0], outputs[0]),
        head=FlowHeadConfig(
            flow=flowpp_config(
                weights.within(f"net_output_glow_{outputs[0]}."), settings, scales=_scales(settings), names=_FLOW_NAMES
            )
        ),
        normalize="none" if is_scaled else "standard",
        least_std=0.0,
        target_noise=0.0,
        clamp=_NEVER_CLAMPED,
    )


def _encoder_config(weights: Weights, settings: Settings, an_input: str, an_output: str) -> WindowedEncoderConfig:
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
        tokens=_the_only("conditioning_seq_lens", _integers(settings, "conditioning_seq_lens")),
    )


def _model_state(weights: Weights, model: Model) -> dict[str, Tensor]:
    encoder, state = model.encoder, {}
    assert isinstance(encoder, WindowedEncoder)
    for name in model.config.inputs:
        transformer = encoder.get_submodule(f"input_encoders.{name}.transformer")
        state |= below(
            f"encoder.input_encoders.{name}.transformer", _part(weights.within(f"net_input_{name}."), transformer)
        )
    for name in model.config.outputs:
        transformer = encoder.get_submodule(f"cross.{name}.transformer")
        state |= below(f"encoder.cross.{name}.transformer", _part(weights.within(f"net_output_{name}."), transformer))
        head = model.head(name)
        assert isinstance(head, FlowHead)
        flow = flowpp_state(weights.within(f"net_output_glow_{name}."), head.flow)
        state |= below(f"heads.{name}.flow", flow)
    return state


def _part(weights: Weights, transformer: torch.nn.Module) -> dict[str, Tensor]:
    assert isinstance(transformer, Transformer)
    return transformer_state(weights, transformer)


def _streams(settings: Settings) -> dict[str, StreamSpec]:
    streams = {}
    for side, sizes in (("output", "douts"), ("input", "dins")):
        names, dims = _names(settings, side), _integers(settings, sizes)
        if len(dims) != len(names):
            raise ModelError(f"{sizes} has {len(dims)} entries for {len(names)} modalities")
        streams |= {name: StreamSpec(dim=dim) for name, dim in zip(names, dims, strict=True)}
        _check_plain(settings, side)
    return streams


def _check_plain(settings: Settings, side: str) -> None:
    for name, plain in ((f"{side}_types", "c"), (f"{side}_proc_types", "none")):
        if set(text(settings, name, plain).split(",")) != {plain}:
            raise ModelError(f"published weights with {name} {settings[name]} cannot be read; {plain} can")


def _names(settings: Settings, side: str) -> list[str]:
    return text(settings, f"{side}_modalities", "").split(",")


def _windows(settings: Settings, side: str, names: list[str]) -> tuple[list[int], list[int]]:
    """Lengths and offsets; one offset stands for all."""
    lengths, offsets = _integers(settings, f"{side}_lengths"), _integers(settings, f"{side}_time_offsets")
    offsets = offsets * len(names) if len(offsets) == 1 else offsets
    if not len(lengths) == len(offsets) == len(names):
        raise ModelError(f"{side}_lengths and {side}_time_offsets must have an entry for each of {', '.join(names)}")
    return lengths, offsets


def _integers(settings: Settings, name: str) -> list[int]:
    return [int(entry) for entry in text(settings, name, "").split(",") if entry]


def _scales(settings: Settings) -> list[list[int]]:
    """Steps of each scale; outputs are separated by semicolons."""
    of_outputs = text(settings, "scales", "").split(";")
    if len(set(of_outputs)) > 1:
        raise ModelError(f"all outputs must have the same scales, got {'; '.join(of_outputs)}")
    return scales_of(of_outputs[0])


def _the_only(name: str, values: list[int]) -> int | None:
    if len(set(values)) > 1:
        raise ModelError(f"all outputs must have the same {name}, got {values}")
    return values[0] if values else None
