import numpy as np
import pytest
import torch

from tests.conftest import GOLDEN_DATA
from tests.golden.golden import read_golden
from transflower.core.errors import ModelError
from transflower.published import load_transflower


@pytest.fixture
def golden():
    return read_golden(GOLDEN_DATA / "transflower_whole.npz")


@torch.no_grad()
def test_statistics_of_the_features_move_into_the_model(golden):
    """What was scaled by hand before may then be given as it is."""
    moments = {"m": (np.full(7, 2.0), np.full(7, 3.0)), "a": (np.full(5, -1.0), np.full(5, 0.5))}
    plain, scaling = (load_transflower(golden.settings, golden.state, given) for given in ({}, moments))
    m, a, target = (golden.arrays[name] for name in ("in_m", "in_a", "out_m"))
    expected = plain.log_prob({"inputs": {"m": m, "a": a}, "targets": {"m": target}})["m"]
    raw = {"inputs": {"m": 3 * m + 2, "a": 0.5 * a - 1}, "targets": {"m": 3 * target + 2}}
    assert torch.allclose(scaling.log_prob(raw)["m"], expected, atol=1e-3)


def test_windows_become_ours(golden):
    config = load_transflower(golden.settings, golden.state).config
    windows = {name: (window.length, window.offset) for name, window in config.inputs.items()}
    assert windows == {"m": (10, 0), "a": (12, 0)}
    assert (config.outputs["m"].length, config.outputs["m"].offset) == (3, 10)


@pytest.mark.parametrize(
    ("setting", "message"),
    (
        ({"residual": True}, "residual"),
        ({"input_types": "c,d"}, "input_types c,d"),
        ({"input_proc_types": "none,single"}, "input_proc_types"),
        ({"dins": "7"}, "for each, and there are 1, 2 and 2"),
        ({"input_lengths": "10"}, "for each, and there are 2, 1 and 2"),
        ({"dins": "7,6"}, "do not fit"),
        ({"scales": "[[3,0]];[[2,0]]"}, "same scales"),
        ({"conditioning_seq_lens": "3,4"}, "same conditioning_seq_lens"),
        ({"use_pos_emb_inputs": True}, "lack"),
    ),
)
def test_settings_of_another_model_are_refused(golden, setting, message):
    with pytest.raises(ModelError, match=message):
        load_transflower(golden.settings | setting, golden.state)
