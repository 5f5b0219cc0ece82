import pytest
import torch

from tests.conftest import GOLDEN_DATA
from tests.golden.golden import read_golden
from transflower.core.errors import ModelError
from transflower.published import load_flowpp
from transflower.published.flowpp import scales_of


@pytest.fixture
def golden():
    return read_golden(GOLDEN_DATA / "flow_affine_batchnorm.npz")


def test_positions_arrive_in_our_table(golden):
    """They are zero in the golden files, as at the start of training."""
    name = "flows.channels.2.nn.transformer.pos_encoder.pe"
    golden.state[name] = torch.randn_like(golden.state[name])
    flow = load_flowpp(golden.settings, golden.state)
    table = flow.bijection.steps["2"].conditioner.transformer.positions.table
    assert torch.equal(table, golden.state[name].squeeze(1))


def test_weights_that_training_broke_are_refused_not_read_as_nan(golden):
    golden.state["flows.channels.0.gamma"][0, 3] = 0
    with pytest.raises(ModelError, match="gamma is not above 0"):
        load_flowpp(golden.settings, golden.state)


def test_norm_that_never_saw_data_is_refused(golden):
    golden.state["flows.channels.3.is_initialized"].zero_()
    with pytest.raises(ModelError, match="never saw data"):
        load_flowpp(golden.settings, golden.state)


@pytest.mark.parametrize(
    ("setting", "message"),
    (
        ({"scales": [[2, 0]]}, "have no place"),
        ({"scales": [[4, 0]]}, "lack"),
        ({"scales": [[3, 1]]}, "checkerboard"),
        ({"flow_dist": "cauchy"}, "normal or studentT"),
        ({"norm_layer": "layernorm"}, "actnorm, batchnorm"),
        ({"use_rel_pos_emb": True}, "pos_emb"),
        ({"use_rotary_pos_emb": True}, "use_rotary_pos_emb"),
        ({"in_shape": [7, 5, 1], "cond_seq_len": 5}, "do not fit"),
    ),
)
def test_settings_of_another_flow_are_refused(golden, setting, message):
    with pytest.raises(ModelError, match=message):
        load_flowpp(golden.settings | setting, golden.state)


def test_scales_are_read_as_a_list_or_as_its_text():
    assert scales_of([[3, 0], [2, 0]]) == scales_of("[[3,0],[2,0]]") == [[3, 0], [2, 0]]
