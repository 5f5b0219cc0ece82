import torch
from torch import nn

from transflower.training.ema import Ema


def step(layer, value):
    with torch.no_grad():
        for weight in layer.parameters():
            weight.fill_(value)


def test_average_follows_quickly_at_first_and_slowly_later():
    layer = nn.Linear(1, 1)
    step(layer, 0.0)
    ema = Ema(layer, 0.99)
    step(layer, 1.0)
    ema.update()
    torch.testing.assert_close(ema.model.weight.item(), 10 / 11)
    ema.num_updates = 10**6
    step(layer, 0.0)
    ema.update()
    torch.testing.assert_close(ema.model.weight.item(), 0.99 * 10 / 11)


def test_buffers_are_taken_as_they_are():
    norm = nn.BatchNorm1d(2)
    ema = Ema(norm, 0.9)
    norm(torch.randn(8, 2) + 5)
    ema.update()
    assert torch.equal(ema.model.running_mean, norm.running_mean)
    assert ema.model.num_batches_tracked == 1
    assert not ema.model.training


def test_state_restores_the_average():
    torch.manual_seed(0)
    layer = nn.Linear(2, 2)
    ema = Ema(layer, 0.9)
    step(layer, 3.0)
    ema.update()
    other = Ema(nn.Linear(2, 2), 0.9)
    other.load_state_dict(ema.state_dict())
    assert torch.equal(other.model.weight, ema.model.weight)
    assert other.num_updates == 1
