"""Conditions that training drops as a whole, and drawing that is guided by them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from tests.models.factories import AUDIO, make_batch, tiny_config, tiny_model
from transflower.core.errors import OptionsError
from transflower.generation import SamplingOptions, Session, generate
from transflower.models import Model, prepare
from transflower.models.corruption import Corruption
from transflower.models.heads import DeterministicHeadConfig, Head, HeadSamplingOptions
from transflower.models.heads.deterministic import DeterministicHead
from transflower.nn.noise import SharedNoise

KINDS = pytest.mark.parametrize("kind", ["windowed", "causal"])
MUSIC = {"audio": np.random.default_rng(0).standard_normal((9, AUDIO)).astype(np.float32)}


@dataclass(frozen=True, kw_only=True)
class Guidance(HeadSamplingOptions):
    """How much further than the condition leads."""

    guidance: float = 1.0
    """1 is the condition as it is, 0 none of it."""


class GuidedHead(DeterministicHead):
    """Goes from what is drawn without conditions towards, and beyond, what is drawn with them."""

    SampleOptions = Guidance

    def sample(self, context, previous, state=None, *, noise, temperature=1.0, options=None, null_context=None):
        frames, state = super().sample(context, previous, state, noise=noise)
        if null_context is None:
            return frames, state
        without, _ = super().sample(null_context, previous, state, noise=noise)
        return without + options.guidance * (frames - without), state


@dataclass(frozen=True, kw_only=True)
class GuidedConfig(DeterministicHeadConfig):
    """A deterministic head that can be guided."""

    def build(self, **shapes) -> Head:
        plain = super().build(**shapes)
        return GuidedHead(plain.space, plain.readout)


def guided_model(kind: str, *, drop_window: float = 0.5, **options) -> Model:
    plain = tiny_config(kind, head=GuidedConfig(), **options)
    audio = replace(plain.inputs["audio"], drop_window=drop_window)
    return tiny_model(replace(plain, inputs={**plain.inputs, "audio": audio}))


def draw(model, guidance: float, **options) -> np.ndarray:
    sampling = SamplingOptions(head={"guidance": guidance}, **options)
    return generate(model, MUSIC, num_frames=9, num_samples=2, options=sampling)["motion"]


@KINDS
def test_a_dropped_condition_is_one_learned_vector_throughout_a_window(kind):
    model = guided_model(kind).train()
    batch = make_batch(model.config, batch=400, positions=3)
    seen = model.prepare_batch(batch, SharedNoise(torch.Generator().manual_seed(0))).inputs["audio"]
    is_null = (seen == model.nulls["audio"]).all(-1)
    assert torch.equal(is_null.any(1), is_null.all(1))
    assert is_null.any(1).float().mean() == pytest.approx(0.5, abs=0.08)
    assert model.nulls["audio"].abs().sum() > 0


def test_nothing_is_dropped_outside_training_nor_without_the_option():
    model = guided_model("causal")
    batch = make_batch(model.config, batch=50)
    seen = model.prepare_batch(batch, SharedNoise(None)).inputs["audio"]
    assert not (seen == model.nulls["audio"]).all(-1).any()
    assert "nulls" not in " ".join(tiny_model().state_dict())


def test_conditions_are_dropped_together():
    plain = tiny_config("causal")
    audio = replace(plain.inputs["audio"], drop_window=0.5)
    model = tiny_model(replace(plain, inputs={**plain.inputs, "audio": audio})).train()
    corruption = Corruption(model.config, is_training=True, noise=SharedNoise(torch.Generator().manual_seed(0)))
    first, second = (corruption.draw_dropped("audio", torch.zeros(40, 3, AUDIO)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.any()
    assert not first.all()


def test_the_vector_learns():
    model = guided_model("causal", drop_window=0.9).train()
    model.loss(make_batch(model.config, batch=8, positions=4))[0].backward()
    assert model.nulls["audio"].grad.abs().sum() > 0


@KINDS
def test_guidance_of_one_changes_nothing(kind):
    model = guided_model(kind)
    np.testing.assert_array_equal(draw(model, 1.0), generate(model, MUSIC, num_frames=9, num_samples=2)["motion"])


@KINDS
def test_without_guidance_conditions_do_not_matter_and_with_more_they_matter_more(kind):
    model = guided_model(kind)
    unconditional = draw(model, 0.0)
    other = generate(
        model,
        {"audio": MUSIC["audio"][::-1].copy()},
        num_frames=9,
        num_samples=2,
        options=SamplingOptions(head={"guidance": 0.0}),
    )["motion"]
    np.testing.assert_array_equal(unconditional, other)
    plain, more = draw(model, 1.0)[:, 0], draw(model, 3.0)[:, 0]
    np.testing.assert_allclose(more - unconditional[:, 0], 3 * (plain - unconditional[:, 0]), atol=1e-4)
    assert np.abs(plain - unconditional[:, 0]).max() > 1e-3


@KINDS
def test_the_context_without_conditions_is_that_of_null_inputs(kind):
    """Frame by frame as for a whole window of nulls."""
    model = guided_model(kind, target_noise=0.0)
    batch = make_batch(model.config, batch=2, positions=4)
    inputs = model.prepare_batch(batch, SharedNoise(None)).inputs
    nulls = {name: model.null_input(name, frames) for name, frames in inputs.items()}
    expected = model.encoder(nulls)["motion"]
    stream = model.stream(2, options={"guidance": 2.0})
    for name, frames in batch["inputs"].items():
        stream.push(name, frames)
    found = torch.cat([stream._null_encoder.step()["motion"] for _ in range(4)], dim=1)
    assert torch.allclose(found, expected, atol=1e-5)


@KINDS
def test_a_session_draws_the_same_and_goes_on_from_where_it_was_saved(kind, tmp_path):
    model, options = guided_model(kind), SamplingOptions(head={"guidance": 2.0})
    first, second = Session(model, options=options), Session(model, options=options)
    first.push("audio", MUSIC["audio"][:5])
    early = first.pull()["motion"]
    first.save(tmp_path / "middle.safetensors")
    second.load(tmp_path / "middle.safetensors")
    second.push("audio", MUSIC["audio"][5:])
    second.end()
    late = second.pull(9 - early.shape[1])["motion"]
    np.testing.assert_allclose(np.concatenate([early, late], 1), draw(model, 2.0)[:1], atol=1e-4)


def test_a_model_prepared_for_inference_is_guided_too():
    model = guided_model("causal")
    np.testing.assert_allclose(draw(prepare(model), 2.0), draw(model, 2.0), atol=1e-4)


def test_a_model_that_never_dropped_a_condition_cannot_be_guided():
    with pytest.raises(OptionsError, match=r"guidance compares .*drop_window above 0"):
        draw(guided_model("causal", drop_window=0.0), 2.0)


def test_an_output_cannot_be_dropped():
    plain = tiny_config("causal")
    motion = replace(plain.inputs["motion"], drop_window=0.1)
    with pytest.raises(OptionsError, match="'motion' is an output: only conditions can be dropped"):
        replace(plain, inputs={**plain.inputs, "motion": motion})
