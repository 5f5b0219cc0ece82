"""Models: an encoder of any inputs, a distribution for each output, and how they are kept on disk."""

from typing import TYPE_CHECKING

from transflower.core.lazily import loader

if TYPE_CHECKING:
    from transflower.models.checkpoint import LoadedModel, load_model, save_model
    from transflower.models.inference import InferenceModel, prepare
    from transflower.models.model import Model
    from transflower.models.nested import NestedModel
    from transflower.models.options import InputConfig, ModelConfig, OutputConfig
    from transflower.models.sequence_model import Batch, SequenceModel
    from transflower.models.stream import ModelStream

__all__ = [
    "Batch",
    "InferenceModel",
    "InputConfig",
    "LoadedModel",
    "Model",
    "ModelConfig",
    "ModelStream",
    "NestedModel",
    "OutputConfig",
    "SequenceModel",
    "load_model",
    "prepare",
    "save_model",
]


def __dir__() -> list[str]:
    return sorted(__all__)


__getattr__ = loader(
    __name__,
    {
        "LoadedModel": "checkpoint",
        "load_model": "checkpoint",
        "save_model": "checkpoint",
        "InferenceModel": "inference",
        "prepare": "inference",
        "Model": "model",
        "NestedModel": "nested",
        "InputConfig": "options",
        "ModelConfig": "options",
        "OutputConfig": "options",
        "Batch": "sequence_model",
        "SequenceModel": "sequence_model",
        "ModelStream": "stream",
    },
)
