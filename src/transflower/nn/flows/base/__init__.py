"""Distributions of the latents. Importing this room registers all of them."""

from transflower.nn.flows.base.base import BaseConfig, BaseDistribution
from transflower.nn.flows.base.gaussian import Gaussian, GaussianConfig
from transflower.nn.flows.base.mixture import GaussianMixture, GaussianMixtureConfig
from transflower.nn.flows.base.student_t import StudentT, StudentTConfig

__all__ = [
    "BaseConfig",
    "BaseDistribution",
    "Gaussian",
    "GaussianConfig",
    "GaussianMixture",
    "GaussianMixtureConfig",
    "StudentT",
    "StudentTConfig",
]
