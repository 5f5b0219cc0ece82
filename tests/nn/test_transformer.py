import pytest
import torch
from torch import nn

from tests.nn.factories import disturbed, randn
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.attention import SelfAttention
from transflower.nn.transformer import Transformer, TransformerConfig


def make_transformer(**options) -> Transformer:
    config = TransformerConfig(**{"width": 8, "layers": 2, "heads": 2} | options)
    return disturbed(Transformer(5, 6, 7, config).double())


def test_layers_equal_torch_s_encoder():
    ours = make_transformer(positions="none", feedforward=2.0)
    layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, dropout=0.0, batch_first=True, dtype=torch.float64)
    theirs = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    names = {
        "attention.in_projection.weight": "self_attn.in_proj_weight",
        "attention.in_projection.bias": "self_attn.in_proj_bias",
        "attention.out_projection": "self_attn.out_proj",
        "expand": "linear1",
        "contract": "linear2",
        "attention_norm": "norm1",
        "feedforward_norm": "norm2",
    }
    state = {}
    for name, value in ours.layers.state_dict().items():
        for ours_name, theirs_name in names.items():
            name = name.replace(ours_name, theirs_name)
        state[f"layers.{name}"] = value
    theirs.load_state_dict(state)
    x = randn(3, 7, 5)
    # In training mode, where torch does not take its fused path; there is no dropout.
    assert torch.allclose(ours(x), ours.output(theirs.train()(ours.input(x))), atol=1e-12)


@pytest.mark.parametrize("positions", ("absolute", "relative", "both"))
def test_order_of_tokens_matters_with_positions(positions):
    transformer = make_transformer(positions=positions)
    x = randn(2, 7, 5)
    assert not torch.allclose(transformer(x.flip(1)).flip(1), transformer(x), atol=1e-3)


def test_order_of_tokens_does_not_matter_without_positions():
    transformer = make_transformer(positions="none")
    x = randn(2, 7, 5)
    assert torch.allclose(transformer(x.flip(1)).flip(1), transformer(x), atol=1e-12)


@pytest.mark.parametrize("positions", ["absolute", "both"])
def test_every_parameter_gets_a_gradient(positions):
    transformer = make_transformer(positions=positions)
    transformer(randn(2, 7, 5)).square().sum().backward()
    assert [name for name, p in transformer.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


def test_dropout_acts_in_training_only():
    transformer = make_transformer(dropout=0.5)
    x = randn(2, 7, 5)
    assert torch.equal(transformer(x), transformer(x))
    transformer.train()
    assert not torch.equal(transformer(x), transformer(x))


def test_boolean_mask_hides_tokens():
    attention = disturbed(SelfAttention(8, 2).double())
    x = randn(1, 4, 8)
    mask = torch.ones(4, 4, dtype=torch.bool).tril()
    changed = x.clone()
    changed[:, 3] += 1
    assert torch.equal(attention(x, mask)[:, :3], attention(changed, mask)[:, :3])


def test_other_number_of_tokens_is_refused():
    with pytest.raises(ModelError, match="7 tokens was given 6"):
        make_transformer()(randn(1, 6, 5))


@pytest.mark.parametrize(
    ("options", "message"),
    (
        ({"width": 10, "heads": 3}, "10 .* 3 heads"),
        ({"layers": 0}, "above 0"),
        ({"feedforward": 0.0}, "above 0"),
        ({"dropout": 1.0}, "dropout"),
    ),
)
def test_impossible_sizes_are_refused(options, message):
    with pytest.raises(OptionsError, match=message):
        TransformerConfig(**options)
