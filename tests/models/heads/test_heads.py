"""What holds for every registered head of continuous outputs."""

import pytest
import torch

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.models.heads import HEADS, Head
from transflower.nn.flows.cnf import CNFConfig
from transflower.nn.noise import NoiseSource

B, P, N, D, K, C = 4, 3, 2, 5, 2, 6
TINY_OPTIONS = {
    "cnf": {"flow": CNFConfig(width=8, blocks=1, solver_steps=1, trace="hutchinson")},
    "deterministic": {},
    "flow": {"flow": tiny_flow_config()},
}
"""Small options of every one; one more head is one more line."""
WITHOUT_DENSITY = {"deterministic"}

CONTINUOUS = [name for name in HEADS.names() if "continuous" in HEADS[name].kinds]
every_head = pytest.mark.parametrize("name", CONTINUOUS)
every_target = pytest.mark.parametrize("target", ("frame", "change"))


def make_head(name: str, *, seed: int = 0, **options) -> Head:
    torch.manual_seed(seed)
    config = HEADS[name](**TINY_OPTIONS[name] | options)
    return config.build(target=StreamSpec(dim=D), length=N, context_dim=C, context_length=K, has_previous=True)


def make_batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Target, context, previous."""
    previous = randn(B, P, D, seed=2)
    return (
        (previous[:, :, None] + 0.1 * randn(B, P, N, D)).float(),
        randn(B, P, K, C, seed=1).float(),
        previous.float(),
    )


def make_trained(name: str, *, seed: int = 0, **options) -> Head:
    """Initialised and disturbed, as if it had been trained."""
    head = make_head(name, seed=seed, **options)
    head.initialise(*make_batch())
    return disturbed(head, seed=seed, scale=0.1)


def train(head: Head, batch: tuple[torch.Tensor, ...], *, steps: int) -> list[float]:
    optimiser = torch.optim.Adam(head.parameters(), lr=0.02)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss, _ = head.train().loss(*batch, noise=NoiseSource(0, B))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)  # as training does: spikes are no matter of heads
        optimiser.step()
        losses.append(loss.item())
    head.eval()
    return losses


def test_every_head_is_tested():
    assert sorted(TINY_OPTIONS) == CONTINUOUS
    assert set(HEADS.names()) - set(CONTINUOUS) == {"categorical"}, "these have a file of tests each"


@every_target
@every_head
def test_head_learns_a_constant_pose_and_samples_it_back(name, target):
    pose = torch.linspace(-1, 1, D)
    _, context, previous = make_batch()
    # A little spread: the density of a point has no bound.
    frames = pose + 0.02 * randn(B, P, N, D).float()
    if target == "change":
        previous = pose + 0.02 * randn(B, P, D, seed=9).float()
    head = make_head(name, target=target)
    head.initialise(frames, context, previous)
    losses = train(head, (frames, context, previous), steps=75)
    drawn, _ = head.sample(context, previous, noise=NoiseSource(0, B))
    assert losses[-1] < losses[0]
    assert (drawn - pose).abs().max() < 0.2


@every_target
@every_head
def test_same_seed_gives_the_same_sample(name, target):
    head = make_trained(name, target=target)
    _, context, previous = make_batch()
    first, second = (head.sample(context, previous, noise=NoiseSource(5, B))[0] for _ in range(2))
    assert first.shape == (B, P, N, D)
    assert torch.equal(first, second)


@every_head
def test_low_temperature_narrows_samples(name):
    head = make_trained(name)
    _, context, previous = make_batch()

    def spread(temperature: float) -> float:
        draws = [head.sample(context, previous, noise=NoiseSource(s, B), temperature=temperature)[0] for s in range(8)]
        return torch.stack(draws).std(0).mean().item()

    assert spread(0.0) < 1e-6
    assert name in WITHOUT_DENSITY or 0 < spread(0.3) < 0.5 * spread(1.0)


@every_target
@every_head
def test_loaded_head_equals_the_saved_one(name, target):
    head, loaded = make_trained(name, target=target), make_head(name, seed=1, target=target).eval()
    loaded.load_state_dict(head.state_dict())
    _, context, previous = make_batch()
    assert torch.equal(
        loaded.sample(context, previous, noise=NoiseSource(0, B))[0],
        head.sample(context, previous, noise=NoiseSource(0, B))[0],
    )
    losses = [each.loss(*make_batch(), noise=NoiseSource(0, B))[0] for each in (loaded, head)]
    assert torch.equal(*losses)


@every_target
@every_head
def test_dancer_alone_equals_its_row_of_a_batch(name, target):
    head = make_trained(name, target=target)
    frames, context, previous = make_batch()
    together, _ = head.sample(context, previous, noise=NoiseSource(0, B))
    alone, _ = head.sample(context[2:3], previous[2:3], noise=NoiseSource(0, [2]))
    assert torch.allclose(alone[0], together[2], atol=1e-5)
    if name not in WITHOUT_DENSITY:
        batch_log_prob, _ = head.log_prob(frames, context, previous)
        row_log_prob, _ = head.log_prob(frames[2:3], context[2:3], previous[2:3])
        assert torch.allclose(row_log_prob[0], batch_log_prob[2], atol=1e-3)


@every_target
@every_head
def test_every_parameter_gets_a_gradient_and_so_does_the_context(name, target):
    head = make_trained(name, target=target)
    frames, context, previous = make_batch()
    context.requires_grad_()
    head.loss(frames, context, previous, noise=NoiseSource(0, B))[0].backward()
    assert [n for n, p in head.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []
    assert context.grad.abs().max() > 0


@every_head
def test_logged_metrics_carry_no_graph(name):
    _, metrics = make_trained(name).loss(*make_batch(), noise=NoiseSource(0, B))
    assert metrics
    assert not any(value.requires_grad for value in metrics.values())


@every_head
def test_change_without_a_last_frame_is_refused_when_built(name):
    with pytest.raises(ModelError, match=r"change needs .* add the output to the inputs"):
        HEADS[name](**TINY_OPTIONS[name], target="change").build(
            target=StreamSpec(dim=D), length=N, context_dim=C, context_length=K, has_previous=False
        )


@every_head
def test_frame_needs_no_last_frame(name):
    head = HEADS[name](**TINY_OPTIONS[name]).build(
        target=StreamSpec(dim=D), length=N, context_dim=C, context_length=K, has_previous=False
    )
    frames, context, _ = make_batch()
    head.initialise(frames, context, None)
    assert head.loss(frames, context, None, noise=NoiseSource(0, B))[0].isfinite()
    assert head.sample(context, None, noise=NoiseSource(0, B))[0].shape == (B, P, N, D)


@every_head
def test_categorical_output_is_refused(name):
    with pytest.raises(ModelError, match=r"the output is categorical, .* choose a head of type categorical"):
        HEADS[name](**TINY_OPTIONS[name]).build(
            target=StreamSpec(dim=1, kind="categorical", num_classes=4), length=N, context_dim=C, context_length=K
        )
