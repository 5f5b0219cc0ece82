import numpy as np
import pytest

from transflower.core.errors import OptionsError
from transflower.core.options import decode
from transflower.core.spans import StreamSpec
from transflower.models import Model, ModelConfig
from transflower.models.memory import TRAINING_COPIES, check_model_memory, weight_bytes
from transflower.nn.causal import CausalConfig

STREAMS = {"motion": StreamSpec(dim=6, fps=20.0), "audio": StreamSpec(dim=4, fps=20.0)}


def made(width=32, length=3):
    return decode(
        ModelConfig,
        {
            "inputs": {"motion": {"length": length, "offset": -length}, "audio": {"length": length}},
            "outputs": {"motion": {}},
            "encoder": {"type": "concat", "width": width},
            "head": {"type": "deterministic"},
        },
    )


def test_the_estimate_is_what_the_model_has():
    options = made(width=300)
    moments = {name: (np.zeros(stream.dim), np.ones(stream.dim)) for name, stream in STREAMS.items()}
    model = Model(options, STREAMS, moments)
    there = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    assert weight_bytes(options, STREAMS) == there


@pytest.mark.parametrize("options", [{"width": 10**11}, {"width": 2 * 10**9}], ids=str)
def test_a_width_that_does_not_fit_is_refused_before_anything_is_allocated(options):
    with pytest.raises(OptionsError, match=r"this model would need .* of memory, there are"):
        check_model_memory(made(**options), STREAMS, copies=TRAINING_COPIES)


@pytest.mark.parametrize(("windows", "positions", "length"), [(10**9, 10**6, 3), (32, 10**12, 3), (32, 1, 10**12)])
def test_a_batch_that_does_not_fit_is_refused(windows, positions, length):
    with pytest.raises(OptionsError, match=r"a batch of .* would need"):
        check_model_memory(made(length=length), STREAMS, windows=windows, positions=positions)


def test_a_head_so_wide_that_its_tables_do_not_fit_is_refused():
    with pytest.raises(OptionsError, match="1024 channels at most; share the width of 1048576 by more than 4 heads"):
        CausalConfig(width=2**20, heads=4)
