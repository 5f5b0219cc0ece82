"""A model that holds another one: a head of class indices, which a tokeniser makes from motion."""

import shutil
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.models.factories import make_batch, tiny_config, tiny_model
from tests.training.factories import tree, write_recordings
from transflower.core.errors import FormatError, ModelError, OptionsError
from transflower.core.options import decode
from transflower.core.options.tree import merge
from transflower.generation import generate
from transflower.models import Model, NestedModel, load_model, prepare, save_model
from transflower.models.heads import HEADS, DeterministicHeadConfig, Head, HeadConfig
from transflower.models.heads.readout import Readout
from transflower.training import Experiment, train

SIDECARS = {"motion": {"kind": "motion", "fps": 30}, "audio": None}


class TokenHead(Head):
    """Two classes, of values above and below 0; drawn as a number that the tokeniser holds, and its negative."""

    has_density = False

    def __init__(self, tokeniser, *, dim, context):
        super().__init__()
        self.tokeniser = tokeniser
        self.logits = Readout("linear", context=context, output=(1, dim * 2))

    @property
    def code(self):
        return next(self.tokeniser.model.encoder.parameters()).abs().max()

    def loss(self, target, context, previous, *, noise):
        logits = self.logits(context).unflatten(-1, (-1, 2))
        return F.cross_entropy(logits.flatten(0, -2), (target > 0).long().flatten()), {}

    def sample(self, context, previous, state=None, *, noise, temperature=1.0, **_):
        tokens = self.logits(context).unflatten(-1, (-1, 2)).argmax(-1)
        return (2 * tokens - 1) * self.code, state


@dataclass(frozen=True, kw_only=True)
class TokenHeadConfig(HeadConfig):
    """Tokens of a nested tokeniser."""

    uses_nested: ClassVar[bool] = True

    def build(self, *, target, length, context_dim, context_length, has_previous=True, nested=None):
        return TokenHead(nested["tokeniser"], dim=target.dim, context=(context_length, context_dim))


@pytest.fixture(scope="module", autouse=True)
def _registered():
    HEADS.register("token")(TokenHeadConfig)
    yield
    del HEADS._entries["token"]


@pytest.fixture
def tokeniser(tmp_path):
    """The folder of a model that can be nested."""
    save_model(tmp_path / "original", tiny_model(seed=3), sidecars=SIDECARS)
    return tmp_path / "original"


def outer(folder) -> Model:
    loaded = load_model(folder)
    config = tiny_config(head=TokenHeadConfig(), nested={"tokeniser": folder})
    plain = tiny_model()
    moments = {"motion": (np.zeros(5), np.ones(5)), "audio": (np.zeros(3), np.ones(3))}
    nested = {"tokeniser": NestedModel(loaded.model, loaded.sidecars)}
    model = Model(config, plain.streams, moments, nested)
    model.initialise(make_batch(config, batch=8))
    return model.eval()


def draw(model):
    return generate(model, {"audio": np.ones((4, 3), np.float32)}, num_frames=4)["motion"]


def test_it_is_saved_in_a_folder_of_its_own_and_read_back(tokeniser, tmp_path):
    model = outer(tokeniser)
    save_model(tmp_path / "model", model, sidecars=SIDECARS)
    shutil.rmtree(tokeniser)
    assert {path.name for path in (tmp_path / "model" / "tokeniser").iterdir()} == {
        "config.yaml", "model.safetensors", "features.json"
    }  # fmt: skip
    loaded = load_model(tmp_path / "model")
    part = loaded.model.nested["tokeniser"]
    assert isinstance(part, NestedModel)
    assert part.sidecars == SIDECARS
    expected = tiny_model(seed=3).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in part.model.state_dict().items())
    np.testing.assert_array_equal(draw(loaded.model), draw(model))
    np.testing.assert_array_equal(draw(load_model(tmp_path / "model" / "tokeniser").model), draw(part.model))


def test_its_weights_are_none_of_the_model_that_holds_it(tokeniser):
    model = outer(tokeniser).train()
    assert not [name for name in model.state_dict() if "tokeniser" in name]
    assert not [name for name, _ in model.named_parameters() if "tokeniser" in name]
    part = model.nested["tokeniser"].model
    assert not part.training
    assert not any(parameter.requires_grad for parameter in part.parameters())


def test_it_moves_with_the_model(tokeniser):
    model = outer(tokeniser).to(torch.float64)
    assert {parameter.dtype for parameter in model.nested["tokeniser"].model.parameters()} == {torch.float64}


def test_a_model_prepared_for_inference_uses_it(tokeniser):
    model = outer(tokeniser)
    prepared = prepare(model)
    np.testing.assert_allclose(draw(prepared), draw(model), atol=1e-5)
    assert prepared.head("motion").tokeniser is prepared.nested["tokeniser"]


def test_another_model_in_its_place_is_refused(tokeniser, tmp_path):
    save_model(tmp_path / "model", outer(tokeniser), sidecars=SIDECARS)
    save_model(tmp_path / "model" / "tokeniser", tiny_model(seed=4), sidecars=SIDECARS)
    with pytest.raises(FormatError, match="tokeniser: is not the model that was saved here"):
        load_model(tmp_path / "model")
    shutil.rmtree(tmp_path / "model" / "tokeniser")
    with pytest.raises(FormatError, match="tokeniser: is not the model that was saved here"):
        load_model(tmp_path / "model")


def test_options_and_nested_models_must_agree(tokeniser):
    plain = tiny_model()
    with pytest.raises(ModelError, match="not those of the options: tokeniser"):
        Model(tiny_config(nested={"tokeniser": tokeniser}), plain.streams, {})
    with pytest.raises(OptionsError, match="cannot be the name of a nested model"):
        tiny_config(nested={"../up": tokeniser})


def test_a_run_keeps_it_and_continues_without_the_original(tmp_path):
    recordings = write_recordings(tmp_path / "data")
    quiet = {"max_steps": 4, "validate_every": 2, "rollouts": {"sequences": 0}, "schedule": {"type": "constant"}}
    inner = merge(tree(recordings, **quiet), {"model": {"history_noise": {"sigma_max": 0.0}}})
    inner["model"]["head"] = {"type": "deterministic"}
    train(decode(Experiment, inner), tmp_path / "inner")
    options = tree(recordings, **quiet)
    options["model"] |= {"head": {"type": "token"}, "nested": {"tokeniser": str(tmp_path / "inner")}}
    train(decode(Experiment, options), tmp_path / "whole")
    options["training"]["max_steps"] = 2
    train(decode(Experiment, options), tmp_path / "parts")
    shutil.rmtree(tmp_path / "inner")
    options["training"]["max_steps"] = 4
    assert train(decode(Experiment, options), tmp_path / "parts").is_finished
    whole, parts = (load_model(tmp_path / name / "last").model for name in ("whole", "parts"))
    assert all(torch.equal(value, parts.state_dict()[name]) for name, value in whole.state_dict().items())
    nested = [model.nested["tokeniser"].model.state_dict() for model in (whole, parts)]
    assert all(torch.equal(value, nested[1][name]) for name, value in nested[0].items())
    assert load_model(tmp_path / "parts" / "best" / "tokeniser").model.config.head == DeterministicHeadConfig()
