import pytest
import torch

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_conditioner
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners import MLPConditionerConfig


def test_mlp_tells_frames_of_one_token_apart():
    shape = FlowShape(dim=4, length=3, context_dim=2, context_length=1)
    network = disturbed(tiny_conditioner("mlp").build(shape, in_dim=2, out_dim=4).double())
    parameters, _ = network(torch.zeros(1, 1, 3, 2, dtype=torch.float64), randn(1, 1, 1, 2))
    assert not torch.allclose(parameters[..., 0, :], parameters[..., 1, :], atol=1e-4)


def test_transformer_takes_any_number_of_tokens_in_time():
    shape = FlowShape(dim=4, length=3, context_dim=2, context_length=7)
    network = tiny_conditioner("transformer", join="time").build(shape, in_dim=2, out_dim=4)
    assert network(torch.zeros(2, 5, 3, 2), torch.zeros(2, 5, 7, 2))[0].shape == (2, 5, 3, 4)


def test_published_start_is_not_the_identity():
    shape = FlowShape(dim=4, length=2)
    network = tiny_conditioner("transformer", start="published").build(shape, in_dim=2, out_dim=4)
    weight = network.transformer.output.weight
    assert 0.01 < weight.abs().max() <= 0.1


@pytest.mark.parametrize("name", ("mlp", "transformer"))
def test_context_of_another_length_is_refused(name):
    shape = FlowShape(dim=4, length=3, context_dim=2, context_length=2)
    with pytest.raises(ModelError, match=r"each of the 3 frames, the encoder gives 2"):
        tiny_conditioner(name).build(shape, in_dim=2, out_dim=4)


@pytest.mark.parametrize("name", ("mlp", "transformer"))
def test_single_channel_without_context_is_refused(name):
    with pytest.raises(ModelError, match="at least 2 channels"):
        tiny_conditioner(name).build(FlowShape(dim=1, length=1), in_dim=0, out_dim=2)


def test_impossible_width_is_refused():
    with pytest.raises(OptionsError, match="width"):
        MLPConditionerConfig(width=0)
