import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.nn.factories import disturbed
from transflower.nn.flows.composition import Composition
from transflower.nn.flows.fusion import FusedAffine
from transflower.nn.flows.linears import DenseLinearConfig, LULinearConfig, PermutationConfig
from transflower.nn.flows.norms import ActNormConfig, BatchNormConfig


def make(norm, linear, dim: int) -> Composition:
    part = Composition([norm.build(dim), linear.build(dim)]).double()
    part.initialise(1 + 3 * torch.randn(50, 1, 2, dim, dtype=torch.float64), None)
    return disturbed(part, seed=0, scale=0.1).eval()


@pytest.mark.parametrize("norm", [ActNormConfig(), BatchNormConfig()])
@pytest.mark.parametrize("linear", [LULinearConfig(), DenseLinearConfig(), PermutationConfig()])
@given(dim=st.integers(1, 5), frames=st.integers(1, 3), seed=st.integers(0, 2**16))
def test_fused_steps_map_both_ways_as_before(norm, linear, dim, frames, seed):
    torch.manual_seed(seed)
    part, x = make(norm, linear, dim), torch.randn(2, 3, frames, dim, dtype=torch.float64)
    expected = [part(x, None)[:2], part.inverse(x, None)[:2]]
    part.fuse()
    (fused,) = part.steps.values()
    assert isinstance(fused, FusedAffine)
    assert torch.allclose(part.invert(x, None)[0], expected[1][0], atol=1e-9)
    for found, wanted in zip([part(x, None)[:2], part.inverse(x, None)[:2]], expected, strict=True):
        for mine, theirs in zip(found, wanted, strict=True):
            assert torch.allclose(mine, theirs, atol=1e-9)


def test_a_norm_that_still_learns_its_statistics_is_not_fused():
    part = make(BatchNormConfig(), LULinearConfig(), 3).train()
    part.fuse()
    assert len(part.steps) == 2
