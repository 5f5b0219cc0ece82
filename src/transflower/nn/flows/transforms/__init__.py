"""Element-wise maps of a coupling. Importing this package registers all of them."""

from transflower.nn.flows.transforms.affine import (
    Additive,
    AdditiveConfig,
    Affine,
    AffineConfig,
    FlowppAffine,
    FlowppAffineConfig,
    MoglowAffine,
    MoglowAffineConfig,
)
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.flows.transforms.logistic_mixture import (
    FlowppMixture,
    FlowppMixtureConfig,
    MixtureLogistic,
    MixtureLogisticConfig,
)
from transflower.nn.flows.transforms.spline import Spline, SplineConfig

__all__ = [
    "Additive",
    "AdditiveConfig",
    "Affine",
    "AffineConfig",
    "FlowppAffine",
    "FlowppAffineConfig",
    "FlowppMixture",
    "FlowppMixtureConfig",
    "MixtureLogistic",
    "MixtureLogisticConfig",
    "MoglowAffine",
    "MoglowAffineConfig",
    "Spline",
    "SplineConfig",
    "Transform",
    "TransformConfig",
]
