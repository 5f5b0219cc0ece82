"""Models: an encoder of any inputs, a distribution for each output, and how they are kept on disk."""

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
