"""The engine under all generation: it goes from position to position, and reads again what it has drawn.

Frame k shows the moment k / fps of what is given. The prompt ends with frame -1.

Shape letters: B rows of a batch, n newly known frames, S frames of a prompt, D columns on disk.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError, OptionsError
from transflower.data.conventions import DTYPES
from transflower.generation.conditions import fit_prompt, rows_at
from transflower.generation.options import SamplingOptions
from transflower.models.encoders import FrameBuffer
from transflower.models.sequence_model import SequenceModel
from transflower.nn.noise import NoiseSource
from transflower.nn.state import prefixed, under

_SILENT_BLOCK = 64
"""Frames of silence that are pushed at a time once the inputs have ended: encoders work in blocks."""


class Engine:
    """Takes conditions from frame 0 on, and draws one position after the other, for several rows at once.

    However long it runs, it holds no more than the model still reads.
    """

    def __init__(
        self,
        model: SequenceModel,
        *,
        batch_size: int = 1,
        options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
        prompt: Mapping[str, np.ndarray] | None = None,
        fill: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Prepare the first position.

        Args:
            model: what draws, in evaluation mode.
            batch_size: B, rows none of which depends on the others.
            options: how frames are drawn.
            prompt: output -> ``[S, D]``, the frames before frame 0, of any length.
            fill: modality -> row ``[D]`` that stands before and after what is known; by default the mean over the
                training split for outputs (of classes, that none is known), and the outermost row for conditions.

        Raises:
            ModelError: a prompt that does not fit the model, or a lookahead that it was not built for.
            OptionsError: a number that is out of range.
        """
        if batch_size < 1:
            raise OptionsError(f"at least 1 sample can be drawn, got {batch_size}")
        self.temperature = check_temperature(options.temperature)
        self._model, self._batch_size, self._fill = model, batch_size, dict(fill or {})
        self._targets = model.config.target_spans
        self._device = model.device
        self._stream = model.stream(batch_size, lookahead=options.lookahead)
        self._noise = NoiseSource(options.seed, batch_size)
        prompt = fit_prompt(model, prompt or {})
        # An output that lies behind its position is drawn for frame 0 at a position before 0.
        self._first_drawn = -max(span.start for span in self._targets.values())
        self._first = self._position = self._first_drawn - self._warm_up(prompt)
        timed = {name: model.streams[name].mode == "sequence" for name in model.conditions}
        self._num_pushed = {name: 0 for name, is_timed in timed.items() if is_timed}
        self._timeless = {name: 0 for name, is_timed in timed.items() if not is_timed}
        self._latest: dict[str, Tensor] = {}
        self._has_ended = False
        self._buffers = {name: self._known_frames(name, prompt) for name in self._targets if name in model.spans}
        self._push_own()

    @property
    def position(self) -> int:
        """The position that comes next."""
        return self._position

    @property
    def batch_size(self) -> int:
        """B."""
        return self._batch_size

    @property
    def num_pushed(self) -> int | None:
        """Frames of which every condition is known so far; None where no condition has time."""
        return min(self._num_pushed.values(), default=None)

    @property
    def is_ready(self) -> bool:
        """Whether all that the next position reads is known."""
        return self._has_ended or self._stream.is_ready

    def last_position(self, num_frames: int) -> int:
        """The position at which the last output of the first ``num_frames`` is drawn."""
        return num_frames - 1 - min(span.start for span in self._targets.values())

    def push(self, name: str, rows: np.ndarray) -> None:
        """Take the next frames ``[n, D]`` of a condition, the first of which is frame 0; what has no time, whole."""
        if self._has_ended:
            raise ModelError(f"the inputs have ended, {name!r} cannot go on")
        if name in self._timeless:
            self._push(name, self._tensor(rows))
            self._timeless[name] += 1
        elif len(rows):
            self._latest[name] = self._tensor(rows[-1:])
            self._push(name, self._frames_read(name, rows))
            self._num_pushed[name] += len(rows)

    def end(self) -> None:
        """Nothing more is pushed: from now on there is silence."""
        missing = [name for name, count in (self._num_pushed | self._timeless).items() if not count]
        if missing:
            raise ModelError(f"the inputs have ended before the first frame of {', '.join(missing)}")
        self._has_ended = True

    @torch.inference_mode()
    def step(self) -> dict[str, Shaped[Tensor, "B D"]]:
        """Draw the next position: the next frame of each output, as on disk; nothing where it lies before frame 0.

        Raises:
            ModelError: what it reads has not been pushed, or what it drew is not finite.
        """
        while self._has_ended and not self._stream.is_ready:
            self._push_silence()
        drawn = {}
        if self._position < self._first_drawn:
            self._stream.skip()
        else:
            for name, frames in self._stream.step(self._noise, temperature=self.temperature).items():
                frame, row = self._position + self._targets[name].start, frames[:, 0]
                _check_drawn(row, name, frame, self.temperature)
                if frame >= 0:
                    drawn[name] = row
        for name, buffer in self._buffers.items():
            if name in drawn:
                buffer.append(drawn[name].unsqueeze(1))
        self._position += 1
        self._push_own()
        return drawn

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("stream.", self._stream.state_dict()) | prefixed("noise.", self._noise.state_dict())
        for name, buffer in self._buffers.items():
            state |= prefixed(f"buffer.{name}.", buffer.state_dict())
        counts = self._num_pushed | self._timeless
        state |= {f"num_pushed.{name}": torch.tensor(count) for name, count in counts.items()}
        state |= prefixed("latest.", self._latest)
        return state | {
            "first": torch.tensor(self._first),
            "position": torch.tensor(self._position),
            "has_ended": torch.tensor(self._has_ended),
            "temperature": torch.tensor(self.temperature, dtype=torch.float64),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken, by an engine of the same model, batch size and lookahead.

        Raises:
            ModelError: the state is of another kind of engine.
        """
        self._stream.load_state_dict(under("stream.", state))
        self._noise.load_state_dict(under("noise.", state))
        for name, buffer in self._buffers.items():
            buffer.load_state_dict(under(f"buffer.{name}.", state))
        self._num_pushed = {name: int(state[f"num_pushed.{name}"]) for name in self._num_pushed}
        self._timeless = {name: int(state[f"num_pushed.{name}"]) for name in self._timeless}
        self._latest = under("latest.", state)
        self._first, self._position = int(state["first"]), int(state["position"])
        self._has_ended = bool(state["has_ended"])
        self.temperature = float(state["temperature"])

    def _warm_up(self, prompt: Mapping[str, np.ndarray]) -> int:
        """Known positions before the first drawn one: as many as the encoder gains from, and the prompt allows."""
        # A position is known where all that it reads of the prompt is.
        known = [len(rows) + self._model.spans[name].start + self._first_drawn for name, rows in prompt.items()]
        return max(0, min(self._model.history, max(known, default=0)))

    def _first_read(self, name: str) -> int:
        """The first frame of an input that any position reads."""
        return self._first + self._model.spans[name].start

    def _known_frames(self, name: str, prompt: Mapping[str, np.ndarray]) -> FrameBuffer:
        """An output from the first frame that is read, which is row 0, to frame -1."""
        rest = self._fill[name] if name in self._fill else self._model.scaling(name).rest.cpu().numpy()
        row = np.asarray(rest, DTYPES[self._model.streams[name].kind])
        known = prompt.get(name, row[None])
        before = rows_at(range(self._first_read(name), 0), known, first=-len(known), fill=row)
        buffer = FrameBuffer()
        buffer.append(self._tensor(before).repeat(self._batch_size, 1, 1))
        return buffer

    def _push_own(self) -> None:
        """Push of the drawn frames what the next position reads."""
        for name, buffer in self._buffers.items():
            stop = self._position + self._model.spans[name].stop - self._first_read(name)
            self._stream.push(name, buffer.read(range(buffer.frames.start, stop)))
            buffer.forget(before=stop)

    def _frames_read(self, name: str, rows: np.ndarray) -> Tensor:
        """What is read of the next rows; of the first ones, after what lies before frame 0."""
        first_read, known = self._first_read(name), self._num_pushed[name]
        if known or first_read > 0:
            return self._tensor(rows[max(0, first_read - known) :])
        return self._tensor(rows_at(range(first_read, len(rows)), rows, first=0, fill=self._fill.get(name)))

    def _push_silence(self) -> None:
        for name in self._num_pushed:
            row = self._latest[name]
            if name in self._fill:
                row = self._tensor(self._fill[name][None]).to(row)
            self._push(name, row.expand(-1, _SILENT_BLOCK, -1))

    def _tensor(self, rows: np.ndarray) -> Shaped[Tensor, "1 n D"]:
        """A copy: files that are mapped into memory cannot be written to."""
        return torch.tensor(rows, device=self._device)[None]

    def _push(self, name: str, rows: Tensor) -> None:
        self._stream.push(name, rows.expand(self._batch_size, -1, -1))


def check_temperature(temperature: float) -> float:
    """The temperature, if it is one.

    Raises:
        OptionsError: it is negative or not finite.
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise OptionsError(f"temperature must be a number from 0 on, got {temperature}")
    return temperature


def _check_drawn(row: Tensor, name: str, frame: int, temperature: float) -> None:
    if not bool(torch.isfinite(row).all()):
        sample = int((~torch.isfinite(row)).any(dim=-1).nonzero()[0])
        raise ModelError(
            f"{name!r} of sample {sample} is not finite in frame {frame}; "
            f"give a temperature below {temperature:g}, or a model that was trained longer"
        )
