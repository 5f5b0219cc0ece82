"""Batches of windows in an order that depends on the seed and the epoch alone, and that can be resumed anywhere."""

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from transflower.core.errors import DataError, FormatError
from transflower.core.seeds import derive_seed
from transflower.core.workers import has_semaphores
from transflower.data.dataset import Batch, WindowDataset
from transflower.data.window_order import WindowOrder, num_windows

log = logging.getLogger(__name__)


class BatchIndex(NamedTuple):
    """The windows of one batch on this rank."""

    windows: np.ndarray
    epoch: int


class WindowSampler(Sampler[BatchIndex]):
    """Chooses the windows of every batch: a pure function of seed, epoch and rank.

    Training takes windows ``stride`` frames apart, from boundaries that move from epoch to epoch, so that every frame
    is met about once; the first window of a sequence is always among them, so that beginnings are learnt. It shuffles
    them and leaves out the last incomplete batch. Otherwise the windows and their order never change (shuffled once, so
    that the first few batches are a fair sample), and all are kept; with several ranks the first windows are repeated
    until all ranks have equally many.
    """

    def __init__(
        self,
        counts: np.ndarray,
        *,
        batch_size: int,
        stride: int = 1,
        training: bool,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        """Plan an epoch.

        Args:
            counts: windows of each sequence, at least 1.
            batch_size: windows of a batch on each rank.
            stride: frames between windows.
            training: shuffle anew in every epoch, in whole batches.
            seed: of the order.
            rank: of this process.
            world_size: number of processes.
        """
        assert (counts >= 1).all(), "a sequence without windows"
        self.epoch = 0
        self.start = 0
        """Batches to leave out of the next pass."""
        self._counts = counts
        self._stride = stride
        self._training = training
        self._seed = seed
        self._rank = rank
        self._world_size = world_size
        self.num_windows = num_windows(counts, stride)
        share = max(1, self.num_windows // world_size) if training else _ceil_div(self.num_windows, world_size)
        self._batch_size = min(batch_size, share)
        self._num_on_rank = share - share % self._batch_size if training else share
        if training and self._batch_size < batch_size:
            log.warning(
                "%d windows are fewer than a batch of %d on each of %d processes: batches hold %d",
                self.num_windows, batch_size, world_size, self._batch_size,
            )  # fmt: skip

    def __len__(self) -> int:
        return _ceil_div(self._num_on_rank, self._batch_size)

    def __iter__(self) -> Iterator[BatchIndex]:
        return self.batches(self.epoch, self.start)

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass."""
        self.epoch = epoch

    def batches(self, epoch: int, first: int = 0) -> Iterator[BatchIndex]:
        """The batches of an epoch on this rank, from the ``first`` on."""
        order = WindowOrder(self._counts, stride=self._stride, training=self._training, seed=self._seed, epoch=epoch)
        for start in range(first * self._batch_size, self._num_on_rank, self._batch_size):
            rows = np.arange(start, min(start + self._batch_size, self._num_on_rank))
            # Row b of this rank is row rank + b * world_size of the whole batch.
            yield BatchIndex(order[self._rank + rows * self._world_size], epoch if self._training else 0)


class WindowLoader(DataLoader[Batch | DataError]):
    """Reads batches, and resumes in the middle of an epoch where ``state_dict`` was taken.

    The state is the number of batches handed out, whatever workers have read ahead. ``set_epoch`` of the sampler sets
    the epoch before the first batch of a pass.
    """

    sampler: WindowSampler

    def __init__(
        self,
        dataset: WindowDataset,
        *,
        batch_size: int,
        stride: int = 1,
        training: bool,
        seed: int = 0,
        num_workers: int = 0,
        rank: int = 0,
        world_size: int = 1,
        pin_memory: bool = False,
    ) -> None:
        """Make the loader; arguments as for ``WindowSampler``.

        Raises:
            DataError: not one window.
        """
        if not len(dataset):
            raise DataError(f"{dataset.store.folder}: there is no window to read; see `transflower data check`")
        sampler = WindowSampler(
            dataset.counts,
            batch_size=batch_size,
            stride=stride,
            training=training,
            seed=seed,
            rank=rank,
            world_size=world_size,
        )
        processes = num_workers if num_workers and has_semaphores() else 0
        super().__init__(
            _Batches(dataset),
            sampler=sampler,
            batch_size=None,  # The sampler's items are whole batches.
            num_workers=processes,
            persistent_workers=processes > 0,
            pin_memory=pin_memory,
            # A separate generator, because starting workers must not draw from the one of the training.
            generator=torch.Generator().manual_seed(derive_seed(seed, "workers")),
        )
        self._windows = dataset
        self._num_done = 0
        self._resumed: dict[str, int] | None = None

    def __iter__(self) -> Iterator[Batch]:  # type: ignore[override]  # A generator: nothing happens before next().
        """The batches of a pass.

        Raises:
            FormatError, DataError: naming an array that has changed since it was checked.
        """
        resumed, self._resumed = self._resumed, None
        epoch = self.sampler.epoch
        self._windows.store.check_unchanged()  # Otherwise one pass might read other recordings than the one before.
        self._num_done = resumed["batches_done"] if resumed and resumed["epoch"] == epoch else 0
        self.sampler.start = self._num_done
        for batch in super().__iter__():
            if isinstance(batch, DataError):
                raise batch
            self._num_done += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """Where the current pass is."""
        return {"epoch": self.sampler.epoch, "batches_done": self._num_done % len(self)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Start the next pass of that epoch where the state was taken."""
        self._resumed = {"epoch": int(state["epoch"]), "batches_done": int(state["batches_done"])}


def _ceil_div(numerator: Any, denominator: int) -> Any:
    return -(-numerator // denominator)


class _Batches(Dataset[Batch | DataError]):
    """Lets a ``DataLoader`` ask for a whole batch at once.

    A file that can no longer be read is returned as an error, because torch makes tracebacks of errors in its workers.
    """

    def __init__(self, windows: WindowDataset) -> None:
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: BatchIndex) -> Batch | DataError:
        try:
            return self.windows.batch(index.windows, epoch=index.epoch)
        except FormatError as error:
            return DataError(str(error))
