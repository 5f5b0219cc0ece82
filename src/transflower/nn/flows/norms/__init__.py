"""Normalisations at the start of a flow step. Importing this room registers all of them."""

from transflower.nn.flows.norms.act_norm import ActNorm, ActNormConfig
from transflower.nn.flows.norms.base import NoNormConfig, NormConfig
from transflower.nn.flows.norms.batch_norm import BatchNorm, BatchNormConfig

__all__ = ["ActNorm", "ActNormConfig", "BatchNorm", "BatchNormConfig", "NoNormConfig", "NormConfig"]
