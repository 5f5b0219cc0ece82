"""Weights of the system published in 2021 (Transflower, Valle-Perez et al.) and of its MoGlow, in our modules.

Each loader takes a published state dictionary and the settings it was built with, under their published names, and
returns a module of ours that computes the same function.
"""

from transflower.models.published.checkpoint import read_checkpoint
from transflower.models.published.flowpp import load_flowpp
from transflower.models.published.importing import import_model, read_scaler
from transflower.models.published.moglow import load_moglow
from transflower.models.published.moglow_model import load_moglow_model
from transflower.models.published.transflower import load_transflower
from transflower.models.published.transformer import load_transformer
from transflower.models.published.transformer_model import load_transformer_model

__all__ = [
    "import_model",
    "load_flowpp",
    "load_moglow",
    "load_moglow_model",
    "load_transflower",
    "load_transformer",
    "load_transformer_model",
    "read_checkpoint",
    "read_scaler",
]
