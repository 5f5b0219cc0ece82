"""The published Transflower, whole: an encoder for each input, one over all of them, and a flow for each output."""

from collections.abc import Mapping

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.moments import Moments
from transflower.models.heads.flow import FlowHead, FlowHeadConfig
from transflower.models.model import Model
from transflower.published.flowpp import FlowppNames, flowpp_config, flowpp_state, scales_of
from transflower.published.modalities import windows_of
from transflower.published.weights import Settings, Weights, below, fill, refuse, text
from transflower.published.whole import empty_model, ready
from transflower.published.windowed import windowed_config, windowed_state

_UNREAD = ("residual", "use_shared_crossmodal_encoder", "input_mod_masks", "use_rotary_pos_emb", "use_x_transformers")

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
    inputs, outputs = windows_of(settings, "input"), windows_of(settings, "output")
    an_input, an_output = next(iter(inputs)), next(iter(outputs))
    flow = flowpp_config(
        weights.within(f"net_output_glow_{an_output}."), settings, scales=_scales(settings), names=_FLOW_NAMES
    )
    encoder = windowed_config(weights, settings, an_input=an_input, an_output=an_output)
    model = empty_model(inputs, outputs, encoder=encoder, head=FlowHeadConfig(flow=flow), moments=moments)
    fill(model, ready(windowed_state(weights, model) | _flow_states(weights, model)))
    weights.check_all_taken()
    return model.eval()


def _flow_states(weights: Weights, model: Model) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    for name in model.config.outputs:
        head = model.head(name)
        assert isinstance(head, FlowHead)
        flow = flowpp_state(weights.within(f"net_output_glow_{name}."), head.flow)
        state |= below(f"heads.{name}.flow", flow)
    return state


def _scales(settings: Settings) -> list[list[int]]:
    """Steps of each scale; outputs are separated by semicolons."""
    of_outputs = text(settings, "scales", "").split(";")
    if len(set(of_outputs)) > 1:
        raise ModelError(f"all outputs must have the same scales, got {'; '.join(of_outputs)}")
    return scales_of(of_outputs[0])
