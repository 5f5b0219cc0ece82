"""A model on stage: weights packed for drawing, in full precision or in fewer bits."""

from torch import nn

from transflower.models.model import Model
from transflower.nn.fusion import FastRMSNorm, Fusable
from transflower.nn.quantised import Precision, QuantisedLinear, check_precision, prepare_linear


def prepare(model: Model, precision: Precision = "fp32") -> Model:
    """Make a model ready to draw, in place and on its device: from then on it can neither be trained, moved nor saved.

    ``bf16`` halves the weights that each step reads (in fp16, where the processor has no bf16), ``int8`` halves them
    again (on a processor; elsewhere it is bf16).
    What normalises, attends, inverts or is small stays in full precision, and so do the memories of a stream.

    Raises:
        OptionsError: there is no such precision.
    """
    check_precision(precision)
    model.eval().requires_grad_(False)
    for part in list(model.modules()):
        if isinstance(part, Fusable):
            part.fuse()
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.Linear:
                setattr(parent, name, prepare_linear(child, precision))
            elif type(child) is nn.Dropout:
                setattr(parent, name, nn.Identity())
            elif type(child) is nn.RMSNorm and model.is_initialised.device.type == "cpu":
                setattr(parent, name, FastRMSNorm(child))
    return model


def weight_bytes(model: nn.Module) -> int:
    """Memory of all weights, of a prepared model too."""
    own = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    return own + sum(part.num_bytes for part in model.modules() if isinstance(part, QuantisedLinear))
