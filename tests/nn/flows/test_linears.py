import torch
from zuko.transforms import LULinearTransform

from tests.nn.factories import randn
from transflower.nn.flows.linears import LULinear, LULinearConfig, Permutation, PermutationConfig


def test_lu_starts_as_a_rotation():
    part = LULinearConfig().build(6)
    x = randn(3, 1, 2, 6, dtype=torch.float32)
    z, log_det, _ = part(x, None)
    assert torch.allclose(z.norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    assert log_det.abs().max() < 1e-5


def test_lu_can_start_as_the_identity():
    x = randn(3, 1, 2, 6, dtype=torch.float32)
    assert torch.equal(LULinearConfig(start="identity").build(6)(x, None)[0], x)


def test_lu_multiplies_by_the_matrix_it_is_given():
    weight = randn(4, 4)
    x = randn(3, 1, 2, 4, seed=1)
    z, log_det, _ = LULinear(weight)(x, None)
    assert torch.allclose(z, x @ weight.T, atol=1e-12)
    assert torch.allclose(log_det, 2 * torch.linalg.slogdet(weight)[1].expand(3, 1), atol=1e-12)


def test_lu_equals_zuko():
    lower, upper = randn(4, 4).tril(-1) + torch.eye(4), randn(4, 4, seed=1).triu()
    diagonal = upper.diagonal()
    oracle = LULinearTransform((lower * diagonal).tril() + (upper / diagonal[:, None]).triu(1))
    x = randn(3, 1, 2, 4, seed=2)
    z, log_det, _ = LULinear(lower @ upper)(x, None)
    assert torch.allclose(z, oracle(x), atol=1e-12)
    assert torch.allclose(log_det, oracle.log_abs_det_jacobian(x, z).sum(-1), atol=1e-12)


def test_lu_inverse_stays_exact_under_mixed_precision():
    part = LULinearConfig().build(16)
    x = randn(2, 1, 1, 16, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z = part(x, None)[0]
        assert z.dtype == torch.float32
        assert torch.allclose(part.inverse(z, None)[0], x, atol=1e-5)


def test_permutation_moves_channels():
    part = Permutation(torch.tensor([2, 0, 1]))
    assert part(torch.tensor([[[[1.0, 2.0, 3.0]]]]), None)[0].flatten().tolist() == [3, 1, 2]


def test_reverse_permutation_reverses():
    assert PermutationConfig(order="reverse").build(3).order.tolist() == [2, 1, 0]
