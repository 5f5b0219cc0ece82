"""What the steps of both published flows have in common: normalisations, matrices and the distribution of latents."""

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.nn.flows.base_distributions import BaseConfig, GaussianConfig, StudentTConfig
from transflower.published.weights import Settings, Weights, number, text

_INITIALISED = {"is_initialised": torch.tensor(True)}


def base_config(settings: Settings) -> BaseConfig:
    """The distribution of the latents.

    Raises:
        ModelError: it is another than the two that were published.
    """
    kind = text(settings, "flow_dist", "normal")
    if kind == "normal":
        return GaussianConfig()
    if kind == "studentT":
        return StudentTConfig(df=number(settings, "flow_dist_param", 50.0))
    raise ModelError(f"flow_dist must be normal or studentT, got {kind}")


def act_norm_state(weights: Weights) -> dict[str, Tensor]:
    """Of Flow++: a mean, and the scale itself."""
    _take_initialised(weights)
    scale = weights.take("inv_std").flatten()
    return {"mean": weights.take("mean").flatten(), "log_scale": _log(scale, "inv_std")} | _INITIALISED


def glow_act_norm_state(weights: Weights) -> dict[str, Tensor]:
    """Of MoGlow: what is added, and the logarithm of the scale."""
    _take_initialised(weights)
    return {"mean": -weights.take("bias").flatten(), "log_scale": weights.take("logs").flatten()} | _INITIALISED


def batch_norm_state(weights: Weights) -> dict[str, Tensor]:
    """Running statistics, and a learned scale and shift."""
    _take_initialised(weights)
    names = ("beta", "running_mean", "running_var")
    gamma = weights.take("gamma").flatten()
    return {name: weights.take(name).flatten() for name in names} | {"log_gamma": _log(gamma, "gamma")} | _INITIALISED


def lu_state(weights: Weights) -> dict[str, Tensor]:
    """A matrix as P L U."""
    return {
        "permutation": weights.take("p"),
        "signs": weights.take("sign_s"),
        "lower": weights.take("l").tril(-1),
        "upper": weights.take("u").triu(1),
        "log_diagonal": weights.take("log_s"),
    }


def _take_initialised(weights: Weights) -> None:
    if not weights.take("is_initialized").all():
        raise ModelError("the published weights are of a flow whose normalisation never saw data")


def _log(scale: Tensor, name: str) -> Tensor:
    if not (scale > 0).all():
        raise ModelError(f"a published {name} is not above 0: training had failed, its density is not a number")
    return scale.log()
