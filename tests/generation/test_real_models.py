"""Real models against themselves."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.generation.copied import real_inputs
from tests.models.factories import AUDIO, MEAN, MOTION, tiny_config, tiny_model, with_head
from transflower.core.spans import StreamSpec
from transflower.data.dataset import WindowDataset
from transflower.data.store import Store
from transflower.data.windows import WindowLayout
from transflower.generation import SamplingOptions, generate
from transflower.models.heads import DeterministicHeadConfig
from transflower.nn.noise import GivenNoise

REAL = pytest.mark.parametrize("kind", ["windowed", "causal"])


@REAL
def test_a_row_of_a_batch_is_drawn_as_if_alone(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    several = generate(model, inputs, num_frames=12, num_samples=3, options=SamplingOptions(seed=4))["motion"]
    alone = generate(model, inputs, num_frames=12, num_samples=1, options=SamplingOptions(seed=4))["motion"]
    np.testing.assert_allclose(several[:1], alone, atol=1e-4)
    assert np.abs(several[0] - several[1]).max() > 0.1


@REAL
def test_the_same_seed_gives_the_same_dance_to_the_bit(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    first, second, other = (
        generate(model, inputs, num_frames=12, num_samples=2, options=SamplingOptions(seed=seed))["motion"]
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1


@REAL
def test_temperature_calms(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    spread = [
        generate(model, inputs, num_frames=3, num_samples=16, options=SamplingOptions(temperature=temperature))[
            "motion"
        ][:, 0]
        .std(axis=0)
        .sum()
        for temperature in (1.0, 0.3, 0.0)
    ]
    assert spread[0] > 2 * spread[1] > 4 * spread[2]
    assert spread[2] < 1e-5


@REAL
def test_training_windows_of_a_finished_dance_predict_it(kind, tmp_path):
    """What a model reads while it dances is what training would have shown it of the same dance."""
    config = replace(tiny_config(kind), head=DeterministicHeadConfig())
    model, inputs, frames = tiny_model(config), real_inputs(), 12
    fill = {"audio": np.array([0.5, -0.5, 2.0], np.float32), "motion": np.float32(MEAN)}
    dance = generate(model, inputs, num_frames=frames, fill=fill)["motion"][0]
    for name, rows in {**inputs, "motion": dance}.items():
        np.save(tmp_path / f"a.{name}.npy", rows)
    layout = WindowLayout(
        inputs=config.spans,
        targets=config.target_spans,
        positions=frames,
    )
    streams = {"motion": StreamSpec(dim=MOTION), "audio": StreamSpec(dim=AUDIO)}
    names = {name: (name,) for name in streams}
    windows = WindowDataset(Store(tmp_path), {"a": frames}, layout=layout, streams=streams, features=names, fill=fill)
    assert len(windows) == 1
    batch = windows.batch([0])
    scaled = {name: model.scale_input(name, rows) for name, rows in batch["inputs"].items()}
    with torch.no_grad():
        contexts = model.encoder(scaled)["motion"]
        predicted, _ = model.head("motion").sample(contexts, None, noise=GivenNoise([]))
    np.testing.assert_allclose(model.scaling("motion").restore(predicted)[0, :, 0].numpy(), dance, atol=1e-4)


def test_a_seeded_causal_dance_goes_on_as_the_encoder_reads_seed_and_dance_together():
    config = replace(tiny_config("causal"), head=DeterministicHeadConfig())
    model, inputs, count = tiny_model(config), real_inputs(), 5
    silence = np.array([0.5, -0.5, 2.0], np.float32)
    seed = np.float32(MEAN + np.random.default_rng(2).standard_normal((count, MOTION)))
    dance = generate(model, inputs, num_frames=12, prompt={"motion": seed}, fill={"audio": silence})["motion"][0]
    motion = np.concatenate([seed, dance[:-1]])
    music = np.concatenate([np.tile(silence, (count - 1, 1)), inputs["audio"], np.tile(silence, (2, 1))])
    read = {"motion": motion, "audio": music}
    scaled = {name: model.scale_input(name, torch.from_numpy(rows)[None]) for name, rows in read.items()}
    with torch.no_grad():
        predicted, _ = model.head("motion").sample(model.encoder(scaled)["motion"], None, noise=GivenNoise([]))
    restored = model.scaling("motion").restore(predicted)[0, count - 1 :, 0].numpy()
    np.testing.assert_allclose(restored, dance, atol=1e-4)


def test_a_model_in_training_dances_in_evaluation_and_goes_back():
    config = tiny_config("windowed")
    dropping = {**config.inputs, "motion": replace(config.inputs["motion"], dropout=0.5)}
    model = tiny_model(replace(config, inputs=dropping)).train()
    dances = [generate(model, real_inputs(), num_frames=4)["motion"] for _ in range(2)]
    np.testing.assert_array_equal(*dances)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_heads_of_changes_start_from_the_last_frame_of_the_seed():
    model = tiny_model(with_head(tiny_config("causal", clamp=1e3), target="change"))
    far = np.float32(np.tile(MEAN + 50 * (MEAN != 7.0), (4, 1)))
    dance = generate(
        model, real_inputs(), num_frames=1, prompt={"motion": far}, options=SamplingOptions(temperature=0.1)
    )["motion"]
    assert np.abs(dance[0, 0] - far[0]).max() < 20
