"""A model that dances: it goes from position to position, and reads again what it has drawn.

Frame k of a dance shows the moment k / fps of its song. What was danced before, the seed, ends with frame -1.

Shape letters: B dancers, n newly known frames, S frames of a seed, D columns on disk.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError, OptionsError
from transflower.data.reading import DTYPES
from transflower.generation.fitting import conditions, fit_seeds
from transflower.generation.timeline import Timeline
from transflower.models import Model
from transflower.models.encoders import FrameBuffer
from transflower.nn.noise import NoiseSource
from transflower.nn.state import prefixed, under

_SILENT_BLOCK = 64
"""Frames of silence that are given at a time once a song has ended: encoders work in blocks."""


class Stage:
    """Takes what is given from frame 0 on, and draws a position after the other, for several dancers at once.

    However long it dances, it holds no more than the model still reads.
    """

    def __init__(
        self,
        model: Model,
        *,
        dancers: int = 1,
        seed: int = 0,
        temperature: float = 1.0,
        reach: int | None = None,
        seeds: Mapping[str, np.ndarray] | None = None,
        fill: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Go on stage.

        Args:
            model: what dances, in evaluation mode.
            dancers: B, none of whom depends on the others.
            seed: of all randomness.
            temperature: 1 draws from the model's distribution, less is calmer, 0 gives the most central frames.
            reach: frames of the music after a position that are waited for and seen; by default all that the model
                was trained for, 0 to react at once.
            seeds: output -> ``[S, D]``, what was danced before frame 0, of any length.
            fill: modality -> row ``[D]`` that stands before and after what is known; by default the mean over the
                training split for outputs (of classes, that none is known), and the outermost row for what is given.

        Raises:
            ModelError: seeds that do not fit the model, or a reach that it was not built for.
            OptionsError: a number that is out of range.
        """
        if dancers < 1:
            raise OptionsError(f"a stage needs at least 1 dancer, got {dancers}")
        self.temperature = check_temperature(temperature)
        self._model, self._dancers, self._fill = model, dancers, dict(fill or {})
        self._targets = model.config.target_spans
        self._device = next(model.parameters()).device
        self._stream = model.stream(dancers, reach=reach)
        self._noise = NoiseSource(seed, dancers)
        seeds = fit_seeds(model, seeds or {})
        # An output that lies behind its position is drawn for frame 0 at a position before 0.
        self._first_drawn = -max(span.start for span in self._targets.values())
        self._first = self._position = self._first_drawn - self._warm_up(seeds)
        timed = {name: model.streams[name].mode == "sequence" for name in conditions(model)}
        self._given = {name: 0 for name, is_timed in timed.items() if is_timed}
        self._timeless = {name: 0 for name, is_timed in timed.items() if not is_timed}
        self._latest: dict[str, Tensor] = {}
        self._has_ended = False
        self._lines = {name: self._known_line(name, seeds) for name in self._targets if name in model.spans}
        self._push_own()

    @property
    def position(self) -> int:
        """The position that comes next."""
        return self._position

    @property
    def dancers(self) -> int:
        """B."""
        return self._dancers

    @property
    def num_given(self) -> int | None:
        """Frames of the song that are known so far; None where the model is given nothing that has time."""
        return min(self._given.values(), default=None)

    @property
    def is_ready(self) -> bool:
        """Whether all that the next position reads is known."""
        return self._has_ended or self._stream.is_ready

    def last_position(self, frames: int) -> int:
        """The position at which the last output of the first ``frames`` is drawn."""
        return frames - 1 - min(span.start for span in self._targets.values())

    def give(self, name: str, rows: np.ndarray) -> None:
        """Take the next frames ``[n, D]`` of what is given, the first of which is frame 0; what has no time, whole."""
        if self._has_ended:
            raise ModelError(f"the song has ended, {name!r} cannot go on")
        if name in self._timeless:
            self._push(name, self._tensor(rows))
            self._timeless[name] += 1
        elif len(rows):
            self._latest[name] = self._tensor(rows[-1:])
            self._push(name, self._read_of(name, rows))
            self._given[name] += len(rows)

    def end(self) -> None:
        """Nothing more is given: from now on there is silence."""
        missing = [name for name, count in (self._given | self._timeless).items() if not count]
        if missing:
            raise ModelError(f"the song has ended before its first frame of {', '.join(missing)}")
        self._has_ended = True

    @torch.inference_mode()
    def advance(self) -> dict[str, Shaped[Tensor, "B D"]]:
        """Draw the next position: the next frame of each output, as on disk; nothing where it lies before frame 0.

        Raises:
            ModelError: what it reads has not been given, or what it drew is not finite.
        """
        while self._has_ended and not self._stream.is_ready:
            self._give_silence()
        drawn = {}
        if self._position < self._first_drawn:
            self._stream.skip()
        else:
            for name, frames in self._stream.step(self._noise, temperature=self.temperature).items():
                frame, row = self._position + self._targets[name].start, frames[:, 0]
                _check_drawn(row, name, frame, self.temperature)
                if frame >= 0:
                    drawn[name] = row
        for name, line in self._lines.items():
            if name in drawn:
                line.append(drawn[name].unsqueeze(1))
        self._position += 1
        self._push_own()
        return drawn

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("stream.", self._stream.state_dict()) | prefixed("noise.", self._noise.state_dict())
        for name, line in self._lines.items():
            state |= prefixed(f"line.{name}.", line.state_dict())
        state |= {f"given.{name}": torch.tensor(count) for name, count in (self._given | self._timeless).items()}
        state |= prefixed("latest.", self._latest)
        return state | {
            "first": torch.tensor(self._first),
            "position": torch.tensor(self._position),
            "has_ended": torch.tensor(self._has_ended),
            "temperature": torch.tensor(self.temperature, dtype=torch.float64),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken, by a stage of the same model, dancers and reach.

        Raises:
            ModelError: the state is of another kind of stage.
        """
        self._stream.load_state_dict(under("stream.", state))
        self._noise.load_state_dict(under("noise.", state))
        for name, line in self._lines.items():
            line.load_state_dict(under(f"line.{name}.", state))
        self._given = {name: int(state[f"given.{name}"]) for name in self._given}
        self._timeless = {name: int(state[f"given.{name}"]) for name in self._timeless}
        self._latest = under("latest.", state)
        self._first, self._position = int(state["first"]), int(state["position"])
        self._has_ended = bool(state["has_ended"])
        self.temperature = float(state["temperature"])

    def _warm_up(self, seeds: Mapping[str, np.ndarray]) -> int:
        """Known positions before the first drawn one: as many as the encoder gains from, and the seed allows."""
        # A position is known where all that it reads of the seed is.
        known = [len(rows) + self._model.spans[name].start + self._first_drawn for name, rows in seeds.items()]
        return max(0, min(self._model.history, max(known, default=0)))

    def _first_read(self, name: str) -> int:
        """The first frame of an input that any position reads."""
        return self._first + self._model.spans[name].start

    def _known_line(self, name: str, seeds: Mapping[str, np.ndarray]) -> FrameBuffer:
        """What was danced from the first frame that is read to frame -1; row 0 of the line is that first frame."""
        rest = self._fill[name] if name in self._fill else self._model.scaling(name).rest.cpu().numpy()
        row = np.asarray(rest, DTYPES[self._model.streams[name].kind])
        known = seeds.get(name, row[None])
        frames = range(self._first_read(name), 0)
        line = FrameBuffer()
        before = Timeline(frames, known, first=-len(known), fill=row, dancers=self._dancers, device=self._device)
        line.append(before.rows)
        return line

    def _push_own(self) -> None:
        """Push of the dancers' own frames what the next position reads."""
        for name, line in self._lines.items():
            stop = self._position + self._model.spans[name].stop - self._first_read(name)
            self._stream.push(name, line.read(range(line.frames.start, stop)))
            line.forget(before=stop)

    def _read_of(self, name: str, rows: np.ndarray) -> Tensor:
        """What is read of the next rows; of the first ones, after what lies before frame 0."""
        first_read, known = self._first_read(name), self._given[name]
        if known or first_read > 0:
            return self._tensor(rows[max(0, first_read - known) :])
        return Timeline(range(first_read, len(rows)), rows, fill=self._fill.get(name), device=self._device).rows

    def _give_silence(self) -> None:
        for name in self._given:
            row = self._latest[name]
            if name in self._fill:
                row = self._tensor(self._fill[name][None]).to(row)
            self._push(name, row.expand(-1, _SILENT_BLOCK, -1))

    def _tensor(self, rows: np.ndarray) -> Shaped[Tensor, "1 n D"]:
        """A copy: files that are mapped into memory cannot be written to."""
        return torch.tensor(rows, device=self._device)[None]

    def _push(self, name: str, rows: Tensor) -> None:
        self._stream.push(name, rows.expand(self._dancers, -1, -1))


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
        dancer = int((~torch.isfinite(row)).any(dim=-1).nonzero()[0])
        raise ModelError(
            f"{name!r} of dancer {dancer} is not finite in frame {frame}; "
            f"give a temperature below {temperature:g}, or a model that was trained longer"
        )
