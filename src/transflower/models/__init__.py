"""Models: an encoder of any inputs, a distribution for each output, and how they are kept on disk."""

from transflower.models.checkpoint import LoadedModel, load_model, save_model
from transflower.models.model import Batch, Model
from transflower.models.options import InputConfig, ModelConfig, OutputConfig
from transflower.models.stream import ModelStream

__all__ = [
    "Batch",
    "InputConfig",
    "LoadedModel",
    "Model",
    "ModelConfig",
    "ModelStream",
    "OutputConfig",
    "load_model",
    "save_model",
]
