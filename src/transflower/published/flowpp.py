"""The published flow, after Flow++: norm, LU matrix, and a coupling by a transformer or by gated convolutions."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.nn.flows import Flow, FlowConfig, FlowShape
from transflower.nn.flows.composition import Composition
from transflower.nn.flows.conditioners import (
    ConditionerConfig,
    GatedConvConditionerConfig,
    TransformerConditioner,
    TransformerConditionerConfig,
)
from transflower.nn.flows.coupling import Coupling
from transflower.nn.flows.multiscale import CoarseScale
from transflower.nn.flows.norms import ActNormConfig, BatchNormConfig, NoNormConfig, NormConfig
from transflower.nn.flows.transforms import FlowppAffineConfig, FlowppMixtureConfig, TransformConfig
from transflower.published.steps import act_norm_state, base_config, batch_norm_state, lu_state
from transflower.published.transformer import positions_of, transformer_config, transformer_state
from transflower.published.weights import Settings, Weights, below, fill, flag, integer, linear, number, text

_ATTENTION_HEADS = 4
_PARTS_OF_A_STEP = 3


@dataclass(frozen=True, kw_only=True)
class FlowppNames:
    """What the options of a flow were called: the flow's own constructor and the whole model had other names."""

    heads: str = "num_heads"
    norm: str = "norm_layer"
    momentum: str = "bn_momentum"
    absolute: str = "use_pos_emb"
    relative: str = "use_rel_pos_emb"
    components: str = "num_components"
    attention: str = "use_attn"


def load_flowpp(settings: Settings, state: Mapping[str, Tensor]) -> Flow:
    """A published flow by itself; ours takes ``[B, P, N, D]``.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    weights = Weights(state)
    dim, length = _sizes(settings["in_shape"])
    shape = FlowShape(
        dim=dim,
        length=length,
        context_dim=integer(settings, "cond_dim"),
        context_length=integer(settings, "cond_seq_len", length),
    )
    flow = flowpp_config(weights, settings, scales=scales_of(settings["scales"]), names=FlowppNames()).build(shape)
    fill(flow, flowpp_state(weights, flow))
    weights.check_all_taken()
    return flow.eval()


def flowpp_config(
    weights: Weights, settings: Settings, *, scales: Sequence[Sequence[int]], names: FlowppNames
) -> FlowConfig:
    """Options of ours: sizes are read off the weights."""
    if any(num_check for _, num_check in scales):
        raise ModelError("published flows with checkerboard couplings never worked, so there are none to read")
    norm = _norm_config(settings, names)
    has_norm = not isinstance(norm, NoNormConfig)
    coupling = weights.within(f"flows.channels.{_PARTS_OF_A_STEP - 1 if has_norm else _PARTS_OF_A_STEP - 2}.")
    return FlowConfig(
        num_steps=scales[0][0],
        coarse_steps=tuple(num_channel for num_channel, _ in scales[1:]),
        norm=norm,
        transform=_transform_config(settings, names),
        conditioner=_conditioner_config(coupling, settings, names),
        base=base_config(settings),
    )


def scales_of(setting: object) -> list[list[int]]:
    """Steps of each scale, ``[on channels, on frames]``; the setting is a list, or its text."""
    scales = ast.literal_eval(setting) if isinstance(setting, str) else setting
    assert isinstance(scales, Sequence)
    return [[int(count) for count in scale] for scale in scales]


def flowpp_state(weights: Weights, flow: Flow) -> dict[str, Tensor]:
    """The state of ``flow``, built by the config of the same weights."""
    if "bounds" in weights:
        weights.take("bounds")  # of the pixels that the flow was written for
    assert isinstance(flow.bijection, Composition)
    return below("bijection", _scale_state(weights.within("flows."), flow.bijection))


def _scale_state(weights: Weights, scale: Composition) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    theirs = 0
    for ours, step in enumerate(scale.steps.values()):
        if isinstance(step, CoarseScale):
            assert isinstance(step.inner, Composition)
            state |= below(f"steps.{ours}.inner", _scale_state(weights.within("next."), step.inner))
        elif isinstance(step, Coupling) or list(step.state_dict()):
            state |= below(f"steps.{ours}", _part_state(weights.within(f"channels.{theirs}."), step))
            theirs += 1
    return state


def _part_state(weights: Weights, part: torch.nn.Module) -> dict[str, Tensor]:
    if isinstance(part, Coupling):
        return _coupling_state(weights, part)
    if "l" in weights:
        return lu_state(weights)
    return batch_norm_state(weights) if "gamma" in weights else act_norm_state(weights)


def _coupling_state(weights: Weights, coupling: Coupling) -> dict[str, Tensor]:
    gain, direction = (weights.take(f"nn.rescale.weight_{part}").flatten() for part in ("g", "v"))
    name = next(name for name, _ in coupling.transform.named_parameters())
    state = {f"transform.{name}": gain * direction.sign()}
    conditioner = coupling.conditioner
    if isinstance(conditioner, TransformerConditioner):
        inner = transformer_state(weights.within("nn.transformer."), conditioner.transformer)
        state |= below("conditioner.transformer", inner)
        if "input_encoder" in weights:
            state |= below("conditioner.widen", linear("input_encoder", weights))
        return state
    return state | below("conditioner.network.network", _convolutions_state(weights.within("nn.")))


def _convolutions_state(weights: Weights) -> dict[str, Tensor]:
    state = below("input", _normed(weights, "in_conv.conv")) | below("output", _normed(weights, "out_conv.conv"))
    for block in range(weights.count("mid_convs.")):
        state |= below(f"blocks.{block}", _block_state(weights.within(f"mid_convs.{block}.")))
    return state


def _block_state(weights: Weights) -> dict[str, Tensor]:
    state = below("convolution.convolution", _normed(weights, "conv.conv.conv"))
    state |= below("convolution.gate", _normed(weights, "conv.gate.conv"))
    state |= below("convolution_norm", linear("norm_1", weights))
    if "attn" in weights:
        projection = _normed(weights, "attn.in_proj")
        state |= below("attention.in_projection", {name: _query_first(part) for name, part in projection.items()})
        state |= below("attention.gate", _normed(weights, "attn.gate"))
        state |= below("attention_norm", linear("norm_2", weights))
    return state


def _normed(weights: Weights, name: str) -> dict[str, Tensor]:
    """A weight-normalised map, with a bias or without."""
    gain, direction = weights.take(f"{name}.weight_g"), weights.take(f"{name}.weight_v")
    if direction.ndim == 4:
        gain, direction = _frames_only(gain, direction)
    state = {"parametrizations.weight.original0": gain, "parametrizations.weight.original1": direction}
    return state | ({"bias": weights.take(f"{name}.bias")} if f"{name}.bias" in weights else {})


def _frames_only(gain: Tensor, kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Of a kernel over images one pixel wide, only the middle column acts; its norm is over the whole kernel."""
    column = kernel[..., kernel.shape[-1] // 2]
    share = column.flatten(1).norm(dim=1) / kernel.flatten(1).norm(dim=1)
    gain = gain.flatten() * share
    if column.shape[-1] == 1:
        return gain[:, None], column[..., 0]
    return gain[:, None, None], column


def _query_first(projection: Tensor) -> Tensor:
    """Theirs are keys, values, queries."""
    keys, values, queries = projection.chunk(3)
    return torch.cat([queries, keys, values])


def _norm_config(settings: Settings, names: FlowppNames) -> NormConfig:
    kind = text(settings, names.norm, "none")
    if kind == "batchnorm":
        return BatchNormConfig(momentum=number(settings, names.momentum, 0.1))
    if kind in ("actnorm", "none"):
        return ActNormConfig() if kind == "actnorm" else NoNormConfig()
    raise ModelError(f"{names.norm} must be actnorm, batchnorm or none, got {kind}")


def _transform_config(settings: Settings, names: FlowppNames) -> TransformConfig:
    components = integer(settings, names.components)
    return FlowppMixtureConfig(components=components) if components else FlowppAffineConfig()


def _conditioner_config(coupling: Weights, settings: Settings, names: FlowppNames) -> ConditionerConfig:
    if not flag(settings, "use_transformer_nn"):
        return GatedConvConditionerConfig(
            width=len(coupling.take("nn.in_conv.conv.bias")),
            blocks=coupling.count("nn.mid_convs."),
            heads=_ATTENTION_HEADS if flag(settings, names.attention) else 0,
            dropout=number(settings, "drop_prob", number(settings, "dropout")),
            start="random",
        )
    positions = positions_of(absolute=flag(settings, names.absolute), relative=flag(settings, names.relative))
    heads = integer(settings, names.heads)
    network = transformer_config(coupling.within("nn.transformer."), settings, heads=heads, positions=positions)
    join: Literal["channels", "time"] = "time" if "input_encoder" in coupling else "channels"
    return TransformerConditionerConfig(**vars(network), join=join, start="published")


def _sizes(in_shape: object) -> tuple[int, int]:
    """Channels and frames of ``[C, N, 1]``."""
    assert isinstance(in_shape, Sequence)
    return int(in_shape[0]), int(in_shape[1])
