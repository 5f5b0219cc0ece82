import math

import pytest
import torch

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import TINY_CONDITIONERS, make_context, tiny_conditioner, tiny_flow_config
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows import Flow, FlowShape
from transflower.nn.flows.base_distributions import BaseConfig
from transflower.nn.flows.config import FlowConfig
from transflower.nn.flows.coupling import TimeCoupling
from transflower.nn.flows.linears import PermutationConfig
from transflower.nn.flows.norms import BatchNormConfig, NoNormConfig
from transflower.nn.flows.transforms import FlowppAffineConfig, TransformConfig
from transflower.nn.noise import NoiseSource

SHAPE = FlowShape(dim=5, length=2, context_dim=3, context_length=2)


def make_flow(shape: FlowShape = SHAPE, **options) -> Flow:
    torch.manual_seed(0)
    flow = tiny_flow_config(**options).build(shape).double()
    flow.initialise(randn(8, 2, shape.length, shape.dim), make_context(shape, 8, 2))
    return disturbed(flow, scale=0.1)


@pytest.mark.parametrize(
    "options",
    [
        *({"base": BaseConfig.registry[name]()} for name in BaseConfig.registry.names()),
        *({"transform": TransformConfig.registry[name]()} for name in TransformConfig.registry.names()),
    ],
    ids=[*BaseConfig.registry.names(), *TransformConfig.registry.names()],
)
def test_density_of_two_channels_sums_to_one(options):
    shape = FlowShape(dim=2, length=1, context_dim=3, context_length=1)
    flow = make_flow(shape, **options)
    axis = torch.linspace(-12, 12, 481, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)[:, None, None]
    context = make_context(shape, 1, 1).expand(len(grid), 1, 1, 3)
    with torch.no_grad():
        total = flow.log_prob(grid, context)[0].exp().sum() * (axis[1] - axis[0]) ** 2
    assert total.item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("temperature", (1.0, 0.5))
@pytest.mark.parametrize("base", BaseConfig.registry.names())
def test_sampler_reports_the_density_of_its_samples(base, temperature):
    flow, context = make_flow(base=BaseConfig.registry[base]()), make_context(SHAPE, 3, 4)
    x, log_prob, _ = flow.sample_with_log_prob((3, 4), context, noise=NoiseSource(0, 3), temperature=temperature)
    assert x.shape == (3, 4, 2, 5)
    assert torch.allclose(flow.log_prob(x, context)[0], log_prob, atol=1e-10)
    assert torch.equal(flow.sample((3, 4), context, noise=NoiseSource(0, 3), temperature=temperature)[0], x)


def test_trained_flow_reaches_the_entropy_of_a_gaussian():
    shape = FlowShape(dim=2, length=1)
    covariance = torch.tensor([[1.0, 0.8], [0.8, 1.5]])
    draw = torch.distributions.MultivariateNormal(torch.tensor([2.0, -1.0]), covariance)
    torch.manual_seed(0)
    flow = tiny_flow_config().build(shape)
    flow.initialise(draw.sample((512, 1, 1)), None)
    optimiser = torch.optim.Adam(flow.parameters(), lr=3e-3)
    for _ in range(300):
        optimiser.zero_grad()
        (-flow.log_prob(draw.sample((256, 1, 1)), None)[0].mean()).backward()
        optimiser.step()
    x = draw.sample((4000, 1, 1))
    with torch.no_grad():
        # The same samples under both densities: the difference has little variance.
        gap = (draw.log_prob(x).mean() - flow.log_prob(x, None)[0].mean()).item()
    assert abs(gap) < 0.02
    assert math.isfinite(draw.entropy())


def test_initialised_flow_gives_unit_latents():
    torch.manual_seed(0)
    flow = FlowConfig(num_steps=3, conditioner=tiny_conditioner("mlp")).build(FlowShape(dim=4, length=1))
    x = 50 * randn(64, 2, 1, 4, dtype=torch.float32) + 300
    flow.initialise(x, None)
    z = flow.bijection(x, None)[0]
    assert (z.flatten(0, 2).std(0) - 1).abs().max() < 0.5
    assert flow.log_prob(x, None)[0].isfinite().all()


def test_initialisation_ignores_autocast_and_data_type():
    flow = tiny_flow_config().build(FlowShape(dim=4, length=1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        flow.initialise(randn(64, 2, 1, 4), None)
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in flow.parameters())


@pytest.mark.parametrize("conditioner", TINY_CONDITIONERS)
def test_log_prob_under_mixed_precision_stays_in_full_precision(conditioner):
    flow = make_flow(conditioner=tiny_conditioner(conditioner)).float()
    x = randn(3, 1, 2, 5, dtype=torch.float32)
    context = make_context(SHAPE, 3, 1, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, _, state = flow.bijection(x, context)
        z, log_det, _ = flow.bijection(x, context, state)
        back = flow.bijection.inverse(z, context, state)[0]
    assert z.dtype == log_det.dtype == torch.float32
    assert (back - x).abs().max() < 1e-3  # bf16 networks, but the same ones both ways


@pytest.mark.parametrize(
    "options",
    (
        {"norm": BatchNormConfig(), "transform": FlowppAffineConfig()},
        {"norm": NoNormConfig(), "linear": PermutationConfig()},
        {"conditioner": tiny_conditioner("transformer"), "coarse_steps": (2,)},
        {"num_time_couplings": 2},
    ),
    ids=["published", "plain", "two scales", "checkerboard"],
)
def test_choices_make_a_flow_that_inverts(options):
    flow = make_flow(**options)
    x, context = randn(3, 2, 2, 5), make_context(SHAPE, 3, 2)
    z, _, _ = flow.bijection(x, context)
    assert (flow.bijection.inverse(z, context)[0] - x).abs().max() < 1e-10


def test_couplings_of_frames_alternate():
    flow = make_flow(num_steps=1, num_time_couplings=3)
    couplings = [part for part in flow.bijection.steps.values() if isinstance(part, TimeCoupling)]
    assert [coupling.parity for coupling in couplings] == [0, 1, 0]


def test_coupling_of_a_single_frame_is_refused():
    with pytest.raises(ModelError, match="2 or more"):
        tiny_flow_config(num_time_couplings=1).build(FlowShape(dim=4, length=1))


def test_scale_that_does_not_halve_is_refused():
    with pytest.raises(ModelError, match="even number of frames"):
        tiny_flow_config(coarse_steps=(1,)).build(FlowShape(dim=4, length=3))


@pytest.mark.parametrize("options", ({"num_steps": 0}, {"coarse_steps": (2, 0)}))
def test_scale_without_steps_is_refused(options):
    with pytest.raises(OptionsError, match="at least 1 step"):
        FlowConfig(**options)
