import math

import pytest
import torch
from scipy import stats

from tests.nn.factories import disturbed, randn
from transflower.core.errors import OptionsError
from transflower.nn.flows import FlowShape
from transflower.nn.flows.base import (
    BaseConfig,
    Gaussian,
    GaussianMixture,
    GaussianMixtureConfig,
    StudentT,
    StudentTConfig,
)
from transflower.nn.noise import GivenNoise, NoiseSource

LIKE = torch.zeros(())
SHAPE = FlowShape(dim=4, length=2, context_dim=3, context_length=2)
CONTEXT = torch.linspace(-1, 1, 24).reshape(4, 1, 2, 3).expand(4, 300, 2, 3)


def make_mixture(shape: FlowShape = SHAPE, components: int = 3) -> GaussianMixture:
    torch.manual_seed(0)
    return disturbed(GaussianMixture(components, shape), scale=0.5)


def test_gaussian_density_is_scipy_s():
    z = randn(2, 3, 2, 4)
    expected = torch.from_numpy(stats.norm.logpdf(z.numpy())).sum((-2, -1))
    assert torch.allclose(Gaussian().log_prob(z, None), expected, atol=1e-12)


@pytest.mark.parametrize("df", (0.7, 4.0, 50.0))
def test_student_t_density_is_scipy_s_multivariate_t_of_each_frame(df):
    z = 3 * randn(2, 3, 2, 4)
    expected = torch.from_numpy(stats.multivariate_t.logpdf(z.numpy(), loc=[0] * 4, shape=1, df=df)).sum(-1)
    assert torch.allclose(StudentT(df).log_prob(z, None), expected, atol=1e-10)


def test_student_t_samples_are_distributed_as_the_density_says():
    drawn = StudentT(4.0).sample((4, 5000, 1, 2), None, noise=NoiseSource(0, 4), temperature=1.0, like=LIKE)
    assert stats.kstest(drawn[..., 0].flatten().numpy(), stats.t(4).cdf).pvalue > 1e-3
    # The channels of a frame share their chi-square: their squares go together.
    assert torch.corrcoef(drawn.abs().log().flatten(0, 2).T)[0, 1] > 0.05


def test_student_t_draws_nothing_infinite():
    noise = GivenNoise([torch.ones(1, 1, 1, 3), torch.zeros(1, 1, 1, 1)])
    assert StudentT(4.0).sample((1, 1, 1, 3), None, noise=noise, temperature=1.0, like=LIKE).isfinite().all()


@pytest.mark.parametrize("name", [name for name in BaseConfig.registry.names() if name != "gaussian_mixture"])
def test_temperature_scales_the_spread(name):
    base = BaseConfig.registry[name]().build(SHAPE)
    warm, cool = (
        base.sample((2, 3, 2, 4), None, noise=NoiseSource(0, 2), temperature=temperature, like=LIKE)
        for temperature in (1.0, 0.25)
    )
    assert torch.allclose(cool, 0.25 * warm)


@torch.no_grad()
def test_temperature_scales_the_spread_about_the_component_that_is_drawn():
    base = make_mixture()
    base.logits.bias[1] = 1e3
    warm, cool, cold = (
        base.sample((4, 300, 2, 4), CONTEXT, noise=NoiseSource(0, 4), temperature=temperature, like=LIKE)
        for temperature in (1.0, 0.25, 0.0)
    )
    assert torch.allclose(cool - cold, 0.25 * (warm - cold), atol=1e-5)


@pytest.mark.parametrize("name", BaseConfig.registry.names())
def test_a_lower_temperature_is_calmer_and_none_is_certain(name):
    torch.manual_seed(0)
    base = disturbed(BaseConfig.registry[name]().build(SHAPE), scale=0.5)
    warm, cool, cold = (
        base.sample((4, 300, 2, 4), CONTEXT, noise=NoiseSource(0, 4), temperature=temperature, like=LIKE).std(1)
        for temperature in (1.0, 0.25, 0.0)
    )
    assert (cool < warm).all()
    assert cold.max() < 1e-6


def test_many_degrees_of_freedom_approach_the_gaussian():
    z = randn(2, 3, 2, 4)
    assert torch.allclose(StudentT(1e7).log_prob(z, None), Gaussian().log_prob(z, None), atol=1e-4)
    assert math.isfinite(StudentT(50.0).log_prob(1e3 * z, None).sum())


def test_impossible_degrees_of_freedom_are_refused():
    with pytest.raises(OptionsError, match="df"):
        StudentTConfig(df=0.0)


def test_mixture_density_is_that_of_torch_s():
    base, z, context = make_mixture().double(), randn(4, 5, 2, 4), CONTEXT[:, :5].double()
    means, logits = base.means(context.flatten(2)), base.logits(context.flatten(2))
    normals = torch.distributions.Normal(means.unflatten(-1, (3, 8)), 1.0)
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(logits=logits), torch.distributions.Independent(normals, 1)
    )
    assert torch.allclose(base.log_prob(z, context), mixture.log_prob(z.flatten(2)), atol=1e-10)


@torch.no_grad()
def test_mixture_draws_one_component_for_all_frames_and_channels_as_often_as_it_weighs():
    base = make_mixture()
    base.means.bias.copy_(torch.arange(3.0).repeat_interleave(8) * 100)
    drawn = base.sample((4, 300, 2, 4), CONTEXT, noise=NoiseSource(0, 4), temperature=1.0, like=LIKE)
    component = (drawn / 100).round()
    assert (component == component[..., :1, :1]).all()
    weights = base.logits(CONTEXT[:, 0].flatten(1)).softmax(-1)
    shares = torch.stack([(component[..., 0, 0] == number).float().mean(1) for number in range(3)], dim=1)
    assert torch.allclose(shares, weights, atol=0.1)
    assert not torch.allclose(weights[0], weights[-1], atol=0.05)


def test_mixture_without_context_is_the_same_everywhere():
    base = make_mixture(FlowShape(dim=4, length=2))
    z = randn(1, 1, 2, 4).float()
    assert torch.equal(base.log_prob(z.expand(2, 3, 2, 4), None), base.log_prob(z, None).expand(2, 3))


def test_mixture_learns_two_things_that_may_be():
    torch.manual_seed(0)
    base = GaussianMixture(4, FlowShape(dim=6, length=1))
    optimiser = torch.optim.Adam(base.parameters(), lr=0.05)
    for _ in range(200):
        z = 4.0 * torch.randint(2, (256, 1, 1, 1)) - 2.0 + torch.randn(256, 1, 1, 6)
        loss = -base.log_prob(z, None).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    entropy = math.log(2) + 3 * math.log(2 * math.pi * math.e)
    assert loss.item() == pytest.approx(entropy, abs=0.3)


def test_a_mixture_of_one_is_refused():
    with pytest.raises(OptionsError, match="components"):
        GaussianMixtureConfig(components=1)
