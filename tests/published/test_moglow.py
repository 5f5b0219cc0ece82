import pytest
import torch

from tests.conftest import GOLDEN_DATA
from tests.golden.golden import read_golden
from transflower.core.errors import ModelError
from transflower.published import load_moglow


@pytest.fixture
def golden():
    return read_golden(GOLDEN_DATA / "moglow_ff_lu.npz")


def without_matrices(golden):
    return {name: value for name, value in golden.state.items() if ".invconv." not in name}


@torch.no_grad()
def test_reversing_flow_has_no_matrix(golden):
    flow = load_moglow(golden.settings | {"flow_permutation": "reverse"}, without_matrices(golden))
    x = torch.randn(2, 3, 1, 7)
    context = torch.randn(2, 3, 1, 6)
    z, _, _ = flow.bijection(x, context)
    assert torch.allclose(flow.bijection.inverse(z, context)[0], x, atol=1e-5)
    assert flow.bijection.steps["1"].order.tolist() == [6, 5, 4, 3, 2, 1, 0]


@torch.no_grad()
def test_additive_couplings_have_half_the_outputs(golden):
    state = {name: value[:4] if ".f.4." in name else value for name, value in golden.state.items()}
    flow = load_moglow(golden.settings | {"flow_coupling": "additive"}, state)
    assert torch.equal(
        flow.bijection.steps["2"].conditioner.network.network.output.weight, state["flow.layers.0.f.4.weight"]
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    (
        ({"flow_permutation": "shuffle"}, "do not say how"),
        ({"network_model": "transformer"}, "LSTM, GRU and FF can"),
        ({"network_model": "LSTM"}, "lack"),
        ({"glow_K": 2}, "do not fit"),
        ({"glow_K": 4}, "nothing of"),
    ),
)
def test_settings_of_another_flow_are_refused(golden, setting, message):
    with pytest.raises(ModelError, match=message):
        load_moglow(golden.settings | setting, golden.state)
