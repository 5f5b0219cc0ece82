"""The published MoGlow: act-norm, a matrix or a permutation, and a recurrent coupling.

Its frames follow one another along our P; a position is one frame and its condition.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.nn.flows import Flow, FlowConfig, FlowShape
from transflower.nn.flows.conditioners import (
    ConditionerConfig,
    FeedforwardConditionerConfig,
    RecurrentConditionerConfig,
)
from transflower.nn.flows.linears import DenseLinearConfig, LinearConfig, LULinearConfig, PermutationConfig
from transflower.nn.flows.transforms import AdditiveConfig, MoglowAffineConfig
from transflower.published.steps import base_config, glow_act_norm_state, lu_state
from transflower.published.weights import Settings, Weights, below, fill, flag, integer, linear, text

_PARTS_OF_A_STEP = 3
_FIRST_LAYER = {"lstm": "f.lstm.weight_ih_l0", "gru": "f.gru.weight_ih_l0", "ff": "f.0.weight"}


def load_moglow(settings: Settings, state: Mapping[str, Tensor]) -> Flow:
    """A published MoGlow by itself.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    weights = Weights(state)
    shape = moglow_shape(weights, settings)
    flow = moglow_config(settings).build(shape)
    fill(flow, moglow_state(weights, settings))
    weights.check_all_taken()
    return flow.eval()


def moglow_shape(weights: Weights, settings: Settings) -> FlowShape:
    """One frame and one condition a position, of sizes that are read off the weights."""
    step = weights.within("flow.layers.0.")
    dim = step.take("actnorm.bias").numel()
    context_dim = step.take(_FIRST_LAYER[_network(settings)]).shape[1] - dim // 2
    return FlowShape(dim=dim, length=1, context_dim=context_dim, context_length=1 if context_dim else 0)


def moglow_config(settings: Settings) -> FlowConfig:
    """Options of ours."""
    is_additive = text(settings, "flow_coupling", "affine") == "additive"
    return FlowConfig(
        num_steps=integer(settings, "glow_K"),
        transformed_half="last",
        linear=_linear_config(settings),
        transform=AdditiveConfig() if is_additive else MoglowAffineConfig(),
        conditioner=_conditioner_config(settings),
        base=base_config(settings),
    )


def moglow_state(weights: Weights, settings: Settings) -> dict[str, Tensor]:
    """The state of a flow of ours, built by the config of the same settings."""
    state: dict[str, Tensor] = {}
    for number_of_step in range(weights.count("flow.layers.")):
        step = weights.within(f"flow.layers.{number_of_step}.")
        first = number_of_step * _PARTS_OF_A_STEP
        state |= below(f"bijection.steps.{first}", glow_act_norm_state(step.within("actnorm.")))
        state |= below(f"bijection.steps.{first + 1}", _linear_state(step.within("invconv.")))
        state |= below(f"bijection.steps.{first + 2}.conditioner", _network_state(step.within("f."), settings))
    return state


def _linear_config(settings: Settings) -> LinearConfig:
    kind = text(settings, "flow_permutation", "invconv")
    if kind == "invconv":
        return LULinearConfig() if flag(settings, "LU_decomposed") else DenseLinearConfig()
    if kind == "reverse":
        return PermutationConfig(order="reverse")
    raise ModelError(f"published weights do not say how a flow_permutation of {kind} moved the channels")


def _linear_state(weights: Weights) -> dict[str, Tensor]:
    if "l" in weights:
        return lu_state(weights)
    return {"weight": weights.take("weight")} if "weight" in weights else {}


def _network(settings: Settings) -> Literal["lstm", "gru", "ff"]:
    match text(settings, "network_model", "LSTM"):
        case "LSTM":
            return "lstm"
        case "GRU":
            return "gru"
        case "FF":
            return "ff"
        case other:
            raise ModelError(f"published couplings with network_model {other} cannot be read; LSTM, GRU and FF can")


def _conditioner_config(settings: Settings) -> ConditionerConfig:
    width, layers = integer(settings, "dhid"), integer(settings, "num_layers", 2)
    kind = _network(settings)
    if kind == "ff":
        return FeedforwardConditionerConfig(width=width)
    return RecurrentConditionerConfig(cell=kind, width=width, layers=layers)


def _network_state(weights: Weights, settings: Settings) -> dict[str, Tensor]:
    kind = _network(settings)
    if kind == "ff":
        state = below("network.network.hidden.0", linear("0", weights))
        state |= below("network.network.hidden.1", linear("2", weights))
        return state | below("network.network.output", _blocks(linear("4", weights), settings))
    state = below("output", _blocks(linear("linear", weights), settings))
    for layer in range(integer(settings, "num_layers", 2)):
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            name = f"{part}_l{layer}"
            state[f"recurrent.{name}"] = weights.take(f"{kind}.{name}")
    return state


def _blocks(output: Mapping[str, Tensor], settings: Settings) -> dict[str, Tensor]:
    """Scales, then shifts: theirs were interleaved, a shift before each scale."""
    if text(settings, "flow_coupling", "affine") == "additive":
        return dict(output)
    return {name: torch.cat([rows[1::2], rows[::2]]) for name, rows in output.items()}
