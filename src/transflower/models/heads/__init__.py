"""Heads: conditional distributions of an output. Importing this package registers all of them."""

from transflower.models.heads.base import HEADS, Head, HeadConfig
from transflower.models.heads.categorical import CategoricalHead, CategoricalHeadConfig
from transflower.models.heads.cnf import CNFHeadConfig
from transflower.models.heads.deterministic import DeterministicHead, DeterministicHeadConfig
from transflower.models.heads.flow import FlowHead, FlowHeadConfig
from transflower.models.heads.sampling_options import HeadSamplingOptions

__all__ = [
    "HEADS",
    "CNFHeadConfig",
    "CategoricalHead",
    "CategoricalHeadConfig",
    "DeterministicHead",
    "DeterministicHeadConfig",
    "FlowHead",
    "FlowHeadConfig",
    "Head",
    "HeadConfig",
    "HeadSamplingOptions",
]
