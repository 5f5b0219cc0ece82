"""Networks that predict a coupling's parameters. Importing this package registers all of them."""

from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.conditioners.framewise import FeedforwardConditionerConfig, MLPConditionerConfig
from transflower.nn.flows.conditioners.gated_conv import GatedConvConditionerConfig
from transflower.nn.flows.conditioners.recurrent import RecurrentConditionerConfig
from transflower.nn.flows.conditioners.transformer import TransformerConditioner, TransformerConditionerConfig

__all__ = [
    "Conditioner",
    "ConditionerConfig",
    "FeedforwardConditionerConfig",
    "GatedConvConditionerConfig",
    "MLPConditionerConfig",
    "RecurrentConditionerConfig",
    "TransformerConditioner",
    "TransformerConditionerConfig",
]
