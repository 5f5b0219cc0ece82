"""Samples that go on from moments of recordings."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import AUDIO, MEAN, MOTION, STD, class_model, tiny_config, tiny_model
from transflower.generation import SamplingOptions, generate
from transflower.generation.futures import Moment, draw_futures, frame_step
from transflower.generation.teacher_forcing import evaluated, forced_parts
from transflower.nn.noise import NoiseSource

FRAMES = 30
RNG = np.random.default_rng(0)
INPUTS = {"audio": RNG.standard_normal((FRAMES, AUDIO)).astype(np.float32)}
OUTPUTS = {"motion": (MEAN + STD * RNG.standard_normal((FRAMES, MOTION))).astype(np.float32)}


def still(kind):
    return tiny_model(replace(tiny_config(kind), target_noise=0.0))


def moment(frame):
    return Moment(inputs=INPUTS, outputs=OUTPUTS, frame=frame)


@pytest.mark.parametrize("kind", ["windowed", "causal"])
def test_the_first_frame_is_what_is_predicted_from_the_true_past(kind):
    model, frames = still(kind), (9, 14)
    options = SamplingOptions(temperature=0.0)
    drawn = draw_futures(model, [moment(one) for one in frames], num_frames=2, num_samples=3, options=options)
    predicted = {}
    with evaluated(model):
        for part in forced_parts(model, INPUTS, OUTPUTS):
            context = model.encoder(model.prepare_batch(part.batch, NoiseSource(0, 1)).inputs)["motion"]
            previous = model.prepare_batch(part.batch, NoiseSource(0, 1)).previous.get("motion")
            rows, _ = model.head("motion").sample(context, previous, noise=NoiseSource(0, 1), temperature=0.0)
            start = model.config.target_spans["motion"].start
            predicted |= {
                position + start: model.scaling("motion").restore(rows[0, part.num_skipped + index, 0])
                for index, position in enumerate(part.positions)
            }
    for frame, found in zip(frames, drawn, strict=True):
        assert found["motion"].shape == (3, 2, MOTION)
        # A causal model was evaluated from the beginning, and draws from what its window of attention holds.
        wanted = np.broadcast_to(predicted[frame], (3, MOTION))
        np.testing.assert_allclose(found["motion"][:, 0], wanted, atol=0.05 if kind == "causal" else 1e-4)


@pytest.mark.parametrize("kind", ["windowed", "causal"])
def test_samples_of_a_moment_are_those_that_are_drawn_one_by_one(kind):
    model = still(kind)
    (found,) = draw_futures(model, [moment(12)], num_frames=6, num_samples=4)
    beside = draw_futures(model, [moment(12), moment(3)], num_frames=6, num_samples=4)
    np.testing.assert_allclose(beside[0]["motion"], found["motion"], atol=1e-4)
    assert found["motion"].std(axis=0).min(axis=0)[MEAN != 7.0].min() > 0
    (fewer,) = draw_futures(model, [moment(12)], num_frames=6, num_samples=2)
    np.testing.assert_allclose(fewer["motion"], found["motion"][:2], atol=1e-4)


def test_without_conditions_before_the_moment_it_is_what_generation_draws():
    model, options = still("windowed"), SamplingOptions(temperature=0.0)
    (found,) = draw_futures(model, [moment(0)], num_frames=5, num_samples=1, options=options)
    np.testing.assert_allclose(
        found["motion"], generate(model, INPUTS, num_frames=5, options=options)["motion"], atol=1e-5
    )


def test_classes_go_on_too():
    model = class_model()
    outputs = OUTPUTS | {"moves": np.zeros((FRAMES, 1), np.int64)}
    (found,) = draw_futures(model, [Moment(inputs=INPUTS, outputs=outputs, frame=8)], num_frames=4, num_samples=3)
    assert found["moves"].shape == (3, 4, 1)
    assert frame_step(model) == 1
    assert torch.is_grad_enabled()
