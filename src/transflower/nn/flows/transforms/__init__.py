"""Element-wise maps of a coupling. Importing this room registers all of them."""

from transflower.nn.flows.transforms.affine import Affine, AffineConfig
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.flows.transforms.flowpp_affine import FlowppAffine, FlowppAffineConfig
from transflower.nn.flows.transforms.mixture_logistic import MixtureLogistic, MixtureLogisticConfig
from transflower.nn.flows.transforms.spline import Spline, SplineConfig

__all__ = [
    "Affine",
    "AffineConfig",
    "FlowppAffine",
    "FlowppAffineConfig",
    "MixtureLogistic",
    "MixtureLogisticConfig",
    "Spline",
    "SplineConfig",
    "Transform",
    "TransformConfig",
]
