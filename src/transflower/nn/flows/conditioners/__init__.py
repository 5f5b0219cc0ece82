"""Networks that predict a coupling's parameters. Importing this room registers all of them."""

from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.mlp import MLPConditioner, MLPConditionerConfig
from transflower.nn.flows.conditioners.transformer import TransformerConditioner, TransformerConditionerConfig

__all__ = [
    "Conditioner",
    "ConditionerConfig",
    "MLPConditioner",
    "MLPConditionerConfig",
    "TransformerConditioner",
    "TransformerConditionerConfig",
]
