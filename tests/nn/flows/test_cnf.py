import builtins

import pytest
import torch

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import make_context
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.cnf import CNFConfig, ContinuousFlow

SHAPE = FlowShape(dim=2, length=2, context_dim=3, context_length=2)
SOLVERS = {"rk4": {"solver_steps": 48}, "dopri5": {"tolerance": 1e-9}}


def make_field(shape: FlowShape = SHAPE, **options) -> ContinuousFlow:
    torch.manual_seed(0)
    config = CNFConfig(width=8, blocks=1, **options)
    return disturbed(ContinuousFlow(config, shape, seed=0).double(), scale=0.2)


def log_det(part: ContinuousFlow) -> torch.Tensor:
    return part(randn(3, 2, 2, 2), make_context(SHAPE, 3, 2))[1]


@pytest.mark.parametrize("solver", SOLVERS)
def test_inverse_undoes_forward_and_log_det_matches_autograd(solver):
    part = make_field(solver=solver, **SOLVERS[solver])
    x, context = randn(1, 1, 2, 2), make_context(SHAPE, 1, 1)
    z, found, _ = part(x, context)
    back, inverse_log_det, _ = part.inverse(z, context)
    jacobian = torch.autograd.functional.jacobian(lambda x: part(x, context)[0], x).reshape(4, 4)
    assert (z - x).abs().min() > 1e-3
    assert (back - x).abs().max() < 1e-6
    assert (part.invert(z, context)[0] - x).abs().max() < 1e-6
    assert abs((inverse_log_det + found).item()) < 1e-6
    assert abs((found - torch.linalg.slogdet(jacobian)[1]).item()) < 1e-6


def test_error_of_the_inverse_falls_with_the_steps():
    x, context = randn(3, 2, 2, 2), make_context(SHAPE, 3, 2)
    errors = []
    for steps in (2, 16):
        part = make_field(solver_steps=steps)
        errors.append((part.inverse(part(x, context)[0], context)[0] - x).abs().max())
    assert errors[1] < errors[0] / 100


def test_field_starts_at_rest_and_listens_to_context_and_time():
    x, context = randn(3, 2, 2, 2), make_context(SHAPE, 3, 2)
    z, found, _ = ContinuousFlow(CNFConfig(width=8), SHAPE, seed=0).double()(x, context)
    assert torch.equal(z, x)
    assert found.abs().max() == 0
    part = make_field()
    assert not torch.allclose(part(x, context + 1)[0], part(x, context)[0], atol=1e-4)


@pytest.mark.parametrize("trace", ("exact", "hutchinson"))
def test_rows_are_independent_and_every_parameter_gets_a_gradient(trace):
    part = make_field(trace=trace)
    x, context = randn(3, 2, 2, 2), make_context(SHAPE, 3, 2)
    z, found, _ = part(x, context)
    alone, found_alone, _ = part(x[1:2], context[1:2])
    assert torch.allclose(alone[0], z[1], atol=1e-12)
    assert torch.allclose(found_alone[0], found[1], atol=1e-12)
    (z.square().sum() + found.sum()).backward()
    assert all(p.grad.abs().max() > 0 for p in part.parameters())


def test_gradient_of_the_log_det_is_the_right_one():
    part, context = make_field(solver_steps=4), make_context(SHAPE, 1, 1)
    x = randn(1, 1, 2, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: part(x, context)[:2], (x,), atol=1e-6)


def test_estimate_is_right_on_average_and_new_for_each_batch_of_training():
    exact, part = log_det(make_field()), make_field(trace="hutchinson").train()
    draws = torch.stack([log_det(part).detach() for _ in range(200)])
    assert draws[0].ne(draws[1]).all()
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - exact).abs() < 4.5 * error + 1e-4).all()


def test_directions_are_the_same_after_loading_and_never_touch_the_global_generator():
    part, loaded = make_field(trace="hutchinson").train(), make_field(trace="hutchinson").train()
    log_det(part)
    loaded.load_state_dict(part.state_dict())
    before = torch.get_rng_state()
    first = log_det(part)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(log_det(loaded), first)
    assert torch.equal(log_det(part.eval()), log_det(part))


def test_density_of_two_channels_sums_to_one():
    shape = FlowShape(dim=2, length=1)
    torch.manual_seed(0)
    flow = CNFConfig(width=8, blocks=1, num_steps=2).build(shape).double()
    flow.initialise(randn(16, 2, 1, 2), None)
    disturbed(flow, scale=0.1)
    axis = torch.linspace(-12, 12, 97, dtype=torch.float64)
    with torch.no_grad():
        log_prob, _ = flow.log_prob(torch.cartesian_prod(axis, axis)[:, None, None], None)
    assert (log_prob.exp().sum() * (axis[1] - axis[0]) ** 2).item() == pytest.approx(1, abs=1e-3)


def test_missing_solvers_are_named_with_the_way_to_get_them(monkeypatch):
    load = builtins.__import__

    def without(name, *rest, **options):
        if name == "torchdiffeq":
            raise ImportError(name)
        return load(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModelError, match=r"pip install 'transflower\[cnf\]'"):
        CNFConfig().build(SHAPE)


@pytest.mark.parametrize("options", ({"solver_steps": 0}, {"width": 0}, {"blocks": -1}, {"tolerance": 0.0}))
def test_impossible_sizes_are_refused(options):
    with pytest.raises(OptionsError, match=next(iter(options))):
        CNFConfig(**options)
