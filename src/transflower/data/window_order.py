"""The order of the windows of an epoch. Of very many windows it is never written down: each place finds its own."""

import numpy as np

from transflower.core.seeds import generator

_MOST_LISTED = 2**24
"""Windows whose order is kept in memory."""
_NUM_ROUNDS = 6


class WindowOrder:
    """Which window stands at each place of an epoch.

    The first window of each sequence, and those a random way behind it, ``stride`` apart, shuffled.
    """

    def __init__(self, counts: np.ndarray, *, stride: int, training: bool, seed: int, epoch: int) -> None:
        """Draw the order.

        Args:
            counts: windows of each sequence, at least 1.
            stride: windows between two that are chosen.
            training: others in each epoch; else ``epoch`` counts for nothing.
            seed: of what is drawn.
            epoch: number of the pass.
        """
        self._counts = counts
        self._stride = stride
        self._later = num_later(counts, stride)  # Windows of each sequence behind its first.
        self._ends = np.cumsum(self._later)
        self._firsts = np.cumsum(counts) - counts
        self._num_windows = int(len(counts) + self._later.sum())
        rng = generator(seed, "windows", "training" if training else "held out", epoch if training else 0)
        self._shifts = rng.integers(1, stride + 1, len(counts))
        if not training:
            self._shifts[:] = stride
        self._listed = self._keys = None
        if self._num_windows <= _MOST_LISTED:
            self._listed = rng.permutation(self._windows(np.arange(self._num_windows)))
        else:
            self._keys = rng.integers(0, 2**63, _NUM_ROUNDS, np.uint64)

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        """The windows at ``places``; the order starts over after its end."""
        places = places % self._num_windows
        if self._listed is not None:
            return self._listed[places]
        assert self._keys is not None
        return self._windows(permuted(places, self._num_windows, self._keys))

    def _windows(self, numbers: np.ndarray) -> np.ndarray:
        """The chosen windows of these numbers: first those that begin a sequence, then the others."""
        behind = np.maximum(numbers - len(self._counts), 0)
        is_first = numbers < len(self._counts)
        sequences = np.where(
            is_first, np.minimum(numbers, len(self._counts) - 1), np.searchsorted(self._ends, behind, side="right")
        )
        sequences = np.minimum(sequences, len(self._counts) - 1)
        steps = behind - (self._ends - self._later)[sequences]
        within = np.minimum(self._shifts[sequences] + self._stride * steps, self._counts[sequences] - 1)
        return self._firsts[sequences] + np.where(is_first, 0, within)


def num_later(counts: np.ndarray, stride: int) -> np.ndarray:
    """Windows that are chosen of each sequence besides its first."""
    return -(-(counts - 1) // stride)


def num_windows(counts: np.ndarray, stride: int) -> int:
    """Windows of an epoch: the first of each sequence, and later ones ``stride`` apart."""
    return int(len(counts) + num_later(counts, stride).sum())


def permuted(numbers: np.ndarray, count: int, keys: np.ndarray) -> np.ndarray:
    """Where a random permutation of ``count`` numbers takes each of ``numbers``: a Feistel network.

    Its domain is a power of 4; numbers that it takes beyond ``count`` it takes on until they are back.
    """
    half = np.uint64(max(1, (int(count - 1).bit_length() + 1) // 2))
    taken = _round_trip(numbers.astype(np.uint64), half, keys)
    while (outside := taken >= count).any():
        taken[outside] = _round_trip(taken[outside], half, keys)
    return taken.astype(np.int64)


def _round_trip(numbers: np.ndarray, half: np.uint64, keys: np.ndarray) -> np.ndarray:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for key in keys:
        left, right = right, left ^ (_mixed(right ^ key) & mask)
    return (left << half) | right


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Numbers of which every bit depends on all bits of the given ones (SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
