"""The engine under all generation: it goes from position to position, and reads again what it has drawn.

Frame k of the outputs shows the moment k / fps of what is given, which is the frame of position k of a condition at
another rate (``core.rates``). The prompt ends with frame -1.

Shape letters: B rows of a batch, n newly known frames, S frames of a prompt, D columns on disk.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError, OptionsError
from transflower.core.rates import count_frames, count_positions, frame_of
from transflower.core.spans import alignment
from transflower.generation.conditions import rows_at
from transflower.generation.known import KnownFrames
from transflower.generation.options import SamplingOptions
from transflower.models.sequence_model import SequenceModel
from transflower.nn.noise import NoiseSource
from transflower.nn.state import prefixed, under

_SILENT_BLOCK = 64
"""Positions of silence that are pushed at a time once the inputs have ended: encoders work in blocks."""


class Engine:
    """Takes conditions from their frame 0 on, and draws one position after the other, for several rows at once.

    However long it runs, it holds no more than was pushed and the model still reads.
    """

    def __init__(
        self,
        model: SequenceModel,
        known: KnownFrames,
        *,
        options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
        seeds: Sequence[int] | None = None,
        indices: Sequence[int] | None = None,
        num_frames: Sequence[int] | None = None,
        fill: Mapping[str, np.ndarray] | None = None,
        past: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Prepare the first position.

        Args:
            model: what draws, in evaluation mode.
            known: what comes before frame 0, for each of B rows, none of which depends on the others.
            options: how frames are drawn.
            seeds: of each row; by default that of the options for all.
            indices: number of each row among those of one seed; by default 0 to B - 1. Seed, index and conditions of a
                row are all that its frames depend on.
            num_frames: of each row, after which its frames may be anything; by default never.
            fill: condition -> row ``[D]`` that stands before and after what is known; by default the outermost one.
            past: condition -> its last frames before frame 0, ``[n, D]`` or ``[B, n, D]`` as what is pushed; by default
                none is known.

        Raises:
            ModelError: the model was not built for these options.
            OptionsError: a number that is out of range.
        """
        self.temperature = check_temperature(options.temperature)
        self._use_frames = _check_use_frames(model, options.use_frames)
        self._model, self._known, self._fill = model, known, dict(fill or {})
        self._past = dict(past or {})
        self._targets = model.config.target_spans
        self._stream = model.stream(known.batch_size, lookahead=options.lookahead, options=options.head)
        self._indices = range(known.batch_size) if indices is None else indices
        self._num_frames = num_frames
        self._noise = NoiseSource(options.seed if seeds is None else seeds, self._indices)
        self._position = known.first_position
        timed = {name: model.has_time(name) for name in model.conditions}
        self._num_pushed = {name: 0 for name, is_timed in timed.items() if is_timed}
        self._timeless = {name: 0 for name, is_timed in timed.items() if not is_timed}
        self._latest: dict[str, Tensor] = {}
        self._has_ended = False
        self._push_known()

    @property
    def position(self) -> int:
        """The position that comes next."""
        return self._position

    @property
    def batch_size(self) -> int:
        """B."""
        return self._known.batch_size

    @property
    def num_pushed(self) -> int | None:
        """Positions of which every condition is known so far; None where no condition has time."""
        known = (count_positions(count, self._rate(name)) for name, count in self._num_pushed.items())
        return min(known, default=None)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is pushed."""
        return self._has_ended

    @property
    def is_ready(self) -> bool:
        """Whether all that the next position reads is known."""
        return self._has_ended or self._stream.is_ready

    def last_position(self, num_frames: int) -> int:
        """The position at which the last output of the first ``num_frames`` is drawn."""
        return num_frames - 1 - min(span.start for span in self._targets.values())

    def push(self, name: str, rows: np.ndarray) -> None:
        """Take the next frames of a condition, the first of which is frame 0; what has no time, whole.

        Args:
            name: the condition.
            rows: ``[n, D]`` for all rows of the batch, or ``[B, n, D]``.
        """
        if self._has_ended:
            raise ModelError(f"the inputs have ended, {name!r} cannot go on")
        if name in self._timeless:
            self._push(name, self._tensor(rows))
            self._timeless[name] += 1
        elif rows.shape[-2]:
            self._latest[name] = self._tensor(rows[..., -1:, :])
            self._push(name, self._frames_read(name, rows))
            self._num_pushed[name] += rows.shape[-2]

    def end(self) -> None:
        """Nothing more is pushed: from now on there is silence."""
        missing = [name for name, count in (self._num_pushed | self._timeless).items() if not count]
        if missing:
            raise ModelError(f"the inputs have ended before the first frame of {', '.join(missing)}")
        self._has_ended = True

    @torch.inference_mode()
    def step(self) -> dict[str, Shaped[Tensor, "B n D"]]:
        """Go past the next position: the next frames of each output, as on disk, none where they are known already.

        Raises:
            ModelError: what it reads has not been pushed, or what it drew is not finite.
        """
        while self._has_ended and not self._stream.is_ready:
            self._push_silence()
        drawn, given = {}, self._given()
        if self._is_drawn(self._position):
            for name, frames in self._stream.step(self._noise, temperature=self.temperature, given=given).items():
                first = self._position + self._targets[name].start
                # What an output ahead of others draws for frames before 0 is known, and not used.
                used = slice(max(0, -first), self._use_frames)
                self._check_finite(frames[:, : self._use_frames], name, first)
                if used.start < used.stop:
                    drawn[name] = frames[:, used]
                    self._read_again(name, used)
        else:
            self._stream.skip(given)
        self._position += 1
        self._push_known()
        return drawn

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("stream.", self._stream.state_dict()) | prefixed("noise.", self._noise.state_dict())
        state |= prefixed("known.", self._known.state_dict())
        counts = self._num_pushed | self._timeless
        state |= {f"num_pushed.{name}": torch.tensor(count) for name, count in counts.items()}
        state |= prefixed("latest.", self._latest)
        return state | {
            "position": torch.tensor(self._position),
            "has_ended": torch.tensor(self._has_ended),
            "temperature": torch.tensor(self.temperature, dtype=torch.float64),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken, by an engine of the same model, batch size and options.

        Raises:
            ModelError: the state is of another kind of engine.
        """
        self._stream.load_state_dict(under("stream.", state))
        self._noise.load_state_dict(under("noise.", state))
        self._known.load_state_dict(under("known.", state))
        self._num_pushed = {name: int(state[f"num_pushed.{name}"]) for name in self._num_pushed}
        self._timeless = {name: int(state[f"num_pushed.{name}"]) for name in self._timeless}
        self._latest = under("latest.", state)
        self._position = int(state["position"])
        self._has_ended = bool(state["has_ended"])
        self.temperature = float(state["temperature"])

    def _is_drawn(self, position: int) -> bool:
        """Whether a prediction is made at a position; at the others all frames are known, or were predicted before."""
        drawn = position - self._known.first_drawn
        return drawn >= 0 and drawn % self._use_frames == 0

    def _given(self) -> dict[str, Shaped[Tensor, "B n D"]]:
        """The frames of the next position that heads take from the prompt, in place of drawn ones."""
        found = {}
        for name, positions in self._known.given.items():
            if self._position in positions:
                target = self._targets[name].shifted(self._position)
                found[name] = self._known.read(name, range(target.start, target.stop)).to(self._model.device)
        return found

    def _check_finite(self, frames: Shaped[Tensor, "B n D"], name: str, first: int) -> None:
        """Refuse frames that are not finite, of rows that still go on; ``first`` is the number of the first frame."""
        if bool(torch.isfinite(frames).all()):
            return
        for row, frame, _ in (~torch.isfinite(frames)).nonzero().tolist():
            if self._num_frames is None or first + frame < self._num_frames[row]:
                raise ModelError(
                    f"{name!r} of sample {self._indices[row]} is not finite in frame {first + frame}; "
                    f"give a temperature below {self.temperature:g}, or a model that was trained longer"
                )

    def _read_again(self, name: str, used: slice) -> None:
        """Push what was drawn as an input, after all that was known before."""
        if name in self._model.spans:
            self._push_prompt(name, until=0)
            self._stream.push_drawn(name, used)

    def _push_known(self) -> None:
        """Push of what is known before frame 0 all that the next position reads."""
        for name in self._known.names:
            self._push_prompt(name, until=self._position + self._model.spans[name].stop)

    def _push_prompt(self, name: str, *, until: int) -> None:
        frames = self._known.take(name, until=until)
        if frames is not None:
            self._stream.push(name, frames.to(self._model.device))

    def _frames_read(self, name: str, rows: np.ndarray) -> Tensor:
        """What is read of the next rows; of the first ones, after what lies before frame 0."""
        first_read = frame_of(self._known.first_position, self._rate(name)) + self._model.spans[name].start
        num_pushed = self._num_pushed[name]
        if num_pushed or first_read > 0:
            return self._tensor(rows[..., max(0, first_read - num_pushed) :, :])
        stop, first = rows.shape[-2], 0
        if name in self._past:
            rows, first = np.concatenate([self._past[name], rows], axis=-2), -self._past[name].shape[-2]
        return self._tensor(rows_at(range(first_read, stop), rows, first=first, fill=self._fill.get(name)))

    def _push_silence(self) -> None:
        step = alignment(self._model.spans.values())
        num_positions = -(-_SILENT_BLOCK // step) * step
        for name in self._num_pushed:
            row = self._latest[name]
            if name in self._fill:
                row = self._tensor(self._fill[name][None]).to(row)
            self._push(name, row.expand(-1, count_frames(num_positions, self._rate(name)), -1))

    def _rate(self, name: str) -> Fraction:
        return self._model.spans[name].rate

    def _tensor(self, rows: np.ndarray) -> Shaped[Tensor, "_ n D"]:
        """A copy: files that are mapped into memory cannot be written to."""
        tensor = torch.tensor(rows, device=self._model.device)
        return tensor if tensor.ndim == 3 else tensor[None]

    def _push(self, name: str, rows: Tensor) -> None:
        self._stream.push(name, rows.expand(self.batch_size, -1, -1))


def check_temperature(temperature: float) -> float:
    """The temperature, if it is one.

    Raises:
        OptionsError: it is negative or not finite.
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise OptionsError(f"temperature must be a number from 0 on, got {temperature}")
    return temperature


def _check_use_frames(model: SequenceModel, use_frames: int) -> int:
    lengths = {name: window.length for name, window in model.config.outputs.items()}
    name = min(lengths, key=lambda one: lengths[one])
    if not 1 <= use_frames <= lengths[name]:
        raise OptionsError(f"the model predicts {lengths[name]} frames of {name!r} at once, use_frames is {use_frames}")
    remembering = [name for name in lengths if model.head(name).init_state(1) is not None]
    if use_frames > 1 and remembering:
        raise OptionsError(f"the head of {remembering[0]!r} remembers its last frame: use_frames must be 1")
    return use_frames
