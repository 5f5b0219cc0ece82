"""What one of several processes draws of the random numbers of a batch that they share.

Each draws the numbers of the whole batch and takes those of its rows. So several processes learn what one would learn
from the whole batch, whatever their number.

Shape letters: B rows of this process's batch.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class BatchShare:
    """Rows of a whole batch: row b of this process is row ``rank + b * world_size``."""

    rank: int
    world_size: int
    rows: int
    """B."""

    def draw(self, draw: Callable[[tuple[int, ...]], Tensor], shape: Sequence[int], axis: int = 0) -> Tensor:
        """Of what ``draw`` gives for the whole batch, these rows; along ``axis`` a row may take several places."""
        places = shape[axis] // self.rows
        assert places * self.rows == shape[axis], "what is drawn has no batch"
        whole = draw((*shape[:axis], shape[axis] * self.world_size, *shape[axis + 1 :]))
        by_row = whole.unflatten(axis, (self.rows * self.world_size, places))
        own = by_row[(slice(None),) * axis + (slice(self.rank, None, self.world_size),)]
        return own.flatten(axis, axis + 1)


_share: ContextVar[BatchShare | None] = ContextVar("batch_share", default=None)


@contextmanager
def sharing(share: BatchShare) -> Iterator[None]:
    """Meanwhile, random numbers in training are those of a share of a batch."""
    token = _share.set(share if share.world_size > 1 else None)
    try:
        yield
    finally:
        _share.reset(token)


def is_shared() -> bool:
    """Whether the batch is shared by several processes."""
    return _share.get() is not None


def draw_rows(draw: Callable[[tuple[int, ...]], Tensor], shape: Sequence[int], axis: int = 0) -> Tensor:
    """What ``draw`` gives for ``shape``, whose ``axis`` is the batch: in a shared batch the rows of this process."""
    share = _share.get()
    return draw(tuple(shape)) if share is None else share.draw(draw, shape, axis)


def drop(x: Tensor, share: float) -> Tensor:
    """Dropout of values of ``x``, whose first axis is the batch."""
    if not is_shared():
        return functional.dropout(x, share)
    return x * draw_rows(lambda shape: functional.dropout(x.new_ones(shape), share), x.shape)


class Dropout(nn.Dropout):
    """Dropout of values whose first axis is the batch."""

    def forward(self, input: Tensor) -> Tensor:
        """Drop in training."""
        return drop(input, self.p) if self.training and self.p else input
