"""Presets are experiments that decode, and whose models can be built; the published ones have the published sizes."""

import numpy as np
import pytest
import torch

from transflower.core.options import decode, load_yaml
from transflower.core.spans import StreamSpec
from transflower.models import Model
from transflower.models.presets import PRESETS
from transflower.training.options import Experiment

DIMS = {"motion": 67, "audio": 85}  # as published


def count_parameters(name: str) -> int:
    tree = load_yaml(PRESETS[name], presets=PRESETS)
    config = decode(Experiment, {**tree, "data": {"folder": "features"}}).model
    streams = {modality: StreamSpec(dim=dim) for modality, dim in DIMS.items()}
    moments = {modality: (np.zeros(dim), np.ones(dim)) for modality, dim in DIMS.items()}
    with torch.device("meta"):
        return sum(weights.numel() for weights in Model(config, streams, moments).parameters())


@pytest.mark.parametrize("name", PRESETS)
def test_presets_decode_and_build(name):
    assert count_parameters(name) > 0


@pytest.mark.parametrize(("name", "millions"), [("transflower", 122), ("transformer", 64)])
def test_published_presets_have_the_published_number_of_parameters(name, millions):
    assert count_parameters(name) / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize("name", [name for name in PRESETS if name.endswith("-tiny")])
def test_tiny_presets_are_tiny(name):
    assert count_parameters(name) < 3e6
