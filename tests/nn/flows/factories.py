"""Every kind of bijection, small, with parameters that are not what they start with."""

from collections.abc import Callable, Iterator

import torch

from tests.nn.factories import disturbed, randn
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.coarser import CoarserScale, coarser_shape
from transflower.nn.flows.conditioners import ConditionerConfig
from transflower.nn.flows.config import FlowConfig
from transflower.nn.flows.coupling import build_coupling
from transflower.nn.flows.linears import LinearConfig
from transflower.nn.flows.norms import NormConfig
from transflower.nn.flows.transforms import AffineConfig, TransformConfig

TINY_CONDITIONERS = {
    "mlp": {"width": 8, "blocks": 1},
    "transformer": {"width": 8, "layers": 1, "heads": 2, "positions": "both"},
}
"""Small options of every registered conditioner; one more conditioner is one more line."""


def tiny_conditioner(name: str, **options) -> ConditionerConfig:
    return ConditionerConfig.registry[name](**TINY_CONDITIONERS[name] | options)


def tiny_flow_config(**options) -> FlowConfig:
    return FlowConfig(**{"num_steps": 2, "conditioner": tiny_conditioner("mlp")} | options)


def _parts() -> Iterator[tuple[str, Callable[[FlowShape], Bijection]]]:
    for name in NormConfig.registry.names():
        yield f"norm {name}", lambda shape, name=name: NormConfig.registry[name]().build(shape.dim)
    for name in LinearConfig.registry.names():
        yield f"linear {name}", lambda shape, name=name: LinearConfig.registry[name]().build(shape.dim)
    for transform in TransformConfig.registry.names():
        for conditioner in ConditionerConfig.registry.names():
            yield (
                f"coupling {transform} {conditioner}",
                lambda shape, transform=transform, conditioner=conditioner: build_coupling(
                    shape, TransformConfig.registry[transform](), tiny_conditioner(conditioner)
                ),
            )
    yield (
        "coupling affine transformer in time",
        lambda shape: build_coupling(shape, AffineConfig(), tiny_conditioner("transformer", join="time")),
    )
    yield "whole flow", lambda shape: tiny_flow_config().build(shape).bijection


PARTS = dict(_parts())
"""Name to a function that builds the bijection for a shape: every registered kind and combination."""


def make_part(name: str, shape: FlowShape, *, seed: int = 0, dtype: torch.dtype = torch.float64) -> Bijection:
    """The bijection, initialised on data and then disturbed."""
    torch.manual_seed(seed)
    part = PARTS[name](shape).to(dtype)
    x = 2 * randn(8, 2, shape.length, shape.dim, seed=seed, dtype=dtype) + 0.5
    part.initialise(x, make_context(shape, 8, 2, seed=seed + 1, dtype=dtype))
    return disturbed(part, seed=seed, scale=0.1)


def make_coarser(shape: FlowShape, name: str) -> CoarserScale:
    return CoarserScale(make_part(name, coarser_shape(shape)))


def make_context(
    shape: FlowShape, batch: int, positions: int, *, seed: int = 1, dtype: torch.dtype = torch.float64
) -> torch.Tensor | None:
    if not shape.context_dim:
        return None
    return randn(batch, positions, shape.context_length, shape.context_dim, seed=seed, dtype=dtype)
