"""The frames of outputs that are known before anything is drawn: a prompt, and the mean before that.

Shape letters: B rows of a batch, S frames of a prompt, n frames, D columns on disk.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.spans import alignment
from transflower.data.conventions import DTYPES
from transflower.generation.conditions import rows_at
from transflower.models.sequence_model import SequenceModel


@dataclass
class KnownFrames:
    """What a model reads of its outputs before frame 0, for each row; it is taken from front to back."""

    first_position: int
    """The position that the model starts from; it gains from those before the first drawn one."""
    first_drawn: int
    """The position that is drawn first."""
    batch_size: int
    """B."""
    _frames: dict[str, Shaped[Tensor, "B n D"]] = field(default_factory=dict)
    """Of each output that is an input too: frames -n to -1, which are not taken yet."""
    given: dict[str, range] = field(default_factory=dict)
    """Output -> the positions whose frames of a prompt its head goes through, for what it remembers of them."""

    @property
    def names(self) -> list[str]:
        """The outputs that are inputs too."""
        return list(self._frames)

    @property
    def start(self) -> Hashable:
        """What rows of one batch have in common: where they begin, and the positions that are given."""
        return self.first_position, tuple(sorted((name, found.start) for name, found in self.given.items()))

    def read(self, name: str, frames: range) -> Shaped[Tensor, "B n D"]:
        """Frames that are not taken yet; from frame 0 on the last one is repeated."""
        rows = self._frames[name]
        wanted = torch.arange(frames.start, frames.stop).clamp(max=-1) + rows.shape[1]
        return rows[:, wanted]

    def take(self, name: str, *, until: int) -> Shaped[Tensor, "B n D"] | None:
        """The frames not taken yet that lie before frame ``until``; None if there are none."""
        frames = self._frames[name]
        count = frames.shape[1] + min(0, until)
        if count <= 0:
            return None
        self._frames[name] = frames[:, count:]
        return frames[:, :count]

    def repeated(self, times: int) -> "KnownFrames":
        """The same for so many rows in place of each."""
        frames = {name: rows.repeat_interleave(times, dim=0) for name, rows in self._frames.items()}
        return replace(self, batch_size=self.batch_size * times, _frames=frames)

    def state_dict(self) -> dict[str, Tensor]:
        """What is not taken yet, as named tensors."""
        state = {"first_position": torch.tensor(self.first_position)}
        for name, positions in self.given.items():
            state |= {
                f"given.{name}": torch.tensor(positions.start),
                f"given_until.{name}": torch.tensor(positions.stop),
            }
        return state | {f"frames.{name}": frames.clone() for name, frames in self._frames.items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        self.first_position = int(state["first_position"])
        self._frames = {name: state[f"frames.{name}"].clone() for name in self._frames}
        names = [name for name in self._frames if f"given.{name}" in state]
        self.given = {name: range(int(state[f"given.{name}"]), int(state[f"given_until.{name}"])) for name in names}


def known_frames(model: SequenceModel, prompt: Mapping[str, np.ndarray], fill: Mapping[str, np.ndarray]) -> KnownFrames:
    """What a model reads before frame 0, for one row.

    Args:
        model: what will draw.
        prompt: output -> ``[S, D]``, the last frames before frame 0, of any length.
        fill: output -> row ``[D]`` of all frames before those; by default the mean (of classes, that none is known).
    """
    # An output that lies behind its position is drawn for frame 0 at a position before 0.
    first_drawn = -max(span.start for span in model.config.target_spans.values())
    # A position counts as known where all that it reads of the longest prompt is.
    positions = [len(rows) + model.spans[name].start + first_drawn for name, rows in prompt.items()]
    warm_up = max([model.history, *(model.state_positions(name) for name in prompt)])
    first = first_drawn - max(0, min(warm_up, max(positions, default=0)))
    # The first position begins a frame of every input, as the first one of a window in training does.
    step = alignment(model.spans.values())
    first += -first % step
    first -= step if first > first_drawn else 0
    frames = {
        name: torch.from_numpy(_before_zero(model, name, first + model.spans[name].start, prompt.get(name), fill))[None]
        for name in model.config.outputs
        if name in model.spans
    }
    given = {name: _given(model, name, len(rows), first) for name, rows in prompt.items()}
    return KnownFrames(
        first, first_drawn, 1, frames, {name: positions for name, positions in given.items() if positions}
    )


def stack_known(parts: Sequence[KnownFrames]) -> KnownFrames:
    """The rows of all ``parts``, which begin at the same position."""
    if len({part.start for part in parts}) > 1:
        raise ModelError("rows of one batch must begin at the same position: give prompts of the same length")
    first = parts[0]
    frames = {name: torch.cat([part._frames[name] for part in parts]) for name in first.names}
    return replace(first, batch_size=sum(part.batch_size for part in parts), _frames=frames)


def _given(model: SequenceModel, name: str, num_frames: int, first: int) -> range:
    """The positions from ``first`` on whose frames, and all that they read of the output, are in its prompt."""
    span, target = model.spans[name], model.config.target_spans[name]
    if not model.has_time(name) or span.stop > target.start:
        return range(0)
    return range(max(first, -num_frames - span.start, -target.start - model.state_positions(name)), -target.start)


def _before_zero(
    model: SequenceModel, name: str, first: int, prompt: np.ndarray | None, fill: Mapping[str, np.ndarray]
) -> Shaped[np.ndarray, "n D"]:
    """Frames ``first`` to -1 of an output."""
    rest = fill[name] if name in fill else model.scaling(name).rest.cpu().numpy()
    row = np.asarray(rest, DTYPES[model.streams[name].kind])
    known = row[None] if prompt is None else prompt
    return rows_at(range(min(0, first), 0), known, first=-len(known), fill=row)
