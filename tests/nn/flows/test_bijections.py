"""What holds for every bijection, of generated sizes."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.nn.factories import randn
from tests.nn.flows.factories import (
    NEEDS_TWO_FRAMES,
    PARTS,
    TINY_CONDITIONERS,
    make_coarse_scale,
    make_context,
    make_part,
)
from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.conditioners import ConditionerConfig
from transflower.nn.flows.multiscale import coarse_shape

COUPLINGS = [name for name in PARTS if name.startswith("coupling")]
STARTING_AS_IDENTITY = [name for name in COUPLINGS if "moglow_affine" not in name]
WITH_STATE = [name for name in PARTS if any(kind in name for kind in ("recurrent", "gru", "latent ar"))]
SHAPE = FlowShape(dim=5, length=2, context_dim=3, context_length=2)


@st.composite
def shapes(draw) -> FlowShape:
    length = draw(st.integers(1, 4))
    context_dim = draw(st.integers(0, 3))
    context_length = length if context_dim else 0
    return FlowShape(dim=draw(st.integers(2, 6)), length=length, context_dim=context_dim, context_length=context_length)


def jacobian_log_det(part: Bijection, x: torch.Tensor, context: torch.Tensor | None) -> torch.Tensor:
    """Of one row, over all positions."""
    jacobian = torch.autograd.functional.jacobian(lambda x: part(x, context)[0], x)
    return torch.linalg.slogdet(jacobian.reshape(x.numel(), x.numel()))[1]


def test_every_conditioner_is_tested():
    assert ConditionerConfig.registry.names() == sorted(TINY_CONDITIONERS)


@pytest.mark.parametrize(("dtype", "tolerance"), ((torch.float64, 1e-10), (torch.float32, 1e-5)), ids=["f64", "f32"])
@pytest.mark.parametrize("name", PARTS)
@given(shape=shapes(), batch=st.integers(1, 3), positions=st.integers(1, 3), seed=st.integers(0, 2**16))
@settings(max_examples=examples(10))
def test_inverse_undoes_forward(name, dtype, tolerance, shape, batch, positions, seed):
    assume(shape.length > 1 or name not in NEEDS_TWO_FRAMES)
    part = make_part(name, shape, seed=seed, dtype=dtype)
    x = randn(batch, positions, shape.length, shape.dim, seed=seed, dtype=dtype)
    context = make_context(shape, batch, positions, dtype=dtype)
    z, log_det, _ = part(x, context)
    back, inverse_log_det, _ = part.inverse(z, context)
    assert (back - x).abs().max() < tolerance
    assert (inverse_log_det + log_det).abs().max() < 10 * tolerance
    assert torch.equal(part.invert(z, context)[0], back)


@pytest.mark.parametrize("name", PARTS)
@given(shape=shapes(), seed=st.integers(0, 2**16))
@settings(max_examples=examples(10))
def test_log_det_matches_autograd(name, shape, seed):
    assume(shape.length > 1 or name not in NEEDS_TWO_FRAMES)
    part = make_part(name, shape, seed=seed)
    x, context = randn(1, 2, shape.length, shape.dim, seed=seed), make_context(shape, 1, 2)
    _, log_det, _ = part(x, context)
    assert torch.allclose(log_det.sum(), jacobian_log_det(part, x, context), atol=1e-9)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("chunks", ((1, 1, 1, 1, 1), (3, 2)), ids=["one by one", "in two pieces"])
def test_state_carries_on_where_a_stretch_was_cut(name, chunks):
    part = make_part(name, SHAPE)
    x, context = randn(3, 5, 2, 5), make_context(SHAPE, 3, 5)
    whole = part(x, context)
    back = part.inverse(whole[0], context)
    for direction, data, expected in (
        (part.forward, x, whole),
        (part.inverse, whole[0], back),
        (part.invert, whole[0], back),
    ):
        state, pieces = part.init_state(3), []
        for piece, seen in zip(data.split(chunks, dim=1), context.split(chunks, dim=1), strict=True):
            *piece, state = direction(piece, seen, state)
            pieces.append(piece)
        for found, wanted in zip(zip(*pieces, strict=True), expected, strict=False):
            assert torch.allclose(torch.cat(found, dim=1), wanted, atol=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_state_has_the_same_names_at_every_position_and_rows_first(name):
    part = make_part(name, SHAPE)
    _, _, state = part(randn(3, 2, 2, 5), make_context(SHAPE, 3, 2))
    assert (state or {}).keys() == (part.init_state(3) or {}).keys()
    assert all(len(value) == 3 for value in [*(state or {}).values(), *(part.init_state(3) or {}).values()])
    assert (state is None) == (name not in WITH_STATE)


@pytest.mark.parametrize("name", WITH_STATE)
def test_positions_before_change_what_a_part_with_state_does(name):
    part = make_part(name, SHAPE)
    x, context = randn(1, 3, 2, 5), make_context(SHAPE, 1, 3)
    changed = x.clone()
    changed[:, 0] += 1
    assert not torch.allclose(part(changed, context)[0][:, 2], part(x, context)[0][:, 2], atol=1e-6)


@pytest.mark.parametrize("name", WITH_STATE)
def test_gradients_flow_through_the_state(name):
    part = make_part(name, SHAPE)
    x, context = randn(1, 2, 2, 5).requires_grad_(), make_context(SHAPE, 1, 2)
    _, _, state = part(x[:, :1], context[:, :1])
    part(x[:, 1:], context[:, 1:], state)[0].square().sum().backward()
    assert x.grad[:, 0].abs().max() > 0


@pytest.mark.parametrize("name", PARTS)
def test_rows_and_positions_are_independent(name):
    part = make_part(name, SHAPE)
    x, context = randn(3, 2, 2, 5), make_context(SHAPE, 3, 2)
    z, log_det, _ = part(x, context)
    alone, log_det_alone, _ = part(x[1:2, :1], context[1:2, :1])
    assert torch.allclose(z[1:2, :1], alone, atol=1e-12)
    assert torch.allclose(log_det[1:2, :1], log_det_alone, atol=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_every_parameter_gets_a_gradient(name):
    part = make_part(name, SHAPE)
    z, log_det, _ = part(randn(4, 2, 2, 5), make_context(SHAPE, 4, 2))
    if list(part.parameters()):
        (z.square().mul(randn(2, 5)).sum() + log_det.sum()).backward()
    assert [name for name, p in part.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


@pytest.mark.parametrize("name", PARTS)
def test_far_outliers_stay_finite_and_come_back(name):
    part = make_part(name, SHAPE)
    x, context = 1e3 * randn(3, 2, 2, 5), make_context(SHAPE, 3, 2)
    z, log_det, _ = part(x, context)
    back, _, _ = part.inverse(z, context)
    assert z.isfinite().all()
    assert log_det.isfinite().all()
    assert (back - x).abs().max() < 1e-6


@pytest.mark.parametrize("name", STARTING_AS_IDENTITY)
def test_couplings_start_as_the_identity(name):
    coupling = PARTS[name](SHAPE)
    x = randn(3, 2, 2, 5, dtype=torch.float32)
    z, log_det, _ = coupling(x, make_context(SHAPE, 3, 2, dtype=torch.float32))
    assert torch.allclose(z, x, atol=1e-6)
    assert log_det.abs().max() < 1e-5


@pytest.mark.parametrize("name", COUPLINGS)
def test_couplings_listen_to_the_context(name):
    part = make_part(name, SHAPE)
    x, context = randn(1, 1, 2, 5), make_context(SHAPE, 1, 1)
    assert not torch.allclose(part(x, context)[0], part(x, context + 1)[0], atol=1e-4)


@pytest.mark.parametrize("name", ("coupling affine mlp", "coupling flowpp_affine transformer", "whole flow"))
def test_inverse_is_never_stale_after_training_and_loading(name):
    part, other = make_part(name, SHAPE, seed=0), make_part(name, SHAPE, seed=1)
    x, context = randn(3, 2, 2, 5), make_context(SHAPE, 3, 2)
    part.inverse(part(x, context)[0], context)
    with torch.no_grad():
        for parameter in part.parameters():
            parameter.mul_(1.1)
    assert torch.allclose(part.inverse(part(x, context)[0], context)[0], x, atol=1e-10)
    part.load_state_dict(other.state_dict())
    assert torch.allclose(part.inverse(other(x, context)[0], context)[0], x, atol=1e-10)


@pytest.mark.parametrize("name", ("norm act", "linear lu", "coupling affine transformer", "coupling affine recurrent"))
def test_a_coarse_scale_is_a_bijection(name):
    shape = FlowShape(dim=3, length=4, context_dim=2, context_length=4)
    part = make_coarse_scale(shape, name)
    x, context = randn(1, 1, 4, 3), make_context(shape, 1, 1)
    z, log_det, _ = part(x, context)
    assert (part.inverse(z, context)[0] - x).abs().max() < 1e-10
    assert (part.invert(z, context)[0] - x).abs().max() < 1e-10
    assert torch.allclose(log_det.squeeze(), jacobian_log_det(part, x, context), atol=1e-9)


def test_frames_that_do_not_pair_up_are_refused():
    with pytest.raises(ModelError, match=r"3 and 0.*even"):
        coarse_shape(FlowShape(dim=4, length=3))
