import copy

import pytest
import torch
from torch import nn
from zuko.transforms import LULinearTransform

from tests.nn.factories import randn
from transflower.nn.flows.linears import (
    DenseLinear,
    DenseLinearConfig,
    LULinear,
    LULinearConfig,
    Permutation,
    PermutationConfig,
)


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


class CountingLU(LULinear):
    """Counts how often the inverse is computed."""

    num_solved = 0

    def _solve(self) -> torch.Tensor:
        self.num_solved += 1
        return super()._solve()


@torch.no_grad()
def test_lu_computes_its_inverse_once():
    part = CountingLU(randn(4, 4))
    x = randn(3, 1, 2, 4, seed=1)
    for _ in range(3):
        assert torch.allclose(part.inverse(part(x, None)[0], None)[0], x, atol=1e-12)
    assert part.num_solved == 1


def step(part: nn.Module) -> nn.Module:
    with torch.enable_grad():
        part(randn(3, 1, 2, 4), None)[0].square().sum().backward()
    torch.optim.AdamW(part.parameters(), lr=0.1, foreach=True).step()
    return part


def load(part: nn.Module) -> nn.Module:
    part.load_state_dict(LULinear(randn(4, 4, seed=7)).double().state_dict())
    return part


CHANGES = {
    "a training step": step,
    "another state": load,
    "an average of weights": lambda part: torch._foreach_lerp_(
        list(part.parameters()), [p + 1 for p in part.parameters()], 0.5
    ),
    "another precision": lambda part: part.float(),
    "another precision and back": lambda part: part.bfloat16().double(),
    "a copy that is trained": lambda part: step(copy.deepcopy(part)),
    "other parameters": lambda part: setattr(part, "upper", nn.Parameter(2 * part.upper)),
}


@pytest.mark.parametrize("change", CHANGES)
@torch.no_grad()
def test_lu_inverse_is_never_stale(change):
    part = CountingLU(randn(4, 4)).double()
    part.inverse(randn(3, 1, 2, 4), None)
    changed = CHANGES[change](part)
    part = changed if isinstance(changed, nn.Module) else part
    x = randn(3, 1, 2, 4, seed=1, dtype=part.lower.dtype)
    back = part.inverse(part(x, None)[0], None)[0]
    assert torch.allclose(back, x, atol=1e-4 if x.dtype == torch.float32 else 1e-12)
    assert part.num_solved == 2


def test_lu_inverse_has_gradients_after_it_was_used_without():
    part, z = LULinear(randn(4, 4)), randn(3, 1, 2, 4, seed=1).requires_grad_()
    with torch.no_grad():
        part.inverse(z, None)
    part.inverse(z, None)[0].square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in part.parameters())
    assert z.grad.abs().max() > 0


def test_permutation_moves_channels():
    part = Permutation(torch.tensor([2, 0, 1]))
    assert part(torch.tensor([[[[1.0, 2.0, 3.0]]]]), None)[0].flatten().tolist() == [3, 1, 2]


def test_reverse_permutation_reverses():
    assert PermutationConfig(order="reverse").build(3).order.tolist() == [2, 1, 0]


def test_dense_multiplies_by_its_matrix_and_its_inverse_is_never_stale():
    part, x = DenseLinear(randn(4, 4)), randn(3, 1, 2, 4, seed=1)
    z, log_det, _ = part(x, None)
    assert torch.allclose(z, x @ part.weight.T, atol=1e-12)
    assert torch.allclose(log_det, 2 * torch.linalg.slogdet(part.weight)[1].expand(3, 1), atol=1e-12)
    for _ in range(2):
        with torch.no_grad():
            assert torch.allclose(part.inverse(part(x, None)[0], None)[0], x, atol=1e-12)
        step(part)


@pytest.mark.parametrize("config", (DenseLinearConfig, LULinearConfig))
def test_matrices_start_as_a_rotation(config):
    x = randn(3, 1, 2, 6, dtype=torch.float32)
    z, log_det, _ = config().build(6)(x, None)
    assert torch.allclose(z.norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    assert log_det.abs().max() < 1e-5
