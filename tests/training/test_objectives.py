"""A step of several updates: each follows its own gradient, clipped over its own parameters."""

import math

import pytest
import torch
from torch import nn

from transflower.models import Model
from transflower.training import TrainingConfig
from transflower.training.objectives import Objective, Update
from transflower.training.optimisers import AdamConfig, SgdConfig
from transflower.training.stepper import Stepper


class _Model(Model):
    """Of two weights."""

    def __init__(self):
        nn.Module.__init__(self)
        self.register_buffer("is_initialised", torch.tensor(True))
        self.weight = nn.Parameter(torch.tensor([3.0]))
        self.frozen = nn.Parameter(torch.tensor([5.0]), requires_grad=False)


class _Two(Objective):
    """The critic follows the model's weight; the model flees from the critic's."""

    def __init__(self):
        super().__init__(_Model())
        self.critic = nn.Parameter(torch.tensor([1.0]))
        self.seen, self.noises = [], []

    def updates(self):
        sgd = SgdConfig(lr=0.1, momentum=0.0)
        return [
            Update(name="critic", parameters=[self.critic], optimiser=sgd, loss=self.critic_loss),
            Update(parameters=list(self.model.parameters()), optimiser=sgd, loss=self.model_loss),
        ]

    def critic_loss(self, batch):
        self._note()
        return batch["inputs"]["scale"] * (self.critic * self.model.weight).sum(), {}

    def model_loss(self, batch):
        self._note()
        self.critic_of_model = self.critic.item()
        return -(self.critic * self.model.weight * self.model.frozen).sum(), {}

    def _note(self):
        self.seen.append((self.critic.requires_grad, self.model.weight.requires_grad))
        self.noises.append(torch.rand(()).item())


def batch_of(scale):
    return {"inputs": {"scale": torch.tensor(scale)}}


BATCH = batch_of(1.0)


def config(**options):
    return TrainingConfig(**{"clip": 0.0, **options})


def test_updates_alternate_and_change_their_own_parameters():
    objective = _Two()
    assert Stepper(objective, config()).step([BATCH], 0, share=1.0)
    assert objective.seen == [(True, False), (False, True)]
    # The critic: 1 - 0.1 * 3; the model, given the new critic: 3 + 0.1 * 0.7 * 5.
    assert objective.critic.item() == pytest.approx(0.7)
    assert objective.critic_of_model == pytest.approx(0.7)
    assert objective.model.weight.item() == pytest.approx(3.35)
    assert objective.model.frozen.item() == 5.0
    assert (objective.critic.requires_grad, objective.model.weight.requires_grad) == (True, True)
    assert not objective.model.frozen.requires_grad


def test_each_gradient_is_clipped_over_its_own_parameters():
    objective = _Two()
    Stepper(objective, config(clip=1.0)).step([BATCH], 0, share=1.0)
    assert objective.critic.item() == pytest.approx(0.9)
    assert objective.model.weight.item() == pytest.approx(3.1)


def test_batches_of_a_step_are_averaged_in_every_update():
    objective = _Two()
    Stepper(objective, config(accumulate=2)).step([BATCH, batch_of(3.0)], 0, share=1.0)
    assert objective.critic.item() == pytest.approx(1 - 0.1 * 2 * 3)
    assert objective.model.weight.item() == pytest.approx(3 + 0.1 * 0.4 * 5)


def test_update_whose_gradient_is_not_finite_is_left_out():
    objective = _Two()
    assert not Stepper(objective, config()).step([batch_of(math.inf)], 0, share=1.0)
    assert objective.critic.item() == 1.0
    assert objective.model.weight.item() == pytest.approx(3.5)


def test_noise_depends_on_seed_step_batch_and_update():
    def noises(*, seed=0, number=0):
        objective = _Two()
        Stepper(objective, config(seed=seed, accumulate=2)).step([BATCH, BATCH], number, share=1.0)
        return objective.noises

    with torch.random.fork_rng(devices=[]):
        assert noises() == noises()
        assert len({*noises(), *noises(seed=1), *noises(number=1)}) == 12


def test_metrics_and_learning_rates_have_the_name_of_their_update():
    logged = {}
    stepper = Stepper(_Two(), config(), log=logged.update)
    stepper.step([BATCH], 0, share=0.5)
    assert logged.keys() == {"loss", "grad_norm", "critic/loss", "critic/grad_norm"}
    assert stepper.rates == {"lr": 0.05, "critic/lr": 0.05}


def test_second_update_sees_in_bf16_what_the_first_has_changed():
    class Wide(_Two):
        def critic_loss(self, batch):
            return (torch.ones(1, 1) @ self.critic.view(1, 1)).sum(), {}

        def model_loss(self, batch):
            self.seen_by_model = (torch.ones(1, 1) @ self.critic.view(1, 1)).item()
            return self.model.weight.sum(), {}

        def updates(self):
            adam = AdamConfig(lr=0.5)
            return [
                Update(name="critic", parameters=[self.critic], optimiser=adam, loss=self.critic_loss),
                Update(parameters=[self.model.weight], optimiser=adam, loss=self.model_loss),
            ]

    objective = Wide()
    Stepper(objective, config(precision="bf16")).step([BATCH], 0, share=1.0)
    assert objective.seen_by_model == pytest.approx(0.5)
