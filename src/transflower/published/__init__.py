"""Weights of the system published in 2021 (Transflower, Valle-Perez et al.) and of its MoGlow, in our modules.

Each loader takes a published state dictionary and the settings it was built with, under their published names, and
returns a module of ours that computes the same function.
"""

from transflower.published.checkpoint import read_checkpoint
from transflower.published.flowpp import load_flowpp
from transflower.published.importing import import_model, read_scaler
from transflower.published.moglow import load_moglow
from transflower.published.moglow_model import load_moglow_model
from transflower.published.transflower import load_transflower
from transflower.published.transformer import load_transformer
from transflower.published.transformer_model import load_transformer_model

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
