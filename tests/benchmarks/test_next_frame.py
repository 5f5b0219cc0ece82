"""How well a model knows the next frame."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.next_frame import next_frame_errors
from tests.models.factories import AUDIO, tiny_config, tiny_model
from transflower.generation import SamplingOptions, generate
from transflower.models import LoadedModel

FRAMES = 90


def test_a_model_knows_what_it_would_draw_itself():
    model = tiny_model(replace(tiny_config("causal"), target_noise=0.0))
    loaded = LoadedModel(model=model, sidecars=dict.fromkeys(model.streams), folder=Path())
    inputs = {"audio": np.random.default_rng(0).standard_normal((FRAMES, AUDIO)).astype(np.float32)}
    dance = generate(model, inputs, num_frames=FRAMES, options=SamplingOptions(temperature=0.0))["motion"][0]
    found = next_frame_errors(loaded, inputs, {"motion": dance})
    assert found["model"] == pytest.approx(0, abs=1e-3)
    assert found["network"] == pytest.approx(0, abs=1e-3)  # this head remembers nothing
    scaled = model.scaling("motion")(torch.from_numpy(dance)).numpy()
    moves = np.sqrt(np.mean(np.diff(scaled, axis=0)[59:] ** 2, axis=1))
    assert found["no change"] == pytest.approx(np.median(moves), rel=1e-3)
