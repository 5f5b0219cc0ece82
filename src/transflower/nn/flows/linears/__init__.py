"""Invertible mixtures of channels. Importing this room registers all of them."""

from transflower.nn.flows.linears.base import LinearConfig, NoLinearConfig
from transflower.nn.flows.linears.lu import LULinear, LULinearConfig
from transflower.nn.flows.linears.permutation import Permutation, PermutationConfig

__all__ = ["LULinear", "LULinearConfig", "LinearConfig", "NoLinearConfig", "Permutation", "PermutationConfig"]
