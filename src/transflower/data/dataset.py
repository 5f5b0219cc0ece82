"""Windows of recordings as tensors.

Shape letters: B windows of a batch, P positions of a window, L frames of one input, N frames of one target, D columns.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from transflower.core.array_file import ArrayFile
from transflower.core.rates import count_frames
from transflower.core.seeds import generator
from transflower.core.spans import Span, StreamSpec
from transflower.data.augmentation.augmenter import Augmenter
from transflower.data.augmentation.draws import Draw
from transflower.data.augmentation.tempo import read_at_tempo
from transflower.data.conventions import DTYPES
from transflower.data.store import Store
from transflower.data.windows import WindowLayout

Batch: TypeAlias = dict[str, dict[str, Tensor]]
"""``{"inputs": {name: [B, L + P - 1, D]}, "targets": {name: [B, N + P - 1, D]}}``; B is absent in a single item.

An input of another rate has ``Span.extended`` frames.
"""


class WindowDataset(Dataset[Batch]):
    """Every window of every sequence, one position apart, read when it is asked for.

    Beside an input with one frame for every k positions they are k positions apart.
    """

    def __init__(
        self,
        store: Store,
        lengths: Mapping[str, int],
        *,
        layout: WindowLayout,
        streams: Mapping[str, StreamSpec],
        features: Mapping[str, Sequence[str]],
        fill: Mapping[str, np.ndarray],
        seed: int = 0,
        augmenter: Augmenter | None = None,
    ) -> None:
        """Index the windows.

        Args:
            store: where the arrays are.
            lengths: frames of the first output to read of each sequence, and of others as long; each holds a window.
            layout: what a window consists of.
            streams: what the rows of each modality are.
            features: features on disk of each modality, of which a window draws one.
            fill: modality -> row [D] for frames beyond the recording; the outermost row stands in where there is none.
            seed: draws among the features of a modality, and among the alternatives of ``single`` ones.
            augmenter: changes windows at random; None: they stay as they are.
        """
        self.store = store
        self.layout = layout
        self.ids = list(lengths)
        self.lengths = np.array([lengths[one] for one in self.ids], dtype=np.int64)
        self.counts = np.array([layout.count(int(frames)) for frames in self.lengths], dtype=np.int64)
        self._ends = np.cumsum(self.counts)
        self._streams = streams
        self._features = features
        self._fill = fill
        self._seed = seed
        self._augmenter = augmenter

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, window: int) -> Batch:
        """One window, without the batch axis.

        Raises:
            IndexError: no such window.
        """
        if not -len(self) <= window < len(self):
            raise IndexError(f"window {window} of {len(self)}")
        batch = self.batch([window % len(self)])
        return {side: {name: tensor[0] for name, tensor in group.items()} for side, group in batch.items()}

    def batch(self, windows: Sequence[int] | np.ndarray, *, epoch: int = 0) -> Batch:
        """Several windows at once; ``epoch`` varies what is drawn at random."""
        index = np.asarray(windows, dtype=np.int64)
        sequences, positions = self._locate(index)
        sides = {"inputs": self.layout.inputs, "targets": self.layout.targets}
        batch: Batch = {}
        draws = self._draw(index, epoch, sequences, positions)
        for side, spans in sides.items():
            batch[side] = {}
            for name, span in spans.items():
                rows = self._read(name, span, sequences, positions, index, epoch, draws)
                if self._augmenter is not None and span.mode == "sequence":
                    self._augmenter.change(name, rows, draws)
                batch[side][name] = torch.from_numpy(rows)
        return batch

    def place(self, window: int) -> tuple[str, int]:
        """Sequence id and first position of a window."""
        sequences, positions = self._locate(np.array([window]))
        return self.ids[sequences[0]], int(positions[0])

    def _locate(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sequences = np.searchsorted(self._ends, index, side="right")
        within = index - (self._ends - self.counts)[sequences]
        return sequences, within * self.layout.step + self.layout.first_position

    def _read(
        self,
        name: str,
        span: Span,
        sequences: np.ndarray,
        positions: np.ndarray,
        index: np.ndarray,
        epoch: int,
        draws: Sequence[Draw],
    ) -> np.ndarray:
        arrays = [
            self.store.open(self.ids[sequence], self._feature(name, epoch, item))
            for sequence, item in zip(sequences, index.tolist(), strict=True)
        ]
        if span.mode == "single":
            return self._read_single(name, arrays, index, epoch)
        span, stream = span.extended(self.layout.positions), self._streams[name]
        rows = np.empty((len(arrays), span.length, stream.dim), DTYPES[stream.kind])
        if span.mode == "tile":
            for out, array in zip(rows, arrays, strict=True):
                out[:] = array.read(0, 1)
            return rows
        fill = self._fill.get(name)
        origins = (positions * span.rate.numerator // span.rate.denominator).tolist()
        lengths = [count_frames(length, span.rate) for length in self.lengths[sequences].tolist()]
        tempos = [draw.tempo for draw in draws] or [1.0] * len(rows)
        for out, array, frames, origin, tempo in zip(rows, arrays, lengths, origins, tempos, strict=True):
            read = partial(_read_frames, array=array, frames=frames, fill=fill)
            if tempo == 1:
                read(out, origin + span.start)
            else:
                read_at_tempo(out, read, origin=origin, start=span.start, tempo=tempo)
        return rows

    def _draw(self, index: np.ndarray, epoch: int, sequences: np.ndarray, positions: np.ndarray) -> list[Draw]:
        if self._augmenter is None:
            return []
        lengths = self.lengths[sequences].tolist()
        return self._augmenter.draw(index.tolist(), epoch, positions.tolist(), lengths)

    def _feature(self, name: str, epoch: int, item: int) -> str:
        features = self._features[name]
        if len(features) == 1:
            return features[0]
        return features[int(generator(self._seed, "variant", features[0], epoch, item).integers(len(features)))]

    def _read_single(self, name: str, arrays: Sequence[ArrayFile], index: np.ndarray, epoch: int) -> np.ndarray:
        stream, chosen = self._streams[name], []
        for file, item in zip(arrays, index.tolist(), strict=True):
            if len(file.shape) == 3:
                chosen_row = int(generator(self._seed, "alternative", name, epoch, item).integers(len(file)))
                array = file.read(chosen_row, chosen_row + 1)
            else:
                array = file.read()
            chosen.append(array.reshape(-1, stream.dim).astype(DTYPES[stream.kind]))
        return np.stack(chosen)


def _read_frames(out: np.ndarray, start: int, *, array: ArrayFile, frames: int, fill: np.ndarray | None) -> None:
    """Read the frames from ``start`` on; those beyond the first ``frames`` of the recording are filled."""
    if start >= 0 and start + len(out) <= frames:
        array.read_into(out, start)
    else:
        _read_beyond(out, array, frames, start, fill)


def _read_beyond(out: np.ndarray, array: ArrayFile, frames: int, start: int, fill: np.ndarray | None) -> None:
    """Read the frames from ``start`` on that exist, of the first ``frames``, and fill the others."""
    stop = start + len(out)
    before, after = min(max(-start, 0), len(out)), min(max(stop - frames, 0), len(out))
    if before + after < len(out):
        array.read_into(out[before : len(out) - after], max(start, 0))
    if before:
        out[:before] = array.read(0, 1)[0] if fill is None else fill
    if after:
        out[len(out) - after :] = array.read(frames - 1, frames)[0] if fill is None else fill
