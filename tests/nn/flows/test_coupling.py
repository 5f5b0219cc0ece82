import pytest
import torch
from zuko.transforms import CouplingTransform, MonotonicAffineTransform

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_conditioner
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.coupling import build_coupling, build_time_coupling
from transflower.nn.flows.transforms import AffineConfig

SHAPE = FlowShape(dim=5, length=2, context_dim=3, context_length=2)
BOUND = 2.0


def make_coupling():
    return disturbed(build_coupling(SHAPE, AffineConfig(bound=BOUND), tiny_conditioner("mlp")).double())


def test_affine_coupling_equals_zuko():
    coupling = make_coupling()
    x, context = randn(3, 4, 2, 5), randn(3, 4, 2, 3, seed=1)

    def meta(unchanged: torch.Tensor) -> MonotonicAffineTransform:
        raw, shift = coupling.conditioner(unchanged, context)[0].chunk(2, dim=-1)
        log_scale = BOUND * torch.tanh(raw / BOUND)
        # zuko softly bounds the log-scale too, at 23 here: undo that.
        return MonotonicAffineTransform(shift, log_scale / (1 - log_scale.abs() / 23), slope=torch.e**-23)

    oracle = CouplingTransform(meta, torch.tensor([False, False, False, True, True]))
    z, log_det, _ = coupling(x, context)
    expected, log_scale = oracle.call_and_ladj(x)
    assert torch.allclose(z, expected, atol=1e-12)
    assert torch.allclose(log_det, log_scale.sum((-2, -1)), atol=1e-12)


def test_larger_half_changes_and_the_rest_stays():
    x, context = randn(3, 4, 2, 5), randn(3, 4, 2, 3, seed=1)
    z, _, _ = make_coupling()(x, context)
    assert torch.equal(z[..., 3:], x[..., 3:])
    assert (z[..., :3] - x[..., :3]).abs().min() > 0


def test_one_channel_changes_by_the_context_alone():
    shape = FlowShape(dim=1, length=1, context_dim=3, context_length=1)
    coupling = disturbed(build_coupling(shape, AffineConfig(), tiny_conditioner("mlp")).double())
    x, context = randn(3, 4, 1, 1), randn(3, 4, 1, 3, seed=1)
    z, _, _ = coupling(x, context)
    assert torch.allclose(coupling.inverse(z, context)[0], x, atol=1e-12)


def test_last_half_changes_where_that_is_asked_for():
    x, context = randn(3, 4, 2, 5), randn(3, 4, 2, 3, seed=1)
    coupling = disturbed(
        build_coupling(SHAPE, AffineConfig(), tiny_conditioner("mlp"), transformed_half="last").double()
    )
    z, _, _ = coupling(x, context)
    assert torch.equal(z[..., :2], x[..., :2])
    assert (z[..., 2:] - x[..., 2:]).abs().min() > 0


@pytest.mark.parametrize("parity", (0, 1))
@pytest.mark.parametrize("conditioner", ("mlp", "transformer"))
def test_every_other_frame_changes_by_its_neighbours(parity, conditioner):
    shape = FlowShape(dim=3, length=5)
    coupling = disturbed(
        build_time_coupling(shape, AffineConfig(), tiny_conditioner(conditioner), parity=parity).double()
    )
    x = randn(2, 3, 5, 3)
    z, _, _ = coupling(x, None)
    assert torch.equal(z[:, :, 1 - parity :: 2], x[:, :, 1 - parity :: 2])
    assert (z[:, :, parity::2] - x[:, :, parity::2]).abs().min() > 0
    for neighbour in (1 - parity, 3 - parity):
        changed = x.clone()
        changed[:, :, neighbour] += 1
        assert (coupling(changed, None)[0] - z)[:, :, 2 - parity].abs().min() > 0
