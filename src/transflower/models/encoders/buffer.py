"""What a stream of inputs still needs of what was pushed.

Shape letters: B batch, n newly arrived frames, L frames of one span, D columns.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.rates import frame_of
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.inputs import check_rows
from transflower.nn.state import under


class FrameBuffer:
    """Frames in order, from the first that is still needed.

    They lie in an array with as much room again behind them; when it is full, what is still needed moves into a new
    one. So a frame costs O(1) copies, and what is read is always one contiguous view.

    Example:
        >>> buffer = FrameBuffer()
        >>> buffer.append(torch.arange(5.0).reshape(1, 5, 1))
        >>> buffer.forget(before=3)
        >>> buffer.frames, buffer.read(range(3, 5)).flatten().tolist()
        (range(3, 5), [3.0, 4.0])
    """

    def __init__(self) -> None:
        self.frames = range(0)
        """The frames that are held."""
        self._array: Tensor | None = None
        self._first_slot = 0

    def append(self, frames: Shaped[Tensor, "B n D"]) -> None:
        """Add the next frames."""
        count = frames.shape[1]
        slot = self._first_slot + len(self.frames)
        if self._array is None or slot + count > self._array.shape[1]:
            slot = len(self.frames)
            array = frames.new_empty(len(frames), 2 * (slot + count), frames.shape[2])
            if self._array is not None:
                array[:, :slot] = self.read(self.frames)
            self._array, self._first_slot = array, 0
        self._array[:, slot : slot + count] = frames
        self.frames = range(self.frames.start, self.frames.stop + count)

    def read(self, frames: range) -> Shaped[Tensor, "B n D"]:
        """A view of ``frames``, which must be held."""
        assert self._array is not None, "nothing was appended yet"
        assert self.frames.start <= frames.start <= frames.stop <= self.frames.stop, "frames are not held"
        start = self._first_slot + frames.start - self.frames.start
        return self._array[:, start : start + len(frames)]

    def forget(self, *, before: int) -> None:
        """Let go of the frames before ``before``."""
        kept = range(min(max(before, self.frames.start), self.frames.stop), self.frames.stop)
        self._first_slot += kept.start - self.frames.start
        self.frames = kept

    def state_dict(self) -> dict[str, Tensor]:
        """The held frames, as tensors, and where they lie."""
        if self._array is None:
            return {}
        numbers = {"first": self.frames.start, "slot": self._first_slot, "capacity": self._array.shape[1]}
        return {"rows": self.read(self.frames).clone()} | {
            name: torch.tensor(number) for name, number in numbers.items()
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Hold exactly the frames of ``state``.

        They lie where they lay: matrix products round by the alignment of what they read.
        """
        self.frames, self._array, self._first_slot = range(0), None, 0
        if state:
            rows, first, self._first_slot = state["rows"], int(state["first"]), int(state["slot"])
            self._array = rows.new_zeros(len(rows), int(state["capacity"]), rows.shape[2])
            self.frames = range(first, first)
            self.append(rows)


class InputBuffers:
    """Frames of time-synced inputs from the next position on; of the others their rows.

    Of a ``tile`` input the row pushed last counts, whenever it came.
    """

    def __init__(self, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], batch_size: int) -> None:
        self.position = 0
        """The position that comes next."""
        self._streams, self._spans = streams, spans
        self._batch_size = batch_size
        self._frames = {name: FrameBuffer() for name, span in spans.items() if span.mode == "sequence"}
        self._rows: dict[str, Tensor] = {}

    @torch.no_grad()
    def push(self, name: str, rows: Tensor) -> None:
        """Take rows ``[B, n, D]`` of an input.

        Raises:
            ModelError: no such input, or rows of another shape.
        """
        self._check(name, rows)
        if name in self._frames:
            self._frames[name].append(rows)
        elif self._spans[name].mode == "single":
            self._rows[name] = rows.clone()
        elif rows.shape[1]:
            self._rows[name] = rows[:, -1:].clone()

    @property
    def is_ready(self) -> bool:
        """Whether everything that the next position needs has arrived."""
        return all(self._lacking(name) <= 0 if name in self._frames else name in self._rows for name in self._spans)

    def check_ready(self) -> None:
        """Refuse a position whose frames have not all arrived.

        Raises:
            ModelError: naming the input and what it lacks.
        """
        for name in self._spans:
            if name not in self._frames:
                if name not in self._rows:
                    raise ModelError(f"input {name!r} has not been pushed; push it before the first step")
                continue
            lacking = self._lacking(name)
            if lacking > 0:
                raise ModelError(
                    f"position {self.position} needs {lacking} more frames of input {name!r}; push them first"
                )

    def window(self, name: str) -> Shaped[Tensor, "B L D"]:
        """What the next position needs of an input; it must have arrived."""
        length = self._spans[name].length
        if name in self._frames:
            start = self._first_frame(name)
            return self.read(name, range(start, start + length))
        return self._rows[name].expand(-1, length, -1)

    def read(self, name: str, frames: range) -> Shaped[Tensor, "B n D"]:
        """Frames of a time-synced input, not before the next position."""
        return self._frames[name].read(frames)

    def num_pushed(self, name: str) -> int:
        """Frames of a time-synced input that have arrived so far."""
        return self._frames[name].frames.stop

    def advance(self) -> None:
        """Go on to the position after."""
        self.position += 1
        for name, buffer in self._frames.items():
            buffer.forget(before=self._first_frame(name))

    def state_dict(self) -> dict[str, Tensor]:
        """Everything held, as named tensors."""
        state = {"position": torch.tensor(self.position)}
        for name, buffer in self._frames.items():
            state |= {f"{name}.{part}": value for part, value in buffer.state_dict().items()}
        return state | {f"{name}.rows": rows.clone() for name, rows in self._rows.items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken.

        Raises:
            ModelError: the state is of other inputs, or of another batch size.
        """
        rows = {name.removesuffix(".rows"): value for name, value in state.items() if name.endswith(".rows")}
        for name, value in rows.items():
            self._check(name, value)
        self.position = int(state["position"])
        self._rows = {name: value.clone() for name, value in rows.items() if name not in self._frames}
        for name, buffer in self._frames.items():
            buffer.load_state_dict(under(f"{name}.", state))

    def _lacking(self, name: str) -> int:
        """Frames of a time-synced input that the next position needs and that have not arrived."""
        return self._first_frame(name) + self._spans[name].length - self._frames[name].frames.stop

    def _first_frame(self, name: str) -> int:
        """The first frame of a time-synced input that the next position needs."""
        return frame_of(self.position, self._spans[name].rate)

    def _check(self, name: str, rows: Tensor) -> None:
        if name not in self._spans:
            raise ModelError(f"the encoder has no input {name!r}; it reads {', '.join(map(repr, self._spans))}")
        # A held tile is one row, a held single input is whole: what is restored is checked like what is pushed.
        check_rows(name, self._streams[name], self._spans[name], rows)
        if len(rows) != self._batch_size:
            raise ModelError(
                f"input {name!r} has a batch of {len(rows)}, the stream was started for {self._batch_size}"
            )
