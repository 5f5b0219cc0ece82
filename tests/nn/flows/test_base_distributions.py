import math

import pytest
import torch
from scipy import stats

from tests.nn.factories import randn
from transflower.core.errors import OptionsError
from transflower.nn.flows import FlowShape
from transflower.nn.flows.base_distributions import (
    BaseConfig,
    Gaussian,
    StudentT,
    StudentTConfig,
)
from transflower.nn.noise import GivenNoise, NoiseSource

LIKE = torch.zeros(())
SHAPE = FlowShape(dim=4, length=2, context_dim=3, context_length=2)
CONTEXT = torch.linspace(-1, 1, 24).reshape(4, 1, 2, 3).expand(4, 300, 2, 3)


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


@pytest.mark.parametrize("name", BaseConfig.registry.names())
def test_temperature_scales_the_spread(name):
    base = BaseConfig.registry[name]().build(SHAPE)
    warm, cool = (
        base.sample((2, 3, 2, 4), None, noise=NoiseSource(0, 2), temperature=temperature, like=LIKE)
        for temperature in (1.0, 0.25)
    )
    assert torch.allclose(cool, 0.25 * warm)


@pytest.mark.parametrize("name", BaseConfig.registry.names())
def test_a_lower_temperature_is_calmer_and_none_is_certain(name):
    base = BaseConfig.registry[name]().build(SHAPE)
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


@pytest.mark.parametrize("name", BaseConfig.registry.names())
def test_the_distribution_function_of_what_is_drawn_is_uniform(name):
    base = BaseConfig.registry[name]().build(SHAPE)
    drawn = base.sample((2, 2000, 2, 4), None, noise=NoiseSource(0, 2), temperature=1.0, like=LIKE)
    uniform = base.cdf(drawn, None)
    assert uniform.shape == drawn.shape
    assert torch.quantile(uniform, torch.tensor([0.1, 0.5, 0.9])).tolist() == pytest.approx([0.1, 0.5, 0.9], abs=0.015)
