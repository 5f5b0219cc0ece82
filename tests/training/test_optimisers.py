import pytest
import torch
from torch import nn

from transflower.core.errors import OptionsError
from transflower.training.optimisers import AdamConfig, AdamWConfig, OptimiserConfig, SgdConfig


@pytest.mark.parametrize("name", OptimiserConfig.registry.names())
def test_optimiser_reduces_a_loss(name):
    torch.manual_seed(0)
    layer = nn.Linear(3, 1)
    optimiser = OptimiserConfig.registry[name](lr=0.05).build(layer.parameters())
    x = torch.randn(32, 3)
    losses = []
    for _ in range(40):
        loss = (layer(x) - x.sum(1, keepdim=True)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("config", [AdamConfig(weight_decay=0.1), AdamWConfig(), SgdConfig(weight_decay=0.1)])
def test_only_matrices_decay(config):
    layer = nn.Linear(3, 2)
    before = {name: weight.detach().clone() for name, weight in layer.named_parameters()}
    for weight in layer.parameters():
        weight.grad = torch.zeros_like(weight)
    config.build(layer.parameters()).step()
    assert not torch.equal(layer.weight, before["weight"])
    assert torch.equal(layer.bias, before["bias"])


@pytest.mark.parametrize("name", OptimiserConfig.registry.names())
def test_weights_without_gradients_stay(name):
    layer = nn.Linear(3, 2)
    optimiser = OptimiserConfig.registry[name](weight_decay=0.1).build(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    before = [weight.detach().clone() for weight in layer.parameters()]
    optimiser.zero_grad(set_to_none=True)
    optimiser.step()
    assert all(torch.equal(one, other) for one, other in zip(layer.parameters(), before, strict=True))


@pytest.mark.parametrize("config", (AdamConfig, AdamWConfig))
@pytest.mark.parametrize("betas", ((2.0, 3.0), (0.9, 1.0), (-0.1, 0.9)))
def test_averages_that_never_forget_are_refused(config, betas):
    with pytest.raises(OptionsError, match="betas"):
        config(betas=betas)
