import pytest
import torch
from torch import nn

from transflower.models import Model
from transflower.training.validation import means, sum_metrics


class Guess(Model):
    """A stand-in for a model: its loss is the mean of a batch, plus noise."""

    def __init__(self):
        nn.Module.__init__(self)
        self.weight = nn.Parameter(torch.zeros(1))
        self.modes = []

    def loss(self, batch, *, generator=None):
        self.modes.append((self.training, torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")))
        target = batch["targets"]["motion"]
        return target.mean(), {"nll": target.mean() + torch.randn((), generator=generator)}


def batch(*values):
    return {"inputs": {}, "targets": {"motion": torch.tensor(values).reshape(-1, 1, 1)}}


BATCHES = [batch(1.0, 2.0, 3.0), batch(10.0)]


def test_every_window_counts_the_same():
    sums = sum_metrics(Guess(), BATCHES, limit=None, seed=0)
    assert sums["windows"] == 4
    assert means(sums)["loss"] == pytest.approx(4.0)


def test_noise_is_the_same_every_time_and_depends_on_the_seed():
    first, again, other = (means(sum_metrics(Guess(), BATCHES, limit=None, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first["nll"] != other["nll"]


def test_global_randomness_is_left_alone():
    torch.manual_seed(0)
    expected = torch.randn(3)
    torch.manual_seed(0)
    sum_metrics(Guess(), BATCHES, limit=None, seed=0)
    assert torch.equal(torch.randn(3), expected)


def test_model_is_evaluated_in_full_precision_and_goes_back_to_its_mode():
    model = Guess().train()
    with torch.autocast("cpu", torch.bfloat16):
        sum_metrics(model, BATCHES, limit=1, seed=0)
    assert model.modes == [(False, False, False)]
    assert model.training


def test_it_can_be_left_in_between():
    model = Guess()
    sum_metrics(model, BATCHES, limit=None, seed=0, is_stopped=lambda: len(model.modes) == 1)
    assert len(model.modes) == 1
