from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.models.factories import AUDIO, MOTION, make_batch, tiny_config, tiny_model
from transflower.models import Model
from transflower.models.precision import prepare, weight_bytes
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


def log_prob(model: Model) -> torch.Tensor:
    batch = make_batch(WIDE, batch=2, positions=6)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        return model.log_prob(batch, generator=generator)["motion"] / MOTION


def draw(model: Model, dancers: int) -> torch.Tensor:
    """Three frames of each dancer."""
    stream, noise = model.stream(dancers), NoiseSource(0, dancers)
    stream.push("audio", torch.linspace(-1, 1, 5 * AUDIO).view(1, 5, AUDIO).expand(dancers, -1, -1))
    stream.push("motion", torch.zeros(dancers, 1, MOTION))
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
def test_a_dancer_of_a_batch_dances_as_if_alone(precision):
    model = prepare(tiny_model(WIDE), precision)
    assert (draw(model, 3)[:1] - draw(model, 1)).abs().max() < 1e-3


def test_large_maps_are_quantised_and_nothing_else():
    model = tiny_model(WIDE)
    large = sum(type(part) is nn.Linear and part.weight.numel() >= 64 * 64 for part in model.modules())
    small = sum(type(part) is nn.Linear for part in model.modules()) - large
    prepare(model, "int8")
    assert large > 3
    assert sum(isinstance(part, QuantisedLinear) for part in model.modules()) == large
    assert sum(type(part) is nn.Linear for part in model.modules()) == small
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_fewer_bits_are_fewer_bytes():
    whole = weight_bytes(tiny_model(WIDE))
    fp32, bf16, int8 = (weight_bytes(prepare(tiny_model(WIDE), precision)) for precision in TOLERANCES)
    assert whole >= fp32 > bf16 > int8 > whole / 4
