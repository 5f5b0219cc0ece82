"""The mean of two models."""

import numpy as np
import pytest
import torch

from recipes.dancer.mix import Mix, run
from tests.generation.factories import FPS
from tests.models.factories import tiny_config
from tests.nn.factories import disturbed
from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.models import Model, load_model, save_model


def save(folder, *, seed, audio=3):
    widths = {"motion": 5, "audio": audio}
    streams = {name: StreamSpec(dim=width, fps=FPS) for name, width in widths.items()}
    moments = {name: (np.zeros(width), np.ones(width)) for name, width in widths.items()}
    model = disturbed(Model(tiny_config("causal"), streams, moments), seed=seed, scale=0.1)
    save_model(folder, model, sidecars={})
    return folder


def test_weights_are_between_those_of_both(tmp_path):
    first, second = (save(tmp_path / str(seed), seed=seed) for seed in range(2))
    run(Mix(model=first, trained_on=second, share=0.75, out=tmp_path / "mean"))
    before, after, mean = (load_model(tmp_path / name).model.state_dict() for name in ("0", "1", "mean"))
    for name, value in mean.items():
        if value.dtype.is_floating_point:
            torch.testing.assert_close(value, 0.25 * before[name] + 0.75 * after[name])


def test_models_of_other_columns_have_no_mean(tmp_path):
    first, second = save(tmp_path / "a", seed=0), save(tmp_path / "b", seed=0, audio=4)
    with pytest.raises(ModelError, match="was not trained on from"):
        run(Mix(model=first, trained_on=second, out=tmp_path / "mean"))
