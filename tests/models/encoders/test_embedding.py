import pytest
import torch

from tests.nn.factories import randn
from transflower.core.errors import ModelError
from transflower.core.spans import UNKNOWN_CLASS, StreamSpec
from transflower.models.encoders.embedding import RowEmbedding

CLASSES = StreamSpec(dim=2, kind="categorical", num_classes=3)


def test_values_pass_as_they_are():
    embedding = RowEmbedding("audio", StreamSpec(dim=5), 8)
    rows = randn(2, 3, 5)
    assert embedding.dim == 5
    assert torch.equal(embedding(rows), rows)


@pytest.mark.parametrize("dtype", (torch.int16, torch.int32, torch.int64))
def test_columns_have_vectors_of_their_own_which_are_summed(dtype):
    embedding = RowEmbedding("style", CLASSES, 8)
    both = embedding(torch.tensor([[[1, 2]]], dtype=dtype))[0, 0]
    assert embedding.dim == 8
    assert torch.equal(both, embedding.table.weight[1 + 1] + embedding.table.weight[4 + 1 + 2])


def test_an_index_that_is_not_known_has_a_vector_of_its_own():
    embedding = RowEmbedding("style", CLASSES, 8)
    both = embedding(torch.tensor([[[UNKNOWN_CLASS, 0]]]))[0, 0]
    assert torch.equal(both, embedding.table.weight[0] + embedding.table.weight[4 + 1])


def test_unknown_number_of_classes_is_refused():
    with pytest.raises(ModelError, match="'style' is categorical"):
        RowEmbedding("style", StreamSpec(dim=2, kind="categorical"), 8)
