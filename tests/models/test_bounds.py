"""What is given and what is drawn stay within what training shows."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import CONSTANT, MEAN, STD, class_model, make_batch, tiny_config, tiny_model
from transflower.generation import SamplingOptions, generate
from transflower.nn.noise import NoiseSource

every_kind = pytest.mark.parametrize("kind", ("windowed", "causal"))
VARYING = [column for column in range(len(MEAN)) if column != CONSTANT]


def with_audio(batch, factor):
    return {**batch, "inputs": {**batch["inputs"], "audio": factor * batch["inputs"]["audio"]}}


@every_kind
def test_a_condition_beyond_the_bound_does_what_one_at_it_does_in_parallel_and_on_engine(kind):
    config = tiny_config(kind, target_noise=0.0)
    model, batch = tiny_model(config), make_batch(config)
    far, farther = with_audio(batch, 1e4), with_audio(batch, 1e7)
    assert torch.equal(model.log_prob(far)["motion"], model.log_prob(farther)["motion"])
    drawn = []
    for given in (far, farther):
        stream = model.stream(4)
        for name, span in config.spans.items():
            stream.push(name, given["inputs"][name][:, : span.length])
        drawn.append(stream.step(NoiseSource(0, 4))["motion"])
    assert torch.equal(*drawn)


@every_kind
def test_drawn_frames_are_bounded_where_training_is(kind):
    config = tiny_config(kind)
    model, batch = tiny_model(config), make_batch(config)
    stream = model.stream(4)
    for name, span in config.spans.items():
        stream.push(name, batch["inputs"][name][:, : span.length])
    drawn = stream.step(NoiseSource(0, 4), temperature=1e4)["motion"]
    largest = model.scaling("motion")(drawn).abs().max().item()
    assert largest == pytest.approx(config.clamp, rel=1e-4)
    assert (drawn[..., CONSTANT] == MEAN[CONSTANT]).all()


def test_ordinary_frames_come_back_as_they_were_drawn():
    model = tiny_model()
    frames = torch.randn(3, 2, len(VARYING)).clamp(-7.9, 7.9)
    assert torch.equal(model.clamp_drawn("motion", frames), frames)


def test_what_is_scaled_already_has_no_known_bound():
    model = tiny_model(tiny_config(normalize="none"))
    frames = torch.full((1, len(VARYING)), 1e3)
    assert torch.equal(model.clamp_drawn("motion", frames), frames)


def test_classes_are_no_values_to_be_bounded():
    model = class_model()
    (name,) = (name for name, output in model.config.outputs.items() if output.kind == "categorical")
    many = torch.full((1, 1), 99)
    assert torch.equal(model.clamp_drawn(name, many), many)


@pytest.mark.parametrize("loud", (1e4, -1e30))
def test_running_freely_on_extreme_inputs_stays_within_the_bound(loud):
    config = replace(tiny_config("causal"), clamp=4.0)
    audio = np.full((60, 3), loud, np.float32)
    drawn = generate(
        tiny_model(config), {"audio": audio}, num_frames=60, num_samples=2, options=SamplingOptions(temperature=50.0)
    )["motion"]
    assert np.isfinite(drawn).all()
    # The last column hardly varies and has a larger unit than its own.
    assert (np.abs(drawn - MEAN) <= 4.001 * np.maximum(STD, 0.19)).all()
