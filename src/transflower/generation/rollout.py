"""Free running: a model draws frame after frame and reads what it has drawn.

Frame k of a dance shows the moment k / fps of its song. What was danced before, the seed, ends with frame -1.

Shape letters: B dancers, T frames of an input, S frames of a seed, D columns on disk.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import ModelError, OptionsError
from transflower.core.progress import progress
from transflower.generation.fitting import fit_inputs, fit_seeds
from transflower.generation.timeline import Timeline
from transflower.models import Model
from transflower.nn.noise import NoiseSource


def rollout(
    model: Model,
    inputs: Mapping[str, np.ndarray],
    *,
    frames: int,
    seeds: Mapping[str, np.ndarray] | None = None,
    fill: Mapping[str, np.ndarray] | None = None,
    samples: int = 1,
    seed: int = 0,
    temperature: float = 1.0,
    label: str = "dance",
) -> dict[str, np.ndarray]:
    """Draw every output for every frame of a song, for several dancers at once, none of whom depends on the others.

    Args:
        model: what draws.
        inputs: each modality that is read and not drawn, ``[T, D]``, from frame 0 on; others are ignored.
        frames: how many to draw.
        seeds: output -> ``[S, D]``, what was danced before frame 0, of any length.
        fill: modality -> row ``[D]`` that stands before and after what is known; by default the mean over the training
            split for outputs, and the outermost row for what is given.
        samples: B.
        seed: of all randomness.
        temperature: 1 draws from the model's distribution, less is calmer, 0 gives the most central frames.
        label: what the progress bar says.

    Returns:
        Output -> ``[B, frames, D]``, as on disk.

    Raises:
        ModelError: inputs or seeds that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
    """
    _check_numbers(frames=frames, samples=samples, temperature=temperature)
    inputs, seeds = fit_inputs(model, inputs), fit_seeds(model, seeds or {})
    noise = NoiseSource(seed, samples)
    was_training = model.training
    model.eval()
    try:
        run = _Run(model, inputs, frames=frames, seeds=seeds, fill=fill or {}, samples=samples)
        for position in progress(run.positions, label=label, total=len(run.positions), unit="frame"):
            run.advance(position, noise, temperature)
    finally:
        model.train(was_training)
    return run.drawn()


class _Run:
    """The model on stage, and the time line of everything that it draws."""

    def __init__(
        self,
        model: Model,
        given: Mapping[str, np.ndarray],
        *,
        frames: int,
        seeds: Mapping[str, np.ndarray],
        fill: Mapping[str, np.ndarray],
        samples: int,
    ) -> None:
        self._model, self._samples, self._num_frames = model, samples, frames
        self._targets = model.config.target_spans
        self._device = next(model.parameters()).device
        starts = [span.start for span in self._targets.values()]
        # An output that lies behind its position is drawn for frame 0 at a position before 0.
        self._first_drawn = -max(starts)
        self.positions = range(self._first_drawn - self._warm_up(seeds), frames - min(starts))
        self._stream = model.stream(samples)
        for name, rows in given.items():
            self._push_given(name, rows, fill.get(name))
        self._drawn = {name: self._output_line(name, seeds, fill) for name in self._targets}
        self._pushed = {name: self._reach(name).start for name in self._targets if name in model.spans}

    def advance(self, position: int, noise: NoiseSource, temperature: float) -> None:
        """Push what has been danced before a position, and draw its frames unless they are known."""
        for name, start in self._pushed.items():
            stop = position + self._model.spans[name].stop
            self._stream.push(name, self._drawn[name].read(start, stop))
            self._pushed[name] = stop
        if position < self._first_drawn:
            self._stream.skip()
            return
        for name, frames in self._stream.step(noise, temperature=temperature).items():
            frame, row = position + self._targets[name].start, frames[:, 0]
            _check_drawn(row, name, frame, temperature)
            if frame >= 0:
                self._drawn[name].write(frame, row)

    def drawn(self) -> dict[str, np.ndarray]:
        """Every output from frame 0 on."""
        return {name: line.read(0, self._num_frames).cpu().numpy() for name, line in self._drawn.items()}

    def _warm_up(self, seeds: Mapping[str, np.ndarray]) -> int:
        """Known positions before the first drawn one: as many as the encoder gains from, and the seed allows."""
        # A position is known where all that it reads of the seed is.
        known = [len(rows) + self._model.spans[name].start + self._first_drawn for name, rows in seeds.items()]
        return max(0, min(self._model.history, max(known, default=0)))

    def _reach(self, name: str) -> range:
        """The frames of an input that any position reads."""
        span = self._model.spans[name]
        return range(self.positions.start + span.start, self.positions.stop - 1 + span.stop)

    def _push_given(self, name: str, rows: np.ndarray, fill: np.ndarray | None) -> None:
        """Push all of an input at once: encoders take it in as fast as they can."""
        if self._model.streams[name].mode == "sequence":
            pushed = Timeline(self._reach(name), rows, fill=fill, device=self._device).rows
        else:
            pushed = torch.from_numpy(rows).to(self._device)[None]
        self._stream.push(name, pushed.expand(self._samples, -1, -1))

    def _output_line(self, name: str, seeds: Mapping[str, np.ndarray], fill: Mapping[str, np.ndarray]) -> Timeline:
        start = min(0, self._reach(name).start) if name in self._model.spans else 0
        frames = range(start, self.positions.stop + self._targets[name].start)
        row = fill[name] if name in fill else self._model.scaling(name).rest.cpu().numpy()
        known = seeds.get(name, np.asarray(row, np.float32)[None])
        return Timeline(frames, known, first=-len(known), fill=row, dancers=self._samples, device=self._device)


def _check_numbers(*, frames: int, samples: int, temperature: float) -> None:
    if frames < 1:
        raise OptionsError(f"a dance needs at least 1 frame, got {frames}")
    if samples < 1:
        raise OptionsError(f"samples must be at least 1, got {samples}")
    if not (math.isfinite(temperature) and temperature >= 0):
        raise OptionsError(f"temperature must be a number from 0 on, got {temperature}")


def _check_drawn(row: Tensor, name: str, frame: int, temperature: float) -> None:
    if not bool(torch.isfinite(row).all()):
        dancer = int((~torch.isfinite(row)).any(dim=-1).nonzero()[0])
        raise ModelError(
            f"{name!r} of dancer {dancer} is not finite in frame {frame}; "
            f"give a temperature below {temperature:g}, or a model that was trained longer"
        )
