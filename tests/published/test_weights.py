import pytest
import torch
from torch import nn

from transflower.core.errors import ModelError
from transflower.published.weights import Weights, fill

TENSORS = {
    "net.layers.0.weight": torch.zeros(2),
    "net.layers.1.weight": torch.ones(2),
    "net.layers.10.weight": torch.ones(2),
}


def test_what_is_taken_below_a_prefix_counts_as_taken():
    weights = Weights(TENSORS)
    for layer in (0, 1, 10):
        weights.within("net.").within(f"layers.{layer}.").take("weight")
    weights.check_all_taken()


def test_what_has_no_place_is_refused():
    weights = Weights(TENSORS)
    weights.take("net.layers.0.weight")
    with pytest.raises(ModelError, match=r"2 of .*: net.layers.1.weight, net.layers.10.weight$"):
        weights.check_all_taken()


def test_missing_weight_is_refused_by_its_whole_name():
    with pytest.raises(ModelError, match=r"lack 'net.bias'"):
        Weights(TENSORS).within("net.").take("bias")


def test_numbers_are_counted_while_they_are_consecutive():
    assert Weights(TENSORS).within("net.").count("layers.") == 2


def test_module_is_filled_whole_or_not_at_all():
    module = nn.Linear(2, 1)
    with pytest.raises(ModelError, match="nothing of 'bias'"):
        fill(module, {"weight": torch.zeros(1, 2)})
    with pytest.raises(ModelError, match="do not fit"):
        fill(module, {"weight": torch.zeros(1, 3), "bias": torch.zeros(1)})
    with pytest.raises(ModelError, match="do not fit"):
        fill(module, {"weight": torch.zeros(1, 2), "bias": torch.zeros(1), "other": torch.zeros(1)})
