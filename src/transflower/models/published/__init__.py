"""Weights of the system published in 2021 (Transflower, Valle-Perez et al.) and of its MoGlow, in our modules.

Each loader takes a published state dictionary and the settings it was built with, under their published names, and
returns a module of ours that computes the same function.
"""

from transflower.models.published.flowpp import load_flowpp
from transflower.models.published.moglow import load_moglow
from transflower.models.published.transflower import load_transflower
from transflower.models.published.transformer import load_transformer

__all__ = ["load_flowpp", "load_moglow", "load_transflower", "load_transformer"]
