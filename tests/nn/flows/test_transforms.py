"""What holds for every transform, then what is particular to each."""

import math

import pytest
import torch
from zuko.transforms import MonotonicRQSTransform

from tests.nn.factories import randn
from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms import (
    Additive,
    Affine,
    AffineConfig,
    FlowppAffine,
    FlowppMixture,
    FlowppMixtureConfig,
    MixtureLogistic,
    MixtureLogisticConfig,
    MoglowAffine,
    Spline,
    SplineConfig,
    Transform,
    TransformConfig,
)

NAMES = TransformConfig.registry.names()
BOUNDED = [name for name in NAMES if name != "flowpp_mixture"]
"""Those whose derivative is bounded, whatever a network says."""
every_transform = pytest.mark.parametrize("name", NAMES)


def make_transform(name: str, dim: int, *, dtype: torch.dtype = torch.float64) -> Transform:
    return TransformConfig.registry[name]().build(dim).to(dtype)


def make_parameters(
    transform: Transform, dim: int, *, scale: float, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    return scale * randn(2, 3, 1, dim * transform.parameters_per_element, seed=1, dtype=dtype)


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("spread", (1.0, 30.0, 1e3))
@pytest.mark.parametrize("scale", (0.0, 1.0, 10.0, 1e3))
def test_every_element_comes_back_whatever_the_network_says(name, scale, spread):
    transform = make_transform(name, 50)
    x, parameters = spread * randn(2, 3, 1, 50), make_parameters(transform, 50, scale=scale)
    z, log_slope = transform(x, parameters)
    back, log_inverse_slope = transform.inverse(z, parameters)
    assert (back - x).abs().max() < 1e-10 * (spread + scale)
    assert (log_slope + log_inverse_slope).abs().max() < 1e-8
    assert log_slope.abs().max() < 14


@every_transform
@pytest.mark.parametrize("scale", (0.1, 1.0, 1e6))
@pytest.mark.parametrize("spread", (1.0, 1e3, 1e6))
def test_saturated_inputs_stay_finite_in_single_precision_with_all_gradients(name, scale, spread):
    transform = make_transform(name, 50, dtype=torch.float32)
    for direction in (transform.forward, transform.inverse):
        x = (spread * randn(2, 3, 1, 50, dtype=torch.float32)).requires_grad_()
        parameters = make_parameters(transform, 50, scale=scale, dtype=torch.float32).requires_grad_()
        mapped, log_slope = direction(x, parameters)
        (mapped.sum() + log_slope.sum()).backward()
        for tensor in (mapped, log_slope, x.grad, parameters.grad):
            assert tensor.isfinite().all()


@every_transform
@pytest.mark.parametrize("spread", (1.0, 1e3, 1e6))
def test_log_derivative_is_accurate_in_single_precision(name, spread):
    transform = make_transform(name, 50, dtype=torch.float32)
    x = spread * randn(2, 3, 1, 50, dtype=torch.float32)
    parameters = make_parameters(transform, 50, scale=0.5, dtype=torch.float32)
    log_slope = transform(x, parameters)[1]
    exact = transform.double()(x.double(), parameters.double())[1]
    assert (log_slope - exact).abs().max() < 1e-5


@every_transform
def test_inverse_has_the_gradients_of_an_inverse(name):
    transform = make_transform(name, 2)
    z = randn(1, 1, 1, 2, seed=3).requires_grad_()
    parameters = make_parameters(transform, 2, scale=0.3)[:1, :1].requires_grad_()
    assert torch.autograd.gradcheck(transform.inverse, (z, parameters), atol=1e-5)


@pytest.mark.parametrize("scale", (1.0, 10.0, 1e3))
@pytest.mark.parametrize("spread", (1.0, 30.0, 1e3, 1e6))
def test_solver_of_the_published_mixture_never_fails(scale, spread):
    """Elements between components far apart share their log-odds to the last digit; a solution is one of them."""
    transform = make_transform("flowpp_mixture", 50)
    z, parameters = spread * randn(2, 3, 1, 50), make_parameters(transform, 50, scale=scale)
    x, _ = transform.inverse(z, parameters)
    again, _ = transform(x, parameters)
    assert x.isfinite().all()
    assert ((again - z).abs() <= 1e-9 * (spread + scale)).float().mean() > 0.97


def test_published_mixture_is_the_log_odds_of_logistics():
    transform = FlowppMixture(1, components=2).double()
    parameters = make_parameters(transform, 1, scale=1.0)
    x = randn(2, 3, 1, 1)
    affine, weights, means, log_scales = parameters.split([2, 2, 2, 2], dim=-1)
    below = (weights.softmax(-1) * torch.sigmoid((x - means) / log_scales.exp())).sum(-1, keepdim=True)
    expected, _ = transform.affine(torch.logit(below), affine)
    assert torch.allclose(transform(x, parameters)[0], expected, atol=1e-12)
    assert (transform.inverse(expected, parameters)[0] - x).abs().max() < 1e-10


@pytest.mark.parametrize("name", ("mixture_logistic", "spline"))
def test_bends_around_modes_that_no_affine_map_tells_apart(name):
    """Starting from the identity, by the likelihood of three narrow modes alone."""
    torch.manual_seed(0)
    transform = make_transform(name, 1, dtype=torch.float32)
    parameters = torch.zeros(1, 1, 1, transform.parameters_per_element, requires_grad=True)
    optimiser = torch.optim.Adam([parameters], lr=0.02)
    x = (1.5 * torch.randint(-1, 2, (500,)) + 0.15 * torch.randn(500)).view(-1, 1, 1, 1)
    for _ in range(300):
        optimiser.zero_grad()
        z, log_slope = transform(x, parameters.expand(500, -1, -1, -1))
        loss = (z.square() / 2 - log_slope).mean()
        loss.backward()
        optimiser.step()
    affine = 0.5 + x.std().log()
    assert loss < affine - 0.4


def test_affine_scale_is_bounded_whatever_the_network_says():
    _, log_scale = Affine(2.0)(torch.zeros(1, 1, 1, 1), torch.tensor([[[[1e6, 0.0]]]]))
    assert log_scale.item() == pytest.approx(2.0)


def test_affine_shifts_after_scaling():
    z, log_scale = Affine(2.0)(torch.full((1, 1, 1, 1), 3.0), torch.tensor([[[[0.5, 10.0]]]]))
    assert z.item() == pytest.approx(3.0 * log_scale.exp().item() + 10)


@pytest.mark.parametrize(("raw", "scale"), ((-50.0, 0.850261), (0.0, 1.0), (50.0, 1.071777)))
def test_flowpp_scale_at_gain_1_is_the_published_one(raw, scale):
    z, _ = FlowppAffine(1)(torch.full((1, 1, 1, 1), 2.0), torch.tensor([[[[raw, 1.0]]]]))
    assert z.item() == pytest.approx(3.0 * scale, abs=1e-5)


@pytest.mark.parametrize(("raw", "scale"), ((-50.0, 1e-6), (0.0, 0.880798), (50.0, 1.000001)))
def test_moglow_shifts_and_then_scales_by_a_sigmoid(raw, scale):
    z, log_scale = MoglowAffine()(torch.full((1, 1, 1, 1), 2.0), torch.tensor([[[[raw, 1.0]]]]))
    assert z.item() == pytest.approx(3.0 * scale, rel=1e-5)
    assert log_scale.exp().item() == pytest.approx(scale, rel=1e-5)


def test_additive_only_shifts():
    z, log_scale = Additive()(torch.full((1, 1, 1, 1), 2.0), torch.full((1, 1, 1, 1), 5.0))
    assert (z.item(), log_scale.item()) == (7.0, 0.0)


def test_parameters_come_in_blocks_of_channels():
    parameters = torch.tensor([[[[0.0, 0.0, 5.0, 7.0]]]])
    z, log_scale = Affine()(torch.zeros(1, 1, 1, 2), parameters)
    assert z.flatten().tolist() == [5.0, 7.0]
    assert log_scale.abs().max() == 0


def test_impossible_bound_is_refused():
    with pytest.raises(OptionsError, match="bound"):
        AffineConfig(bound=0.0)


def test_mixture_is_the_log_odds_of_logistics_and_one_standard_logistic():
    transform = MixtureLogistic(2, bound=2.0).double()
    parameters = make_parameters(transform, 1, scale=1.0)
    x = randn(2, 3, 1, 1)
    weights, means, log_scales, affine = parameters.split([2, 2, 2, 2], dim=-1)
    gains = torch.tensor([1.0, 4.0])
    means, scales = 4 * torch.tanh(gains * means / 4), (2 * torch.tanh(gains * log_scales / 2)).exp()
    below = 0.95 * (weights.softmax(-1) * torch.sigmoid((x - means) / scales)).sum(-1, keepdim=True)
    below = below + 0.05 * torch.sigmoid(x)
    expected, _ = Affine(2.0)(torch.logit(below), affine)
    assert torch.allclose(transform(x, parameters)[0], expected, atol=1e-12)


def test_spline_equals_zuko():
    transform = Spline(5, bound=2.0)
    parameters = make_parameters(transform, 1, scale=1.0)
    x = 1.5 * randn(2, 3, 1, 1)
    widths, heights, derivatives = (1.5 * torch.tanh(parameters / 1.5)).split([5, 5, 4], dim=-1)
    # zuko softly bounds everything too, sizes at 10 and derivatives at 20 here: undo that.
    widths, heights = (sizes / (1 - sizes.abs() / 10) for sizes in (widths, heights))
    derivatives = derivatives / (1 - derivatives.abs() / 20)
    oracle = MonotonicRQSTransform(widths, heights, derivatives, bound=2.0, slope=math.exp(-20))
    expected, log_slope = oracle.call_and_ladj(x.squeeze(-1))
    z, found = transform(x, parameters)
    assert torch.allclose(z.squeeze(-1), expected, atol=1e-12)
    assert torch.allclose(found.squeeze(-1), log_slope, atol=1e-12)


def test_spline_leaves_what_is_outside_and_has_no_steps_at_its_ends():
    transform = Spline(8, bound=4.0)
    parameters = make_parameters(transform, 50, scale=1.0)
    edge = torch.full((2, 3, 1, 50), 4.0, dtype=torch.float64)
    for x in (-100 * edge, -edge, edge, 100 * edge):
        z, log_slope = transform(x, parameters)
        assert torch.equal(z, x)
        assert log_slope.abs().max() == 0
    for x in (-edge * (1 - 1e-9), edge * (1 - 1e-9)):
        z, log_slope = transform(x, parameters)
        assert (z - x).abs().max() < 1e-6
        assert log_slope.abs().max() < 1e-5


@pytest.mark.parametrize(
    ("config", "options", "message"),
    (
        (MixtureLogisticConfig, {"components": 0}, "component"),
        (FlowppMixtureConfig, {"components": 0}, "component"),
        (MixtureLogisticConfig, {"bound": float("nan")}, "bound"),
        (SplineConfig, {"bins": 1}, "bins"),
        (SplineConfig, {"bound": -1.0}, "bound"),
    ),
)
def test_impossible_sizes_are_refused(config, options, message):
    with pytest.raises(OptionsError, match=message):
        config(**options)
