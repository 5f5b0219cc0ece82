"""Several processes that share a batch learn what one learns from the whole."""

import pytest
import torch

from benchmarks.models import make_batch, make_preset
from transflower.models.presets import PRESETS
from transflower.nn.batch_share import BatchShare, Dropout, draw_rows, sharing
from transflower.nn.noise import SharedNoise

# Of the sizes of the benchmarks, which know no moves.
TINY = [name for name in PRESETS if name.endswith("-tiny") and name != "dancer-tiny"]


def gradient(model, batch, share):
    torch.manual_seed(5)
    model.zero_grad()
    with sharing(share):
        loss, _ = model.loss(batch)
    loss.backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


def rows_of(batch, rows):
    return {side: {name: tensor[rows] for name, tensor in group.items()} for side, group in batch.items()}


@pytest.mark.parametrize("name", TINY)
def test_gradients_of_shares_average_to_that_of_the_batch(name):
    model, config = make_preset(name)
    model.train()
    batch = make_batch(model, rows=4, positions=min(config.positions, 24))
    whole = gradient(model, batch, BatchShare(0, 1, 4))
    shares = [gradient(model, rows_of(batch, slice(rank, None, 2)), BatchShare(rank, 2, 2)) for rank in (0, 1)]
    scale = max(float(one.abs().max()) for one in whole.values())
    for weight, expected in whole.items():
        average = (shares[0][weight] + shares[1][weight]) / 2
        torch.testing.assert_close(average, expected, atol=1e-5 * scale, rtol=1e-4, msg=weight)


@pytest.mark.parametrize(("shape", "axis"), [((2, 5), 0), ((6, 2), 0), ((3, 2), 1), ((3, 4, 5), 1)])
def test_a_share_of_what_is_drawn_is_its_rows(shape, axis):
    def drawn(share, shape):
        torch.manual_seed(0)
        with sharing(share):
            return SharedNoise(None).uniform(shape, like=torch.zeros(1), axis=axis)

    whole_shape = [3 * size if number == axis else size for number, size in enumerate(shape)]
    by_row = drawn(BatchShare(0, 1, 6), whole_shape).unflatten(axis, (6, -1))
    for rank in range(3):
        of_rank = by_row.index_select(axis, torch.tensor([rank, rank + 3])).flatten(axis, axis + 1)
        assert torch.equal(drawn(BatchShare(rank, 3, 2), shape), of_rank)


def test_dropout_of_a_share_is_that_of_its_rows():
    dropout, x = Dropout(0.5), torch.randn(4, 7)
    torch.manual_seed(1)
    whole = dropout(x)
    torch.manual_seed(1)
    with sharing(BatchShare(1, 2, 2)):
        assert torch.equal(dropout(x[1::2]), whole[1::2])
    assert torch.equal(dropout.eval()(x), x)


def test_what_has_no_batch_is_refused():
    with sharing(BatchShare(0, 2, 4)), pytest.raises(AssertionError, match="no batch"):
        draw_rows(torch.rand, (3, 2))
