"""Windows whose history the model draws itself in training."""

import pytest
import torch

from tests.models.factories import make_batch, tiny_config, tiny_model
from transflower.core.errors import ModelError, OptionsError
from transflower.models import Model
from transflower.models.history_noise import HistoryNoise
from transflower.models.unrolls import Unrolls
from transflower.nn.noise import SharedNoise

POSITIONS = 5
every_kind = pytest.mark.parametrize("kind", ("windowed", "causal"))


class Silence:
    """Noise that is the middle of what could be drawn."""

    def normal(self, shape, *, like):
        return torch.zeros(tuple(shape)).to(like)

    def uniform(self, shape, *, like):
        return torch.full(tuple(shape), 0.5).to(like)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def make(kind: str = "causal", *, memory: float = 0.0, **options) -> Model:
    noise = HistoryNoise(most=0.0, memory=memory)
    return tiny_model(tiny_config(kind, history_noise=noise, target_noise=0.0, clamp=1e6, **options))


def batch_for(model: Model):
    return make_batch(model.config, positions=POSITIONS)


@every_kind
@torch.no_grad()
def test_as_many_passes_as_positions_are_a_dance_that_runs_freely(kind):
    model = make(kind)
    batch = batch_for(model)
    windows = model._prepare(batch, seeded())
    for _ in range(POSITIONS - 1):
        model._feed_back(windows, Silence())
    stream = model.stream(4)
    length = model.spans["motion"].length
    stream.push("audio", batch["inputs"]["audio"])
    stream.push("motion", batch["inputs"]["motion"][:, :length])
    danced = []
    for _ in range(POSITIONS - 1):
        danced.append(stream.step(Silence())["motion"][:, :1])
        stream.push("motion", danced[-1])
    expected = model.scale_input("motion", torch.cat(danced, dim=1))
    assert torch.allclose(windows.inputs["motion"][:, length:], expected, atol=1e-5)


def test_targets_come_back_from_where_the_draws_lead():
    model = make(memory=0.75).train()
    before, after = (model._prepare(batch_for(model), seeded()) for _ in range(2))
    model._feed_back(after, SharedNoise(seeded()))
    offset = after.previous["motion"] - before.previous["motion"]
    assert offset[:, 1:].abs().min() > 0
    assert torch.allclose(
        after.targets["motion"] - before.targets["motion"], 0.75 * offset.detach().unsqueeze(2), atol=1e-5
    )


def test_the_windows_that_were_not_chosen_stay_as_they_are():
    model = make(unrolls=Unrolls(frames=1, share=0.5)).train()
    before, after = (model._prepare(batch_for(model), seeded()) for _ in range(2))
    chosen = Unrolls(share=0.5).choose(4, device=torch.device("cpu"), generator=seeded())
    model._unroll(after, seeded())
    differs = (after.inputs["motion"] != before.inputs["motion"]).flatten(1).any(1)
    assert torch.equal(differs.nonzero()[:, 0], chosen)
    assert 0 < len(chosen) < 4


@pytest.mark.parametrize("is_mixed", (False, True))
def test_what_was_drawn_leads_to_no_gradient_but_the_loss_does(is_mixed):
    plain, unrolled = make().train(), make(unrolls=Unrolls(frames=2, share=1.0)).train()
    for model in (plain, unrolled):
        with torch.autocast("cpu", torch.bfloat16, enabled=is_mixed):
            model.loss(batch_for(model), generator=seeded())[0].backward()
    learns = [
        {name for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.any()}
        for model in (plain, unrolled)
    ]
    assert learns[0] == learns[1] != set()


def test_evaluation_sees_real_histories():
    losses = [
        model.loss(batch_for(model), generator=seeded())[0] for model in (make(), make(unrolls=Unrolls(frames=1)))
    ]
    assert torch.equal(*losses)


def test_windows_of_one_position_have_no_history_to_draw():
    model = make("windowed", unrolls=Unrolls(frames=1)).train()
    with pytest.raises(ModelError, match=r"raise training\.positions"):
        model.loss(make_batch(model.config, positions=1))


@pytest.mark.parametrize("options", ({"frames": -1}, {"share": 0.0}, {"share": 1.5}))
def test_impossible_unrolls_are_refused(options):
    with pytest.raises(OptionsError, match="unrolls need"):
        Unrolls(**options)
