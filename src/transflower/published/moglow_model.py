"""The published MoGlow, whole: the frames of a window for each input, and a Glow that runs along the positions."""

from collections.abc import Mapping

from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.moments import Moments
from transflower.models.encoders.concat import ConcatEncoderConfig
from transflower.models.heads.flow import FlowHeadConfig
from transflower.models.model import Model
from transflower.published.modalities import integers, windows_of
from transflower.published.moglow import moglow_config, moglow_state
from transflower.published.weights import Settings, Weights, below, fill, refuse
from transflower.published.whole import empty_model, ready

_A_GLOW_S = "flow.layers.0.actnorm.bias"


def load_moglow_model(settings: Settings, state: Mapping[str, Tensor], moments: Mapping[str, Moments] = {}) -> Model:
    """A published MoGlow model, as ``load_transflower`` takes it.

    Its windows held many positions; ours is one position, with the windows of that.

    Raises:
        ModelError: the weights do not fit the settings, or are of a kind that ours has not.
    """
    refuse(settings, "use_projection")
    weights = Weights(state)
    inputs = windows_of(settings, "input", lengths=integers(settings, "input_seq_lens"))
    outputs = windows_of(settings, "output", lengths=[1])
    head = FlowHeadConfig(flow=moglow_config(settings))
    model = empty_model(inputs, outputs, encoder=ConcatEncoderConfig(), head=head, moments=moments)
    flow = moglow_state(weights.within(_place(state)), settings)
    fill(model, ready(below(f"heads.{next(iter(outputs))}.flow", flow)))
    weights.check_all_taken()
    return model.eval()


def _place(state: Mapping[str, Tensor]) -> str:
    """What the names of the Glow's weights begin with."""
    found = [name.removesuffix(_A_GLOW_S) for name in state if name.endswith(_A_GLOW_S)]
    if len(found) != 1:
        raise ModelError(f"a published MoGlow has one Glow, these weights have {len(found)}")
    return found[0]
