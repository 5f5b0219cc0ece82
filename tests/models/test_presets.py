"""Presets are experiments that decode, and whose models work; the published ones have the published sizes."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch

from tests.nn.factories import disturbed
from transflower.core.options import decode, load_yaml
from transflower.core.spans import StreamSpec
from transflower.models import Batch, Model, ModelConfig
from transflower.models.presets import PRESETS
from transflower.nn.noise import NoiseSource
from transflower.training.options import Experiment

PUBLISHED_DIMS = {"motion": 67, "audio": 85, "follower": 66, "partner": 67}
SMALL_DIMS = {"motion": 7, "audio": 5, "follower": 6, "partner": 7}
CATEGORICAL, CLASSES = ("moves", "style", "contacts"), 4
SMALL = {"width": 16, "heads": 2, "layers": 1, "num_steps": 2, "blocks": 1}
"""What options of size become in tests that ask whether parts work together."""

every_preset = pytest.mark.parametrize("name", PRESETS)


def load(name: str, *, small: bool = False) -> Experiment:
    tree = load_yaml(PRESETS[name], presets=PRESETS)
    return decode(Experiment, {**(shrunk(tree) if small else tree), "data": {"folder": "features"}})


def shrunk(tree: Any) -> Any:
    """The same parts, as small as they get."""
    if not isinstance(tree, dict):
        return tree
    return {key: SMALL[key] if key in SMALL else shrunk(value) for key, value in tree.items()}


def make_model(config: ModelConfig, dims: dict[str, int]) -> Model:
    streams = {modality: StreamSpec(dim=dim) for modality, dim in dims.items()}
    streams |= {name: StreamSpec(dim=1, kind="categorical", num_classes=CLASSES) for name in CATEGORICAL}
    used = {*config.inputs, *config.outputs}
    streams = {name: stream for name, stream in streams.items() if name in used}
    moments = {name: (np.zeros(dim), np.ones(dim)) for name, dim in dims.items() if name in used}
    return Model(config, streams, moments)


def make_batch(config: ModelConfig, *, rows: int, positions: int) -> Batch:
    generator = torch.Generator().manual_seed(0)

    def draw(spans):
        lengths = {name: span.extended(positions).length for name, span in spans.items()}
        return {
            name: torch.randint(CLASSES, (rows, length, 1), generator=generator)
            if name in CATEGORICAL
            else torch.randn(rows, length, SMALL_DIMS[name], generator=generator)
            for name, length in lengths.items()
        }

    return {"inputs": draw(config.spans), "targets": draw(config.target_spans)}


def count_parameters(name: str) -> int:
    with torch.device("meta"):
        return sum(weights.numel() for weights in make_model(load(name).model, PUBLISHED_DIMS).parameters())


@every_preset
def test_presets_decode_and_build(name):
    assert count_parameters(name) > 0


@every_preset
def test_presets_say_first_what_they_are(name):
    assert PRESETS[name].read_text(encoding="utf-8").startswith("# ")


@every_preset
def test_presets_train_and_then_dance(name):
    experiment = load(name, small=True)
    torch.manual_seed(0)
    model = make_model(experiment.model, SMALL_DIMS)
    batch = make_batch(model.config, rows=4, positions=min(experiment.training.positions, 4))
    model.initialise(batch)
    optimiser = torch.optim.Adam(model.train().parameters(), lr=1e-2)
    losses = []
    for _ in range(5):
        optimiser.zero_grad()
        loss, _ = model.loss(batch, generator=torch.Generator().manual_seed(0))
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    stream, noise = model.eval().stream(4), NoiseSource(0, 4)
    for modality, rows in batch["inputs"].items():
        stream.push(modality, rows[:, : model.spans[modality].length])
    for _ in range(3):
        drawn = stream.step(noise)
        assert all(frames.isfinite().all() for frames in drawn.values())
        for modality, frames in drawn.items():
            stream.push(modality, frames[:, :1])
        for modality in model.conditions:
            stream.push(modality, batch["inputs"][modality][:, -1:])
    pickle.dumps(model)  # for evaluations in processes of their own


@pytest.mark.parametrize("name", ["moglow", "transglower"])
@torch.no_grad()
def test_recurrent_flows_remember_the_whole_dance(name):
    # At temperature 0 a dance is certain, so that all its frames can be drawn at once from what was danced.
    torch.manual_seed(0)
    model = make_model(load(name, small=True).model, SMALL_DIMS)
    batch = make_batch(model.config, rows=2, positions=5)
    model.initialise(batch)
    disturbed(model, scale=0.1)
    stream, noise, inputs = model.stream(2), NoiseSource(0, 2), batch["inputs"]
    danced = inputs["motion"][:, : model.spans["motion"].length]
    stream.push("motion", danced)
    stream.push("audio", inputs["audio"])
    for _ in range(5):
        frame = stream.step(noise, temperature=0.0)["motion"]
        stream.push("motion", frame)
        danced = torch.cat([danced, frame], dim=1)
    contexts = model.encoder({"motion": danced[:, :-1], "audio": inputs["audio"]})["motion"]
    together, _ = model.head("motion").sample(contexts, None, noise=noise, temperature=0.0)
    assert torch.allclose(together[:, :, 0], danced[:, -5:], atol=1e-4)
    forgetful, _ = model.head("motion").sample(contexts[:, -1:], None, noise=noise, temperature=0.0)
    assert not torch.allclose(forgetful[:, 0, 0], danced[:, -1], atol=1e-3)


@pytest.mark.parametrize(("name", "millions"), [("transflower", 122), ("transformer", 64), ("moglow-paper", 281)])
def test_published_presets_have_the_published_number_of_parameters(name, millions):
    assert count_parameters(name) / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize("name", [name for name in PRESETS if name.endswith("-tiny")])
def test_tiny_presets_are_tiny(name):
    assert count_parameters(name) < 3e6
