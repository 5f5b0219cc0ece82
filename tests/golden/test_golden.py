"""The published numbers, from the published weights."""

import math

import pytest
import torch

from tests.golden.golden import Golden, bits_per_frame, read_golden, relative_error
from transflower.nn.flows import Flow
from transflower.nn.noise import GivenNoise
from transflower.published import load_flowpp, load_moglow, load_transflower, load_transformer

pytestmark = pytest.mark.golden
TOLERANCE = 1e-4


@pytest.fixture
def golden(golden_file) -> Golden:
    return read_golden(golden_file)


def check_flow(flow: Flow, golden: Golden, x: torch.Tensor, context: torch.Tensor, z: torch.Tensor) -> None:
    """Frames lie along P or along N."""
    found, log_det, _ = flow.bijection(x, context)
    assert relative_error(found, z) < TOLERANCE
    if "log_det" in golden.arrays:
        assert relative_error(log_det.sum(-1), golden.arrays["log_det"]) < TOLERANCE
    back, _, _ = flow.bijection.inverse(z, context)
    assert relative_error(back, x) < TOLERANCE
    bits = bits_per_frame(flow.log_prob(x, context)[0].sum(-1), x.shape[1] * x.shape[2])
    expected = golden.arrays["nll_bits_per_frame"]
    assert relative_error(bits if expected.ndim else bits.mean(), expected) < TOLERANCE


@torch.no_grad()
def test_published_numbers_come_from_published_weights(golden):
    check = {"transformer": check_transformer, "flowpp": check_flowpp, "moglow": check_moglow}
    (check | {"transflower": check_transflower})[golden.kind](golden)


def check_transformer(golden: Golden) -> None:
    y = load_transformer(golden.settings, golden.state)(golden.arrays["x"].transpose(0, 1))
    assert relative_error(y.transpose(0, 1), golden.arrays["y"]) < TOLERANCE


def check_flowpp(golden: Golden) -> None:
    x, context, z = (golden.arrays[name].unsqueeze(1) for name in ("x", "cond", "z"))
    check_flow(load_flowpp(golden.settings, golden.state), golden, x, context, z)


def check_moglow(golden: Golden) -> None:
    x, context, z = (golden.arrays[name].transpose(1, 2).unsqueeze(2) for name in ("x", "cond", "z"))
    check_flow(load_moglow(golden.settings, golden.state), golden, x, context, z)


def check_transflower(golden: Golden) -> None:
    model = load_transflower(golden.settings, golden.state)
    batch = {
        "inputs": {name: golden.arrays[f"in_{name}"] for name in model.config.inputs},
        "targets": {name: golden.arrays[f"out_{name}"] for name in model.config.outputs},
    }
    bits = [
        bits_per_frame(log_prob.mean(), model.config.outputs[name].length)
        for name, log_prob in model.log_prob(batch).items()
    ]
    assert relative_error(torch.stack(bits).sum(), golden.arrays["nll_bits_per_frame"]) < TOLERANCE
    for name, target in batch["targets"].items():
        context = model.encoder(batch["inputs"])[name]
        z, _, _ = model.head(name).flow.bijection(target.unsqueeze(1), context)
        drawn, _ = model.head(name).sample(context, None, noise=GivenNoise([z]))
        assert relative_error(drawn[:, 0], target) < TOLERANCE
        assert math.isfinite(z.sum())
