"""Element-wise maps of a coupling. Importing this room registers all of them."""

from transflower.nn.flows.transforms.additive import Additive, AdditiveConfig
from transflower.nn.flows.transforms.affine import Affine, AffineConfig
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.flows.transforms.flowpp_affine import FlowppAffine, FlowppAffineConfig
from transflower.nn.flows.transforms.flowpp_mixture import FlowppMixture, FlowppMixtureConfig
from transflower.nn.flows.transforms.mixture_logistic import MixtureLogistic, MixtureLogisticConfig
from transflower.nn.flows.transforms.moglow_affine import MoglowAffine, MoglowAffineConfig
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
