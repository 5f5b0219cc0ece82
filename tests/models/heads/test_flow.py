import pytest
import torch

from tests.models.heads.test_heads import make_batch, make_head, make_trained
from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import StreamSpec
from transflower.models.heads import FlowHeadConfig
from transflower.nn.noise import NoiseSource

CHOICES = [{"target": target, "mean": mean} for target in ("frame", "change") for mean in ("none", "linear", "mlp")]
CHOICES.append({"target": "change", "leak": 0.2})
every_choice = pytest.mark.parametrize("choice", CHOICES)


@every_choice
def test_sampler_reports_the_density_of_its_samples(choice):
    head = make_trained("flow", **choice).double()
    _, context, previous = (part.double() for part in make_batch())
    frames, log_prob, _ = head.sample_with_log_prob(context, previous, noise=NoiseSource(0, 4), temperature=0.7)
    assert torch.allclose(head.log_prob(frames, context, previous)[0], log_prob, atol=1e-9)


@every_choice
def test_density_counts_every_rescaling(choice):
    head = make_trained("flow", **choice).double()
    target, context, previous = (part.double()[:1, :1] for part in make_batch())

    def to_latent(frames: torch.Tensor) -> torch.Tensor:
        modelled = head.space.encode(frames, previous)
        mean = head.mean(context) if head.mean is not None else 0
        return head.flow.bijection(modelled - mean, context)[0]

    jacobian = torch.autograd.functional.jacobian(to_latent, target).reshape(target.numel(), target.numel())
    expected = head.flow.base.log_prob(to_latent(target)) + torch.linalg.slogdet(jacobian)[1]
    assert torch.allclose(head.log_prob(target, context, previous)[0], expected, atol=1e-9)


@pytest.mark.parametrize("choice", ({"target": "frame"}, {"target": "change"}))
def test_loss_is_nats_per_dimension(choice):
    head = make_trained("flow", **choice)
    batch = make_batch()
    loss, figures = head.loss(*batch)
    assert loss.item() == pytest.approx(-head.log_prob(*batch)[0].mean().item() / 10, rel=1e-5)
    assert figures["nll"].item() == loss.item()


def test_one_spiky_frame_costs_little_in_training_and_is_counted():
    head = make_trained("flow", target="change").train()
    target, context, previous = make_batch()
    calm, figures = head.loss(target, context, previous)
    assert figures["clamped"].item() == 0
    target[0, 0, 0] = 1e4
    spiky, figures = head.loss(target, context, previous)
    assert figures["clamped"].item() == pytest.approx(5 / target.numel())
    assert spiky - calm < 50
    assert head.eval().loss(target, context, previous)[0] > 1e6


def test_mean_starts_at_the_last_frame():
    head = make_head("flow", target="change", mean="mlp")
    head.initialise(*make_batch())
    _, context, previous = make_batch()
    assert head.mean(context).abs().max() == 0
    drawn, _ = head.eval().sample(context, previous, noise=NoiseSource(0, 4), temperature=0.0)
    assert (drawn - previous[:, :, None]).abs().max() < 0.2


def test_forgotten_initialisation_is_refused():
    with pytest.raises(ModelError, match=r"initialise\(batch\)"):
        make_head("flow").loss(*make_batch())


@pytest.mark.parametrize("length", (1, 3))
def test_change_scale_is_the_root_mean_square_of_the_first_batch(length):
    head = FlowHeadConfig(target="change", flow=tiny_flow_config())
    built = head.build(target=StreamSpec(dim=5), length=length, context_dim=6, context_length=length)
    previous = randn(8, 4, 5).float()
    change = torch.arange(1, 6) * randn(8, 4, length, 5, seed=3).float()
    built.initialise(previous[:, :, None] + change, torch.zeros(8, 4, length, 6), previous)
    assert torch.allclose(built.space.scale, change.square().mean((0, 1)).sqrt(), rtol=1e-4)


def test_column_that_never_changes_stays_finite():
    head = make_head("flow", target="change")
    target, context, previous = make_batch()
    target[..., 0] = previous[:, :, None, 0]
    head.initialise(target, context, previous)
    disturbed(head, scale=0.1)
    assert head.log_prob(target, context, previous)[0].isfinite().all()


def test_impossible_clamp_is_refused():
    with pytest.raises(OptionsError, match="clamp_change"):
        FlowHeadConfig(clamp_change=0.0)


def test_free_running_stays_within_bounds_with_a_leak_and_walks_away_without():
    context = torch.zeros(1, 1, 2, 6)

    def run(leak: float) -> float:
        head = make_trained("flow", target="change", leak=leak)
        head.space.scale.fill_(1.0)
        frame, noise = torch.full((1, 1, 5), 100.0), NoiseSource(0, 1)
        with torch.no_grad():
            for _ in range(400):
                drawn, _ = head.sample(context, frame, noise=noise)
                frame = drawn[:, :, 0]
        return frame.abs().max().item()

    assert run(0.2) < 25
    assert run(0.0) > 25


@pytest.mark.parametrize("leak", (-0.1, 1.1, float("nan")))
def test_a_leak_that_is_no_share_is_refused(leak):
    with pytest.raises(OptionsError, match="leak"):
        FlowHeadConfig(leak=leak)
