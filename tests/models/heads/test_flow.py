import math

import pytest
import torch

from tests.models.heads.test_heads import make_batch, make_head, make_trained
from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import StreamSpec
from transflower.models.heads import FlowHeadConfig
from transflower.models.heads.flow import FlowHead
from transflower.nn.flows.transforms import TransformConfig
from transflower.nn.noise import NoiseSource

CHOICES = [{"target": target, "mean": mean} for target in ("frame", "change") for mean in ("none", "linear", "mlp")]
CHOICES.append({"target": "change", "leak": 0.2})
CHOICES.append({"mean": "linear", "mean_loss": "sum", "detach_mean": True})
every_choice = pytest.mark.parametrize("choice", CHOICES)


@pytest.mark.parametrize("choice", [*CHOICES, {"target": "change", "mean": "mlp", "outliers": 0.05}])
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
    expected = head.flow.base.log_prob(to_latent(target), context) + torch.linalg.slogdet(jacobian)[1]
    assert torch.allclose(head.log_prob(target, context, previous)[0], expected, atol=1e-9)


@pytest.mark.parametrize("choice", ({"target": "frame"}, {"target": "change"}))
def test_loss_is_nats_per_dimension(choice):
    head = make_trained("flow", **choice)
    batch = make_batch()
    loss, metrics = head.loss(*batch, noise=NoiseSource(0, 4))
    assert loss.item() == pytest.approx(-head.log_prob(*batch)[0].mean().item() / 10, rel=1e-5)
    assert metrics["nll"].item() == loss.item()


def spike(size: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A batch, with a fault in one channel of one frame."""
    target, context, previous = make_batch()
    target[0, 0, 0, 2] = size
    return target, context, previous


def broad_log_prob(modelled: torch.Tensor) -> torch.Tensor:
    return torch.distributions.Cauchy(0.0, 3.0).log_prob(modelled).sum((-2, -1))


def log_outlier(head: FlowHead, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Of the first position: the log of the broad density and its share."""
    target, _, previous = batch
    broad = broad_log_prob(head.space.encode(target, previous))[0, 0] + head.space.log_det()
    return math.log(head.outliers.share) + broad


@pytest.mark.parametrize("transform", TransformConfig.registry.names())
@pytest.mark.parametrize("target", ("frame", "change"))
def test_no_spike_moves_the_loss_or_any_gradient_out_of_bounds(target, transform):
    flow = tiny_flow_config(transform=TransformConfig.registry[transform]())
    head = make_trained("flow", target=target, mean="mlp", outliers=0.01, flow=flow).train()
    calm, spiked = make_batch(), spike(1e6)
    calm_loss, calm_figures = head.loss(*calm, noise=NoiseSource(0, 4))
    loss, metrics = head.loss(*spiked, noise=NoiseSource(0, 4))
    loss.backward()
    log_prob = head.log_prob(*calm)[0][0, 0]
    most = log_prob - log_outlier(head, spiked)
    assert 0 < loss - calm_loss < most / calm[0].numel() + 1e-4
    was_outlier = (log_outlier(head, calm) - log_prob).exp().item()
    found = 12 * (metrics["outliers"] - calm_figures["outliers"]).item()  # one of 12 positions
    assert found == pytest.approx(1 - was_outlier, abs=1e-4)
    assert all(p.grad.isfinite().all() for p in head.parameters())
    assert make_trained("flow", target=target).loss(*spiked, noise=NoiseSource(0, 4))[0] > 1e6


def test_outliers_teach_nothing():
    head = make_trained("flow", target="change", outliers=0.01)
    context = make_batch()[1].requires_grad_()
    target, _, previous = spike(1e6)
    head.loss(target, context, previous, noise=NoiseSource(0, 4))[0].backward()
    assert context.grad[0, 0].abs().max() == 0
    assert context.grad[0, 1].abs().max() > 0


def test_density_with_outliers_is_the_mixture_of_the_flow_s_and_a_cauchy():
    head, clean = (make_trained("flow", target="change", outliers=share).double() for share in (0.3, 0.0))
    target, context, previous = (part.double() for part in spike(5.0))
    broad = broad_log_prob(head.space.encode(target, previous)) + head.space.log_det()
    expected = 0.7 * clean.log_prob(target, context, previous)[0].exp() + 0.3 * broad.exp()
    assert torch.allclose(head.log_prob(target, context, previous)[0], expected.log(), atol=1e-9)


def test_outliers_are_never_drawn():
    heads = [make_trained("flow", outliers=share) for share in (0.9, 0.0)]
    _, context, previous = make_batch()
    drawn, clean = (head.sample(context, previous, noise=NoiseSource(0, 4))[0] for head in heads)
    assert torch.equal(drawn, clean)


def test_mean_starts_at_the_last_frame():
    head = make_head("flow", target="change", mean="mlp")
    head.initialise(*make_batch())
    _, context, previous = make_batch()
    assert head.mean(context).abs().max() == 0
    drawn, _ = head.eval().sample(context, previous, noise=NoiseSource(0, 4), temperature=0.0)
    assert (drawn - previous[:, :, None]).abs().max() < 0.2


def bits_per_frame(head, batch) -> torch.Tensor:
    target = batch[0]
    return -head.log_prob(*batch)[0].mean() / target.shape[2] / math.log(2)


def published_loss(kind: str, nll: torch.Tensor, error: torch.Tensor) -> torch.Tensor:
    weight = torch.sigmoid(error / 5)
    return nll + error if kind == "sum" else (1 - weight) * nll + weight * error


@pytest.mark.parametrize("detached", (False, True))
@pytest.mark.parametrize("kind", ("sum", "blend"))
def test_mean_learns_from_its_error_as_published(kind, detached):
    head = make_trained("flow", mean="mlp", mean_loss=kind, detach_mean=detached)
    batch = make_batch()
    loss, metrics = head.loss(*batch, noise=NoiseSource(0, 4))
    error = (batch[0] - head.mean(batch[1])).square().mean()
    expected = published_loss(kind, bits_per_frame(head, batch), 100 * error)
    assert metrics["mse"].item() == pytest.approx(error.item(), rel=1e-5)
    assert loss.item() * 5 / math.log(2) == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.parametrize("kind", ("sum", "blend"))
def test_likelihood_leaves_a_detached_mean_alone(kind):
    head = make_trained("flow", mean="linear", mean_loss=kind, detach_mean=True)
    batch = make_batch()
    # The gradient of the squared error alone, up to the weight of the blend.
    head.loss(*batch, noise=NoiseSource(0, 4))[0].backward()
    found = head.mean.network.output.weight.grad.clone()
    head.zero_grad()
    (batch[0] - head.mean(batch[1])).square().mean().backward()
    alone = head.mean.network.output.weight.grad
    ratio = found / alone
    assert torch.allclose(ratio, ratio.mean().expand_as(ratio), rtol=1e-3)
    assert ratio.mean() > 0


def test_likelihood_teaches_a_mean_that_is_not_detached():
    head = make_trained("flow", mean="linear")
    head.loss(*make_batch(), noise=NoiseSource(0, 4))[0].backward()
    assert head.mean.network.output.weight.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    (
        ({"mean_loss": "sum"}, "there is none"),
        ({"detach_mean": True}, "there is none"),
        ({"mean": "mlp", "detach_mean": True}, "mean_loss: sum or blend"),
    ),
)
def test_lessons_without_a_mean_and_a_mean_without_lessons_are_refused(options, message):
    with pytest.raises(OptionsError, match=message):
        FlowHeadConfig(**options)


def test_forgotten_initialisation_is_refused():
    with pytest.raises(ModelError, match=r"initialise\(batch\)"):
        make_head("flow").loss(*make_batch(), noise=NoiseSource(0, 4))


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


@pytest.mark.parametrize("share", (-0.1, 1.0, float("nan")))
def test_a_share_of_outliers_that_is_none_is_refused(share):
    with pytest.raises(OptionsError, match="outliers"):
        FlowHeadConfig(outliers=share)


def test_free_running_stays_within_bounds_with_a_leak_and_walks_away_without():
    context = torch.zeros(1, 1, 2, 6)

    def run(leak: float) -> float:
        head = make_trained("flow", target="change", leak=leak)
        head.space.scale.fill_(1.0)
        frame, noise = torch.full((1, 1, 5), 100.0), NoiseSource(0, 1)
        with torch.no_grad():
            for _ in range(100):
                drawn, _ = head.sample(context, frame, noise=noise)
                frame = drawn[:, :, 0]
        return frame.abs().max().item()

    assert run(0.2) < 25
    assert run(0.0) > 25


@pytest.mark.parametrize("leak", (-0.1, 1.1, float("nan")))
def test_a_leak_that_is_no_share_is_refused(leak):
    with pytest.raises(OptionsError, match="leak"):
        FlowHeadConfig(leak=leak)


@every_choice
def test_latents_are_those_that_a_sample_was_drawn_from(choice):
    head = make_trained("flow", **choice).double()
    _, context, previous = (part.double() for part in make_batch())
    drawn, _ = head.sample(context, previous, noise=NoiseSource(0, 4), temperature=0.7)
    latents, _ = head.latents(drawn, context, previous)
    normals = NoiseSource(0, 4).normal(latents.shape, like=latents)
    assert torch.allclose(latents, 0.7 * normals, atol=1e-5)
