import pytest
import torch

from tests.nn.factories import randn
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.norms import ActNorm, BatchNorm, BatchNormConfig

NORMS = [ActNorm, BatchNorm]


@pytest.mark.parametrize("norm", NORMS)
def test_initialising_batch_gets_mean_0_and_deviation_1(norm):
    x = 3 * randn(16, 4, 3, 5) + torch.arange(5)
    part = norm(5).double()
    z = part.initialise(x, None)
    assert torch.allclose(z.mean(dim=(0, 1, 2)), torch.zeros(5, dtype=z.dtype), atol=1e-10)
    assert torch.allclose(z.flatten(0, 2).std(0, correction=0), torch.ones(5, dtype=z.dtype), atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
def test_forgotten_initialisation_is_refused(norm):
    with pytest.raises(ModelError, match="has not seen data"):
        norm(5)(torch.zeros(1, 1, 1, 5), None)
    with pytest.raises(ModelError, match="has not seen data"):
        norm(5).inverse(torch.zeros(1, 1, 1, 5), None)


@pytest.mark.parametrize("norm", NORMS)
def test_initialisation_travels_with_the_state(norm):
    x = randn(16, 4, 3, 5, dtype=torch.float32)
    trained, loaded = norm(5), norm(5)
    trained.initialise(x, None)
    loaded.load_state_dict(trained.state_dict())
    trained.eval()
    loaded.eval()
    assert torch.equal(loaded(x, None)[0], trained(x, None)[0])


@pytest.mark.parametrize("norm", NORMS)
def test_constant_channel_stays_finite(norm):
    part = norm(2)
    z = part.initialise(torch.ones(4, 1, 1, 2), None)
    assert z.abs().max() == 0
    assert part.eval()(2 * torch.ones(1, 1, 1, 2), None)[0].isfinite().all()


def test_batch_norm_uses_the_running_statistics_in_training_and_moves_them():
    x, later = randn(16, 4, 3, 5), 2 * randn(16, 4, 3, 5, seed=1) + 1
    part = BatchNorm(5, momentum=0.25).double().train()
    part.initialise(x, None)
    z, log_det, _ = part(later, None)
    mean = 0.75 * x.mean((0, 1, 2)) + 0.25 * later.mean((0, 1, 2))
    var = 0.75 * x.flatten(0, 2).var(0, correction=0) + 0.25 * later.flatten(0, 2).var(0, correction=0)
    assert torch.allclose(z, (later - mean) / (var.sqrt() + 1e-5), atol=1e-10)
    assert torch.allclose(log_det, (-3 * (var.sqrt() + 1e-5).log().sum()).expand(16, 4), atol=1e-10)
    assert torch.equal(part.eval()(later, None)[0], z)


def test_evaluation_does_not_move_the_running_statistics():
    part = BatchNorm(5).double()
    part.initialise(randn(16, 4, 3, 5), None)
    before = part.running_mean.clone()
    part.eval()(randn(16, 4, 3, 5) + 9, None)
    assert torch.equal(part.running_mean, before)


def test_impossible_momentum_is_refused():
    with pytest.raises(OptionsError, match="momentum"):
        BatchNormConfig(momentum=1.5)
