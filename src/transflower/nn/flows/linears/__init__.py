"""Invertible mixtures of channels. Importing this room registers all of them."""

from transflower.nn.flows.linears.base import LinearConfig, NoLinearConfig
from transflower.nn.flows.linears.dense import DenseLinear, DenseLinearConfig
from transflower.nn.flows.linears.lu import LULinear, LULinearConfig
from transflower.nn.flows.linears.permutation import Permutation, PermutationConfig

__all__ = [
    "DenseLinear",
    "DenseLinearConfig",
    "LULinear",
    "LULinearConfig",
    "LinearConfig",
    "NoLinearConfig",
    "Permutation",
    "PermutationConfig",
]
