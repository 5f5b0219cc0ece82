"""Each output may have a head of its own."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import torch
from torch.nn import functional as F

from tests.models.factories import class_batch, class_model, make_batch, tiny_config, tiny_model
from transflower.core.errors import ModelError, OptionsError
from transflower.core.options import decode, encode, parse
from transflower.models import ModelConfig, OutputConfig
from transflower.models.heads import (
    HEADS,
    CategoricalHead,
    CategoricalHeadConfig,
    DeterministicHead,
    DeterministicHeadConfig,
    FlowHeadConfig,
    Head,
    HeadConfig,
)
from transflower.models.heads.flow import FlowHead


def two_outputs(**motion) -> ModelConfig:
    outputs = {"motion": OutputConfig(offset=3, **motion), "audio": OutputConfig(offset=5)}
    return replace(tiny_config(), outputs=outputs)


def test_the_head_of_an_output_is_its_own_or_else_that_of_the_model():
    model = tiny_model(two_outputs(head=DeterministicHeadConfig()))
    assert isinstance(model.head("motion"), DeterministicHead)
    assert isinstance(model.head("audio"), FlowHead)
    assert isinstance(class_model().head("moves"), CategoricalHead)
    _, metrics = model.loss(make_batch(model.config))
    assert metrics.keys() == {"motion/mse", "audio/nll"}
    with pytest.raises(ModelError, match="no likelihood"):
        model.log_prob(make_batch(model.config))


def test_an_own_head_like_that_of_the_model_is_the_same_model():
    plain = two_outputs()
    own = replace(plain, outputs={name: replace(window, head=plain.head) for name, window in plain.outputs.items()})
    expected, found = tiny_model(plain), tiny_model(own)
    assert expected.state_dict().keys() == found.state_dict().keys()
    batch = make_batch(plain)
    losses = [model.loss(batch, generator=torch.Generator().manual_seed(0))[0] for model in (expected, found)]
    assert torch.equal(*losses)


def test_options_are_written_read_and_set_by_flags():
    config = two_outputs(head=DeterministicHeadConfig(readout="mlp"))
    assert decode(ModelConfig, encode(config)) == config
    tree = encode(two_outputs())
    del tree["outputs"]["motion"]["head"]  # as in models that were saved before
    assert decode(ModelConfig, tree) == two_outputs()
    flags = ["--outputs.motion.head.type", "deterministic", "--outputs.motion.head.readout", "mlp"]
    assert parse(ModelConfig, flags, tree=tree) == config


def test_a_head_that_does_not_model_the_kind_of_its_output_is_refused():
    tree = {"inputs": {"audio": {}}, "outputs": {"moves": {"kind": "categorical", "head": {"type": "deterministic"}}}}
    with pytest.raises(OptionsError, match=r"output 'moves' is categorical, .* choose a head of type categorical"):
        decode(ModelConfig, tree)
    with pytest.raises(ModelError, match=r"output 'motion' is continuous, .* of type cnf or .* flow"):
        two_outputs(head=CategoricalHeadConfig())


class HighestHead(Head):
    """Always the last class."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.log_probs = torch.nn.Parameter(torch.eye(num_classes)[-1])

    def loss(self, target, context, previous, *, noise):
        return F.cross_entropy(self.log_probs.expand(target.numel(), -1), target.flatten()), {}

    def _log_density(self, target, context, previous, state):
        return self.log_probs.log_softmax(0)[target].sum((-1, -2)), state

    def sample(self, context, previous, state=None, *, noise, temperature=1.0, options=None, null_context=None):
        highest = torch.full((*context.shape[:2], 1, 1), len(self.log_probs) - 1)
        return highest, state


@dataclass(frozen=True, kw_only=True)
class HighestHeadConfig(HeadConfig):
    """The last class."""

    kinds: ClassVar = ("categorical",)

    def build(self, *, target, **_):
        return HighestHead(target.num_classes)


def test_another_head_of_classes_can_be_registered(monkeypatch):
    monkeypatch.setattr(HEADS, "_entries", dict(HEADS._entries))
    HEADS.register("highest")(HighestHeadConfig)
    model = class_model(head=decode(HeadConfig, {"type": "highest"}))
    assert isinstance(model.config.head, FlowHeadConfig)
    assert model.log_prob(class_batch())["moves"].shape == (4, 6)
    assert (model.head("moves").sample(torch.zeros(2, 3, 1, 8), None, noise=None)[0] == 3).all()
    with pytest.raises(OptionsError, match="of type categorical or highest"):
        decode(ModelConfig, {"inputs": {"a": {}}, "outputs": {"b": {"kind": "categorical", "head": {"type": "flow"}}}})
