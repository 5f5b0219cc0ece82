"""A head of several steps is a file of its own: flow matching, with options of the call and noise in its loss."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.training.factories import tree, write_recordings
from transflower import cli
from transflower.core.errors import ModelError, OptionsError
from transflower.core.options import decode
from transflower.core.options.ranges import Count, NonNegative
from transflower.core.spans import StreamSpec
from transflower.generation import SamplingOptions, generate
from transflower.models import load_model
from transflower.models.heads import HEADS, Head, HeadSamplingOptions
from transflower.models.heads.target import TargetConfig, TargetSpace
from transflower.training import Experiment, train


@dataclass(frozen=True, kw_only=True)
class Steps(HeadSamplingOptions):
    """How a path from noise to frames is followed."""

    steps: Count = 4
    """Steps of the midpoint rule."""
    guidance: NonNegative = 1.0
    """How far beyond the condition; 1 is the condition as it is."""


class FlowMatchingHead(Head):
    """Velocities of straight paths from noise to frames (Lipman et al. 2023, arXiv:2210.02747)."""

    has_density = False
    SampleOptions = Steps

    def __init__(self, space: TargetSpace, *, length: int, dim: int, context_dim: int, width: int) -> None:
        super().__init__()
        self.space, self.shape = space, (length, dim)
        self.network = nn.Sequential(
            nn.Linear(length * dim + context_dim + 1, width), nn.SiLU(), nn.Linear(width, length * dim)
        )

    def loss(self, target, context, previous, *, noise):
        data = self.space.encode(target, previous)
        times = noise.uniform((*data.shape[:2], 1, 1), like=data)
        start = noise.normal(data.shape, like=data)
        velocity = self._velocity((1 - times) * start + times * data, times[..., 0], context)
        return (velocity - (data - start)).square().mean(), {}

    def sample(
        self, context, previous, state=None, *, noise, temperature=1.0, options=None, null_context=None
    ) -> tuple[Tensor, None]:
        options = options or Steps()
        x = temperature * noise.normal((*context.shape[:2], *self.shape), like=context)
        for step in range(options.steps):
            half = x + self._guided(x, step / options.steps, context, null_context, options) / (2 * options.steps)
            x = x + self._guided(half, (step + 0.5) / options.steps, context, null_context, options) / options.steps
        return self.space.decode(x, previous), state

    def initialise(self, target, context, previous) -> None:
        self.space.initialise(target, previous)

    def _guided(self, x, time, context, null_context, options):
        times = torch.full((*x.shape[:2], 1), time).to(x)
        velocity = self._velocity(x, times, context)
        if null_context is None:
            return velocity
        without = self._velocity(x, times, null_context)
        return without + options.guidance * (velocity - without)

    def _velocity(self, x, times, context):
        given = torch.cat([x.flatten(2), context.mean(2), times], dim=-1)
        return self.network(given).unflatten(-1, self.shape)


@dataclass(frozen=True, kw_only=True)
class FlowMatchingConfig(TargetConfig):
    """Flow matching."""

    width: int = 16
    """Of the network."""

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        space = self.build_space(target, length=length, has_previous=has_previous)
        return FlowMatchingHead(space, length=length, dim=target.dim, context_dim=context_dim, width=self.width)


@pytest.fixture(scope="module", autouse=True)
def _registered():
    HEADS.register("flow_matching")(FlowMatchingConfig)
    yield
    del HEADS._entries["flow_matching"]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("matching") / "data")


def matching(recordings, **training):
    options = tree(recordings, **{"max_steps": 6, "validate_every": 3, "log_every": 1, **training})
    options["training"]["schedule"] = {"type": "constant"}
    options["model"]["head"] = {"type": "flow_matching", "target": "change"}
    options["model"]["inputs"]["audio"]["drop_window"] = 0.3
    return decode(Experiment, options)


@pytest.fixture(scope="module")
def run(recordings):
    train(matching(recordings), recordings.parent / "run")
    return recordings.parent / "run"


def losses(run, name):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row[name] for row in rows if name in row]


def test_it_learns_reproducibly_and_its_validation_is_seeded(recordings, run, tmp_path):
    train(matching(recordings), tmp_path / "again")
    for name in ("train/loss", "val/loss"):
        assert losses(run, name) == losses(tmp_path / "again", name)
    assert len(losses(run, "val/loss")) == 3
    train(matching(recordings, max_steps=2), tmp_path / "parts")
    train(matching(recordings), tmp_path / "parts")
    assert losses(tmp_path / "parts", "train/loss") == losses(run, "train/loss")


def test_it_is_drawn_from_with_options_of_the_call(recordings, run):
    loaded = load_model(run)
    music = {"audio": np.load(recordings / "d.audio.npy")}

    def draw(**options):
        return generate(loaded, music, num_frames=8, options=SamplingOptions(seed=1, **options))["motion"]

    plain = draw()
    assert np.isfinite(plain).all()
    np.testing.assert_array_equal(draw(head={"steps": 4}), plain)
    assert np.abs(draw(head={"steps": 9}) - plain).max() > 0
    assert np.abs(draw(head={"guidance": 3}) - plain).max() > 0
    assert "steps" not in (run / "best" / "config.yaml").read_text().split("training:")[0]
    with pytest.raises(OptionsError, match=r"sampling\.stepz: no head .*: guidance, steps"):
        draw(head={"stepz": 4})
    with pytest.raises(OptionsError, match=r"sampling\.steps"):
        draw(head={"steps": 0})


def test_it_is_drawn_from_on_the_command_line(recordings, run, tmp_path, capsys):
    words = ["generate", str(recordings / "d.audio.npy"), "--model", str(run), "--out", str(tmp_path)]
    words += ["--format", "npy", "--sampling.steps", "2", "--sampling.guidance", "1.5"]
    assert cli.main(words) == 0
    written = np.load(tmp_path / "d.audio.motion.npy")
    sampling = SamplingOptions(head={"steps": 2, "guidance": 1.5})
    music = {"audio": np.load(recordings / "d.audio.npy")}
    drawn = generate(load_model(run), music, num_frames=len(written), options=sampling)["motion"][0]
    np.testing.assert_allclose(written, drawn, atol=1e-4)
    assert cli.main([*words, "--sampling.stepz", "2", "--overwrite"]) == 2
    assert "stepz" in capsys.readouterr().err


def test_it_has_no_density(recordings, run):
    model = load_model(run).model
    assert not model.has_density
    batch = {"inputs": {}, "targets": {}}
    for side, spans in (("inputs", model.config.spans), ("targets", model.config.target_spans)):
        batch[side] = {name: torch.zeros(2, span.length, model.streams[name].dim) for name, span in spans.items()}
    with pytest.raises(ModelError, match="has no likelihood"):
        model.log_prob(batch)
