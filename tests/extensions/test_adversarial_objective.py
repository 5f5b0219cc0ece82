"""An objective of two optimisers is a file of its own: a critic tells drawn frames from recorded ones."""

import json
import signal
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from tests.training.factories import experiment, tree, write_recordings
from tests.training.test_distributed import train_in_two_forks
from transflower.core.errors import FormatError
from transflower.core.options import decode, load_yaml
from transflower.generation import generate
from transflower.models import Batch, Model, load_model
from transflower.nn.noise import SharedNoise
from transflower.training import Experiment, train
from transflower.training.objectives import OBJECTIVES, Objective, ObjectiveConfig, Update
from transflower.training.optimisers import AdamConfig, OptimiserConfig


class AdversarialObjective(Objective):
    """Likelihood, and a critic of the next frame that the model learns to deceive."""

    def __init__(self, model: Model, optimiser: OptimiserConfig, config: "AdversarialConfig") -> None:
        super().__init__(model)
        dim = model.dims["motion"]
        self.critic = nn.Sequential(nn.Linear(2 * dim, config.width), nn.SiLU(), nn.Linear(config.width, 1))
        self._optimiser, self._config = optimiser, config

    def updates(self) -> list[Update]:
        critic = Update(
            name="critic",
            parameters=list(self.critic.parameters()),
            optimiser=self._config.optimiser,
            loss=self.critic_loss,
        )
        model = Update(parameters=list(self.model.parameters()), optimiser=self._optimiser, loss=self.model_loss)
        return [critic, model]

    def critic_loss(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        drawn, recorded, previous = self._draw(batch)
        loss = F.softplus(self._score(drawn.detach(), previous)) + F.softplus(-self._score(recorded, previous))
        return loss.mean(), {}

    def model_loss(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        drawn, _, previous = self._draw(batch)
        deceit = F.softplus(-self._score(drawn, previous)).mean()
        loss, metrics = self.model.loss(batch)
        return loss + self._config.weight * deceit, {**metrics, "deceit": deceit.detach()}

    def _draw(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        noise = SharedNoise(None)
        prepared = self.model.prepare_batch(batch, noise)
        context, previous = self.model.encoder(prepared.inputs)["motion"], prepared.previous["motion"]
        drawn, _ = self.model.head("motion").sample(context, previous, noise=noise)
        return drawn, prepared.targets["motion"], previous

    def _score(self, frames: Tensor, previous: Tensor) -> Tensor:
        return self.critic(torch.cat([frames[:, :, 0], previous], dim=-1))


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig(ObjectiveConfig):
    """Likelihood, and a critic of the next frame."""

    width: int = 8
    """Of the critic."""
    weight: float = 0.1
    """Of the critic in the loss of the model."""
    optimiser: OptimiserConfig = field(default_factory=AdamConfig)
    """Of the critic."""

    def build(self, model: Model, optimiser: OptimiserConfig) -> Objective:
        return AdversarialObjective(model, optimiser, self)


CHANGES = {
    "max_steps": 6,
    "validate_every": 3,
    "save_every": 2,
    "log_every": 1,
    "rollouts": {"sequences": 0},
}
OBJECTIVE = {"type": "adversarial", "optimiser": {"type": "adam", "lr": 0.01}}


@pytest.fixture(scope="module", autouse=True)
def _registered():
    OBJECTIVES.register("adversarial")(AdversarialConfig)
    yield
    del OBJECTIVES._entries["adversarial"]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("adversarial") / "data")


@pytest.fixture(scope="module")
def whole(recordings):
    train(adversarial(recordings), recordings.parent / "whole")
    return recordings.parent / "whole"


def adversarial(recordings, **changes):
    return experiment(recordings, **CHANGES | {"objective": OBJECTIVE} | changes)


def state_of(run):
    return torch.load(run / "resume.ckpt", weights_only=True)


def metrics_of(run):
    times = ("minutes", "train/frames_per_second")
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in row.items() if name not in times} for row in rows]


def assert_same(one, other):
    if isinstance(one, Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_same(one[name], other[name])
    elif isinstance(one, list):
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    else:
        assert one == other


def test_both_parts_learn_and_a_step_counts_once(whole):
    rows = [row for row in metrics_of(whole) if "train/loss" in row]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {"train/critic/loss", "train/critic/grad_norm", "train/critic/lr", "train/deceit"} <= rows[0].keys()
    assert rows[0]["train/lr"] == rows[0]["train/critic/lr"]
    state = state_of(whole)
    assert state["global_step"] == state["callbacks"]["run"]["step"] == 6
    steps = [optimiser["state"][0]["step"] for optimiser in state["optimizer_states"]]
    assert [float(step) for step in steps] == [6.0, 6.0]
    assert any(name.startswith("objective.critic.") for name in state["state_dict"])


@pytest.mark.parametrize("accumulate", [1, 2])
def test_run_that_was_stopped_continues_to_the_bit(recordings, whole, tmp_path, monkeypatch, accumulate):
    if accumulate > 1:
        whole = tmp_path / "whole"
        train(adversarial(recordings, accumulate=accumulate), whole)
    original, calls = AdversarialObjective.model_loss, []

    def stopped(self, batch):
        calls.append(batch)
        if len(calls) == 1 + 3 * accumulate:  # the first call tells what memory a step needs
            signal.raise_signal(signal.SIGTERM)
        return original(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(AdversarialObjective, "model_loss", stopped)
        assert train(adversarial(recordings, accumulate=accumulate), tmp_path / "parts").steps == 3
    assert train(adversarial(recordings, accumulate=accumulate), tmp_path / "parts").steps == 6
    mine, theirs = state_of(tmp_path / "parts"), state_of(whole)
    assert_same(mine["state_dict"], theirs["state_dict"])
    assert_same(mine["optimizer_states"], theirs["optimizer_states"])
    assert metrics_of(tmp_path / "parts") == metrics_of(whole)
    assert_same(
        load_file(tmp_path / "parts" / "last" / "model.safetensors"), load_file(whole / "last" / "model.safetensors")
    )


def test_model_is_kept_without_its_critic_and_draws(recordings, whole):
    assert not [name for name in load_file(whole / "last" / "model.safetensors") if "critic" in name]
    loaded = load_model(whole)
    drawn = generate(loaded, {"audio": np.load(recordings / "d.audio.npy")}, num_frames=5)
    assert drawn["motion"].shape == (1, 5, 3)
    assert np.isfinite(drawn["motion"]).all()


def test_training_of_another_kind_starts_from_its_model(recordings, whole, tmp_path):
    quiet = {"max_steps": 1, "rollouts": {"sequences": 0}}
    assert train(experiment(recordings, start_from=str(whole), **quiet), tmp_path / "run").steps == 1


def test_state_of_another_critic_is_refused(recordings, whole, tmp_path):
    state = state_of(whole)
    state["optimizer_states"].pop()
    (tmp_path / "config.yaml").write_bytes((whole / "config.yaml").read_bytes())
    torch.save(state, tmp_path / "resume.ckpt")
    with pytest.raises(FormatError, match="more optimisers or fewer"):
        train(adversarial(recordings, max_steps=7), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_train_both_parts(recordings, tmp_path):
    schedule = {"type": "constant", "warmup_steps": 2}
    train_in_two_forks(adversarial(recordings, devices=2, max_steps=3, schedule=schedule), tmp_path / "run")
    steps = [optimiser["state"][0]["step"] for optimiser in state_of(tmp_path / "run")["optimizer_states"]]
    assert [float(step) for step in steps] == [3.0, 3.0]


def test_its_options_are_read_like_all_others(recordings, whole):
    assert decode(Experiment, load_yaml(whole / "config.yaml")) == adversarial(recordings)
    assert decode(Experiment, tree(recordings, objective=OBJECTIVE)).training.objective.optimiser.lr == 0.01
