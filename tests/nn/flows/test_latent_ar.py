import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.nn.factories import randn
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.latent_ar import LatentAR


def make(partial: list[list[float]]) -> LatentAR:
    """With partial autocorrelations ``[M, D]``."""
    part = LatentAR(len(partial[0]), len(partial)).double()
    part.raw_correlations.data = torch.tensor(partial, dtype=torch.float64).atanh()
    return part


def test_it_begins_as_the_identity():
    x = randn(2, 5, 1, 3)
    z, log_det, _ = LatentAR(3, order=2).double()(x, None)
    assert torch.equal(z, x)
    assert torch.equal(log_det, torch.zeros_like(log_det))


def test_one_partial_autocorrelation_is_the_process_of_first_order():
    x = randn(2, 4, 1, 1)
    z, _, _ = make([[0.6]])(x, None)
    assert torch.allclose(z[:, 0], x[:, 0] / 0.8)
    assert torch.allclose(z[:, 1:], (x[:, 1:] - 0.6 * x[:, :-1]) / 0.8)


def test_weights_are_those_of_durbin_and_levinson():
    weights, scale = make([[0.5], [0.3]])._filter()
    assert [weight.item() for weight in weights] == pytest.approx([0.5 - 0.3 * 0.5, 0.3])
    assert scale.item() == pytest.approx(((1 - 0.25) * (1 - 0.09)) ** 0.5)


@given(partial=st.lists(st.floats(-0.8, 0.8), min_size=1, max_size=4), seed=st.integers(0, 2**16))
@settings(max_examples=examples(15))
def test_what_is_drawn_has_variance_1_whatever_is_learnt(partial, seed):
    part = make([[value] * 400 for value in partial])
    drawn = part.inverse(randn(1, 150, 1, 400, seed=seed), None)[0].detach()
    assert drawn[:, 100:].std() == pytest.approx(1, rel=0.15)


def test_it_learns_the_correlation_of_what_it_is_shown():
    process = make([[0.5, -0.7]]).inverse(randn(16, 60, 1, 2), None)[0].detach()
    part = LatentAR(2, order=2).double()
    optimiser = torch.optim.Adam(part.parameters(), lr=0.05)
    for _ in range(60):
        z, log_det, _ = part(process, None)
        loss = (0.5 * z.square().sum((-2, -1)) - log_det).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    learnt = part.raw_correlations.tanh()
    assert learnt[0].tolist() == pytest.approx([0.5, -0.7], abs=0.1)
    assert learnt[1].abs().max() < 0.1


def test_fused_it_does_the_same_without_the_recursion(monkeypatch):
    part, x = make([[0.5, -0.7], [0.3, 0.1]]), randn(2, 5, 1, 2)
    expected = part(x, None), part.inverse(x, None)
    part.fuse()
    monkeypatch.setattr(torch.Tensor, "tanh", None)
    for found, wanted in zip((part(x, None), part.inverse(x, None)), expected, strict=True):
        assert torch.equal(found[0], wanted[0])
        assert torch.equal(found[1], wanted[1])


def test_overlapping_predictions_are_refused():
    shape = FlowShape(dim=4, length=2)
    with pytest.raises(ModelError, match="latent_ar needs predictions of 1 frame, these are of 2"):
        tiny_flow_config(latent_ar=1).build(shape)
    with pytest.raises(OptionsError, match="latent_ar"):
        tiny_flow_config(latent_ar=-1)


def test_a_flow_with_state_has_the_same_density_in_pieces():
    flow = tiny_flow_config(latent_ar=2).build(FlowShape(dim=4, length=1)).double()
    flow.bijection.steps[str(len(flow.bijection.steps) - 1)].raw_correlations.data.fill_(0.5)
    x = randn(2, 6, 1, 4)
    flow.initialise(x, None)
    whole, _ = flow.log_prob(x, None)
    state, pieces = flow.init_state(2), []
    for piece in x.split(1, dim=1):
        log_prob, state = flow.log_prob(piece, None, state)
        pieces.append(log_prob)
    assert torch.allclose(torch.cat(pieces, 1), whole)
    assert not torch.allclose(flow.log_prob(x[:, 1:], None)[0], whole[:, 1:])
