import pytest
import torch

from tests.nn.factories import disturbed, randn
from tests.nn.flows.factories import tiny_conditioner
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.flows.conditioners import (
    ConditionerConfig,
    FeedforwardConditionerConfig,
    GatedConvConditionerConfig,
    MLPConditionerConfig,
    RecurrentConditionerConfig,
)


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


@pytest.mark.parametrize("name", ("feedforward", "gated_conv", "mlp", "transformer"))
def test_context_of_another_length_is_refused(name):
    shape = FlowShape(dim=4, length=3, context_dim=2, context_length=2)
    with pytest.raises(ModelError, match=r"each of the 3 frames, the encoder gives 2"):
        tiny_conditioner(name).build(shape, in_dim=2, out_dim=4)


@pytest.mark.parametrize("name", ConditionerConfig.registry.names())
def test_single_channel_without_context_is_refused(name):
    with pytest.raises(ModelError, match="at least 2 channels"):
        tiny_conditioner(name).build(FlowShape(dim=1, length=1), in_dim=0, out_dim=2)


def test_recurrent_takes_any_number_of_tokens():
    shape = FlowShape(dim=4, length=3, context_dim=2, context_length=7)
    network = tiny_conditioner("recurrent").build(shape, in_dim=2, out_dim=4)
    assert network(torch.zeros(2, 5, 3, 2), torch.zeros(2, 5, 7, 2))[0].shape == (2, 5, 3, 4)


def test_gated_conv_sees_the_frames_around_and_with_attention_all():
    shape = FlowShape(dim=4, length=9)
    x = randn(1, 1, 9, 2)
    changed = x.clone()
    changed[:, :, 0] += 1
    reaches = []
    for heads in (0, 2):
        network = disturbed(tiny_conditioner("gated_conv", heads=heads).build(shape, in_dim=2, out_dim=4).double())
        difference = (network(changed, None)[0] - network(x, None)[0]).abs().amax(dim=(0, 1, 3))
        reaches.append(int((difference > 0).sum()))
    assert reaches == [4, 9]


def test_random_gated_conv_is_not_the_identity():
    network = tiny_conditioner("gated_conv", start="random").build(FlowShape(dim=4, length=2), in_dim=2, out_dim=4)
    assert network(torch.ones(1, 1, 2, 2), None)[0].abs().min() > 0


@pytest.mark.parametrize(
    ("config", "options", "message"),
    (
        (MLPConditionerConfig, {"width": 0}, "width"),
        (FeedforwardConditionerConfig, {"layers": 0}, "layers"),
        (RecurrentConditionerConfig, {"width": 0}, "width"),
        (GatedConvConditionerConfig, {"width": 10, "heads": 4}, "10 .* 4 heads"),
        (GatedConvConditionerConfig, {"blocks": -1}, "blocks"),
        (GatedConvConditionerConfig, {"dropout": 1.0}, "dropout"),
    ),
)
def test_impossible_sizes_are_refused(config, options, message):
    with pytest.raises(OptionsError, match=message):
        config(**options)
