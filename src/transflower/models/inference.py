"""A model prepared for inference: a copy with fewer operations, and fewer bits where wanted."""

from copy import deepcopy
from typing import Any

from torch import nn

from transflower.core.errors import ModelError
from transflower.models.sequence_model import SequenceModel
from transflower.nn.fusion import FastRMSNorm, Fusable
from transflower.nn.quantised import Precision, QuantisedLinear, check_precision, prepare_linear


class InferenceModel(SequenceModel):
    """The parts of another model, fused and packed. It can neither be trained, moved nor saved: that model can."""

    def __init__(self, model: SequenceModel, precision: Precision) -> None:
        super().__init__(model.config, model.streams)
        self.precision = precision
        self.input_scalings = deepcopy(model.input_scalings)
        self.target_scalings = deepcopy(model.target_scalings)
        self.encoder = deepcopy(model.encoder)
        self.nulls = deepcopy(model.nulls)
        # Together: a head may use a nested model.
        self.heads, self.nested = deepcopy((model.heads, model.nested))
        self.register_buffer("is_initialised", model.is_initialised.clone())
        self.eval().requires_grad_(False)
        for part in list(self.modules()):
            if isinstance(part, Fusable):
                part.fuse()
        for parent in list(self.modules()):
            for name, child in parent.named_children():
                setattr(parent, name, self._prepared(child))

    def train(self, mode: bool = True) -> "InferenceModel":
        """Refuse to train.

        Raises:
            ModelError: ``mode`` is true.
        """
        if mode:
            raise ModelError("a model prepared for inference cannot be trained; train the model that it was made of")
        return super().train(mode)

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # It has overloads.
        """Refuse to be saved.

        Raises:
            ModelError: always.
        """
        raise ModelError("a model prepared for inference cannot be saved; save the model that it was made of")

    def _apply(self, fn: Any, recurse: bool = True) -> "InferenceModel":
        raise ModelError("a model prepared for inference cannot be moved; move the model before it is prepared")

    def _prepared(self, part: nn.Module) -> nn.Module:
        if type(part) is nn.Linear:
            return prepare_linear(part, self.precision)
        if isinstance(part, nn.Dropout):
            return nn.Identity()
        return FastRMSNorm(part) if type(part) is nn.RMSNorm and self.device.type == "cpu" else part


def prepare(model: SequenceModel, precision: Precision = "fp32") -> InferenceModel:
    """A copy of ``model`` for inference, on its device.

    Args:
        model: stays as it is.
        precision: ``bf16`` halves the weights that each step reads (in fp16, where the processor has no bf16), ``int8``
            halves them again (on a processor; elsewhere it is bf16). Norms, attention, inverses, small maps and the
            state of a stream stay in full precision.

    Raises:
        OptionsError: there is no such precision.

    Example:
        >>> from transflower.models import load_model
        >>> from transflower.models.pretrained import PRETRAINED
        >>> model = load_model(PRETRAINED).model
        >>> fast = prepare(model, "bf16")
        >>> weight_bytes(fast) < weight_bytes(model)
        True
    """
    check_precision(precision)
    return InferenceModel(model, precision)


def weight_bytes(model: nn.Module) -> int:
    """Memory of all weights, of a prepared model too."""
    own = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    return own + sum(part.num_bytes for part in model.modules() if isinstance(part, QuantisedLinear))
