"""Every kind of bijection, small, with parameters that are not what they start with."""

from collections.abc import Callable, Iterator

import torch

from tests.nn.factories import disturbed, randn
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.conditioners import ConditionerConfig
from transflower.nn.flows.config import FlowConfig
from transflower.nn.flows.coupling import build_coupling, build_time_coupling
from transflower.nn.flows.latent_ar import LatentAR
from transflower.nn.flows.linears import LinearConfig
from transflower.nn.flows.multiscale import CoarseScale, coarse_shape
from transflower.nn.flows.norms import NormConfig
from transflower.nn.flows.transforms import AffineConfig, FlowppAffineConfig, TransformConfig

Builder = Callable[[FlowShape], Bijection]

TINY_CONDITIONERS = {
    "feedforward": {"width": 8, "layers": 2},
    "gated_conv": {"width": 8, "blocks": 1, "heads": 2},
    "mlp": {"width": 8, "blocks": 1},
    "recurrent": {"width": 8, "layers": 2},
    "transformer": {"width": 8, "layers": 1, "heads": 2, "positions": "both"},
}
"""Small options of every registered conditioner; one more conditioner is one more line."""


def tiny_conditioner(name: str, **options) -> ConditionerConfig:
    return ConditionerConfig.registry[name](**TINY_CONDITIONERS[name] | options)


def tiny_flow_config(**options) -> FlowConfig:
    return FlowConfig(**{"num_steps": 2, "conditioner": tiny_conditioner("mlp")} | options)


def _parts() -> Iterator[tuple[str, Builder]]:
    for name in NormConfig.registry.names():
        yield f"norm {name}", lambda shape, name=name: NormConfig.registry[name]().build(shape.dim)
    for name in LinearConfig.registry.names():
        yield f"linear {name}", lambda shape, name=name: LinearConfig.registry[name]().build(shape.dim)
    # Transforms and conditioners know nothing of each other: each of one kind is tested with one of the other.
    for name in TransformConfig.registry.names():
        yield f"coupling {name} mlp", _coupling(TransformConfig.registry[name](), tiny_conditioner("mlp"))
    for name in sorted(TINY_CONDITIONERS):
        if name != "mlp":
            yield f"coupling affine {name}", _coupling(AffineConfig(), tiny_conditioner(name))
        yield f"coupling in time {name}", _time_coupling(tiny_conditioner(name), parity=len(name) % 2)
    in_time = tiny_conditioner("transformer", join="time")
    yield "coupling flowpp_affine transformer", _coupling(FlowppAffineConfig(), tiny_conditioner("transformer"))
    yield "coupling affine transformer in time", _coupling(AffineConfig(), in_time)
    yield "coupling affine gru", _coupling(AffineConfig(), tiny_conditioner("recurrent", cell="gru"))
    yield "coupling affine mlp last half", _coupling(AffineConfig(), tiny_conditioner("mlp"), transformed_half="last")
    yield "latent ar", lambda shape: LatentAR(shape.dim, order=2)
    yield "whole flow", lambda shape: tiny_flow_config().build(shape).bijection
    recurrent = tiny_flow_config(conditioner=tiny_conditioner("recurrent"), transformed_half="last")
    yield "whole recurrent flow", lambda shape: recurrent.build(shape).bijection


def _coupling(transform: TransformConfig, conditioner: ConditionerConfig, **options) -> Builder:
    return lambda shape: build_coupling(shape, transform, conditioner, **options)


def _time_coupling(conditioner: ConditionerConfig, *, parity: int) -> Builder:
    return lambda shape: build_time_coupling(shape, AffineConfig(), conditioner, parity=parity)


PARTS = dict(_parts())
"""Name to a function that builds the bijection for a shape: every registered kind."""
NEEDS_TWO_FRAMES = {name for name in PARTS if name.startswith("coupling in time")}


def make_part(name: str, shape: FlowShape, *, seed: int = 0, dtype: torch.dtype = torch.float64) -> Bijection:
    """The bijection, initialised on data and then disturbed."""
    torch.manual_seed(seed)
    part = PARTS[name](shape).to(dtype)
    x = 2 * randn(8, 2, shape.length, shape.dim, seed=seed, dtype=dtype) + 0.5
    part.initialise(x, make_context(shape, 8, 2, seed=seed + 1, dtype=dtype))
    return disturbed(part, seed=seed, scale=0.1)


def make_coarse_scale(shape: FlowShape, name: str) -> CoarseScale:
    return CoarseScale(make_part(name, coarse_shape(shape)))


def make_context(
    shape: FlowShape, batch: int, positions: int, *, seed: int = 1, dtype: torch.dtype = torch.float64
) -> torch.Tensor | None:
    if not shape.context_dim:
        return None
    return randn(batch, positions, shape.context_length, shape.context_dim, seed=seed, dtype=dtype)
