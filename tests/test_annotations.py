"""The tests check more than they say: the annotated shapes of every call."""

import jaxtyping
import pytest
import torch

from transflower.nn.attention import split_heads


def test_a_call_with_a_wrong_shape_fails():
    assert split_heads(torch.zeros(1, 2, 4), num_heads=2).shape == (1, 2, 2, 2)
    with pytest.raises(jaxtyping.TypeCheckError, match="not the 3 expected"):
        split_heads(torch.zeros(2, 4), num_heads=2)
