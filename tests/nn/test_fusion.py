import pytest
import torch
from torch import nn

from transflower.nn.fusion import FastRMSNorm, fuse_norm, stack_linears


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1.0, 1e3])
@pytest.mark.parametrize("eps", [None, 1e-3])
def test_a_lean_norm_is_the_norm_for_all_sizes(scale, eps):
    norm, x = nn.RMSNorm(7, eps=eps), scale * torch.randn(2, 3, 7)
    nn.init.normal_(norm.weight)
    assert torch.allclose(FastRMSNorm(norm)(x), norm(x), atol=1e-6)


def test_a_map_that_absorbs_the_weights_of_its_norm_gives_the_same():
    norm, linear, x = nn.RMSNorm(5), nn.Linear(5, 3), torch.randn(4, 5)
    nn.init.normal_(norm.weight)
    expected = linear(norm(x))
    fuse_norm(norm, linear)
    assert norm.weight is None
    assert torch.allclose(linear(norm(x)), expected, atol=1e-5)
    assert torch.allclose(linear(FastRMSNorm(norm)(x)), expected, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_maps_of_the_same_are_one_map(bias):
    linears, x = [nn.Linear(5, dim, bias=bias) for dim in (3, 2)], torch.randn(4, 5)
    expected = torch.cat([linear(x) for linear in linears], dim=-1)
    assert torch.allclose(stack_linears(linears)(x), expected, atol=1e-6)
