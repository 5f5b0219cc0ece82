from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.models.factories import AUDIO, MOTION, make_batch, tiny_config, tiny_model
from transflower.core.errors import ModelError
from transflower.generation import generate
from transflower.models import SequenceModel, save_model
from transflower.models.inference import prepare, weight_bytes
from transflower.nn import quantised as kernels
from transflower.nn.noise import NoiseSource
from transflower.nn.quantised import QuantisedLinear

CONFIG = tiny_config("causal")
WIDE = replace(CONFIG, encoder=replace(CONFIG.encoder, width=64))
TOLERANCES = {"fp32": 1e-4, "bf16": 0.05, "int8": 0.3}
PRECISIONS = pytest.mark.parametrize("precision", TOLERANCES)


@pytest.fixture(autouse=True)
def _pack_small_maps_too(monkeypatch):
    monkeypatch.setattr(kernels, "_MIN_SIZE", 64 * 64)


def log_prob(model: SequenceModel) -> torch.Tensor:
    batch = make_batch(WIDE, batch=2, positions=6)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        return model.log_prob(batch, generator=generator)["motion"] / MOTION


def draw(model: SequenceModel, batch_size: int) -> torch.Tensor:
    """Three frames of each row."""
    stream, noise = model.stream(batch_size), NoiseSource(0, batch_size)
    stream.push("audio", torch.linspace(-1, 1, 5 * AUDIO).view(1, 5, AUDIO).expand(batch_size, -1, -1))
    stream.push("motion", torch.zeros(batch_size, 1, MOTION))
    frames = []
    for _ in range(3):
        frames.append(stream.step(noise)["motion"])
        stream.push("motion", frames[-1])
    return torch.cat(frames, dim=1)


@PRECISIONS
def test_a_prepared_model_has_the_same_density_within_what_the_bits_allow(precision):
    model = tiny_model(WIDE)
    expected = log_prob(model)
    assert (log_prob(prepare(model, precision)) - expected).abs().max() < TOLERANCES[precision]


@PRECISIONS
def test_a_row_of_a_batch_is_drawn_as_if_alone(precision):
    model = prepare(tiny_model(WIDE), precision)
    assert (draw(model, 3)[:1] - draw(model, 1)).abs().max() < 1e-3


def test_large_maps_are_quantised_and_nothing_else():
    model = tiny_model(WIDE)
    large = sum(type(part) is nn.Linear and part.weight.numel() >= 64 * 64 for part in model.modules())
    small = sum(type(part) is nn.Linear for part in model.modules()) - large
    prepared = prepare(model, "int8")
    assert large > 3
    assert sum(isinstance(part, QuantisedLinear) for part in prepared.modules()) == large
    assert sum(type(part) is nn.Linear for part in prepared.modules()) == small
    assert not any(parameter.requires_grad for parameter in prepared.parameters())


@PRECISIONS
def test_the_model_that_it_was_made_of_stays_as_it_was(precision):
    model = tiny_model(WIDE).train()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    prepare(model, precision)
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())


def test_it_is_neither_trained_nor_moved_nor_saved(tmp_path):
    prepared = prepare(tiny_model(WIDE))
    with pytest.raises(ModelError, match="cannot be trained"):
        prepared.train()
    with pytest.raises(ModelError, match="cannot be moved"):
        prepared.double()
    with pytest.raises(ModelError, match="cannot be saved"):
        save_model(tmp_path, prepared, sidecars={})
    assert not list(tmp_path.glob("*.safetensors"))
    assert not prepared.eval().training


def test_samples_are_those_of_the_model_that_it_was_made_of():
    model = tiny_model(WIDE)
    music = {"audio": np.random.default_rng(0).standard_normal((9, AUDIO))}
    drawn, expected = (generate(one, music, num_frames=9)["motion"] for one in (prepare(model), model))
    np.testing.assert_allclose(drawn, expected, atol=1e-4)


def test_fewer_bits_are_fewer_bytes():
    whole = weight_bytes(tiny_model(WIDE))
    fp32, bf16, int8 = (weight_bytes(prepare(tiny_model(WIDE), precision)) for precision in TOLERANCES)
    assert whole >= fp32 > bf16 > int8 > whole / 4
