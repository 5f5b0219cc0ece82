"""The published deterministic baseline, whole: Transflower's encoder, whose last linear map gives the frames."""

from collections.abc import Mapping

import torch
from torch import Tensor

from transflower.core.moments import Moments
from transflower.models.heads.deterministic import DeterministicHeadConfig
from transflower.models.model import Model
from transflower.published.modalities import windows_of
from transflower.published.weights import Settings, Weights, fill, refuse
from transflower.published.whole import empty_model, ready
from transflower.published.windowed import windowed_config, windowed_state


def load_transformer_model(
    settings: Settings, state: Mapping[str, Tensor], moments: Mapping[str, Moments] = {}
) -> Model:
    """A published transformer model, as ``load_transflower`` takes it.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    refuse(settings, "use_rotary_pos_emb", "use_x_transformers")
    weights = Weights(state)
    inputs, outputs = windows_of(settings, "input"), windows_of(settings, "output")
    encoder = windowed_config(weights, settings, an_input=next(iter(inputs)), an_output=next(iter(outputs)))
    model = empty_model(inputs, outputs, encoder=encoder, head=DeterministicHeadConfig(), moments=moments)
    fill(model, ready(_with_readouts(windowed_state(weights, model), model)))
    weights.check_all_taken()
    return model.eval()


def _with_readouts(state: dict[str, Tensor], model: Model) -> dict[str, Tensor]:
    """Ours reads frames off the context, which theirs had not: the context becomes what its last layer said."""
    for name in model.config.outputs:
        theirs, ours = f"encoder.cross.{name}.transformer.output", f"heads.{name}.readout.network.output"
        weight, bias = state[f"{theirs}.weight"], state[f"{theirs}.bias"]
        state |= {f"{ours}.weight": weight, f"{ours}.bias": bias}
        width = weight.shape[1]
        state |= {f"{theirs}.weight": torch.eye(width), f"{theirs}.bias": torch.zeros(width)}
    return state
