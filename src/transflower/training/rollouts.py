"""Whether free-running samples move like the held-out data: what likelihood does not see.

Shape letters: T frames, S samples, D columns, V columns that vary.
"""

import logging
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

import numpy as np

from transflower.core.errors import ModelError, OptionsError
from transflower.core.moments import Moments, standardised
from transflower.core.rates import frame_of
from transflower.core.spans import alignment
from transflower.data.training_data import TrainingData
from transflower.evaluation.frechet import MOVEMENT_FRAMES, movement_distance, pose_distance
from transflower.evaluation.motion_statistics import STATISTICS, MotionStatistics, compare, measure
from transflower.generation import GenerationStoppedError, Request, SamplingOptions, generate_batch, silence_rows
from transflower.models import Model
from transflower.training.options import RolloutConfig
from transflower.training.sample_metrics import SampleMetrics

log = logging.getLogger(__name__)

SCORE = "rollout/movement_distance"
"""Metric by which samples are judged best; lower is better."""

_FEWEST_FRAMES = 3
_SEQUENCES_TO_MEASURE = 100
_FRAMES_TO_MEASURE = 300


class Rollouts:
    """Draws samples given held-out conditions, and compares them with held-out recordings."""

    def __init__(
        self,
        data: TrainingData,
        split: str,
        model: Model,
        config: RolloutConfig,
        *,
        seed: int,
        prompt_frames: int | None = None,
    ) -> None:
        """Choose the sequences.

        Args:
            data: windows and whole sequences.
            split: held-out sequences.
            model: what will draw, or one with the same windows.
            config: how much is drawn.
            seed: of the noise.
            prompt_frames: real frames before each sample, the same for models with different histories; by default as
                many as the model looks back on.

        Raises:
            OptionsError: no held-out sequence is long enough.
        """
        self._config, self._data, self._split = config, data, split
        self._fill = silence_rows(data.sidecars)
        self._outputs = [output for output, window in model.config.outputs.items() if window.kind == "continuous"]
        self._samples = SampleMetrics(self._outputs, data.sidecars)
        self._requests: list[Request] = []
        num_sequences = len(data.report.splits[split])
        every = max(1, num_sequences // config.sequences)
        for index in range(num_sequences):
            num_chosen = len(self._requests)
            if num_chosen == config.sequences:
                break
            if index >= num_chosen * every:  # Most sequences of a large split are not read.
                _, arrays = next(data.sequences(split, index))
                request = _request(model, arrays, config.frames, prompt_frames)
                if request.num_frames >= _FEWEST_FRAMES:
                    self._requests.append(replace(request, seed=seed + num_chosen))
        if not self._requests:
            raise OptionsError(f"no sequence of split {split!r} is long enough; set rollouts.sequences to 0")

    @cached_property
    def _real(self) -> dict[str, "_Reference"]:
        """The data that samples are compared with; a training that has not begun reads none of it."""
        num_sequences = len(self._data.report.splits[self._split])
        every = max(1, num_sequences // _SEQUENCES_TO_MEASURE)
        read = [next(self._data.sequences(self._split, index))[1] for index in range(0, num_sequences, every)]
        learnt = {output: self._data.statistics[output] for output in self._outputs}
        return {
            output: _Reference([arrays[output] for arrays in read], (found.mean, found.std))
            for output, found in learnt.items()
        }

    @property
    def has_score(self) -> bool:
        """Whether there are enough frames for Fréchet distances."""
        samples = self._config.samples
        frames, count = sum(one.num_frames for one in self._requests) * samples, len(self._requests) * samples
        return bool(self._real) and all(one.is_measurable(frames, count) for one in self._real.values())

    @property
    def names(self) -> list[str]:
        """All metrics that samples of full length can have."""
        outputs = [""] if len(self._outputs) == 1 else [f"{output}/" for output in self._outputs]
        distances = ["pose_distance", "movement_distance"] if self.has_score else []
        names = [f"rollout/{output}{name}" for output in outputs for name in (*STATISTICS, *distances)]
        names += self._samples.names([one.inputs for one in self._requests])
        return list(dict.fromkeys([*names, *([SCORE] if self.has_score else [])]))

    def try_out(self, model: Model, *, frames: int, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Draw a few frames: whether it can be done shows before the training begins."""
        with suppress(GenerationStoppedError):
            self._draw(model, frames, is_stopped)

    def metrics(self, model: Model, *, is_stopped: Callable[[], bool] = lambda: False) -> dict[str, float]:
        """Metrics of samples drawn now, with the same noise at every validation.

        Args:
            model: what draws.
            is_stopped: asked before each frame, whether to leave it: there are no metrics then.
        """
        try:
            drawn = self._draw(model, None, is_stopped)
        except GenerationStoppedError:
            return {}
        if drawn is None:
            return {SCORE: math.inf}
        rows = {output: [samples[output] for samples in drawn] for output in self._outputs}
        return self.compare(rows) | self._samples.measure(rows, [one.inputs for one in self._requests])

    def _draw(
        self, model: Model, frames: int | None, is_stopped: Callable[[], bool]
    ) -> list[dict[str, np.ndarray]] | None:
        """Samples for each sequence, of at most so many frames; None where they are not finite."""
        options = SamplingOptions(temperature=self._config.temperature)
        requests = [replace(one, num_frames=min(frames or one.num_frames, one.num_frames)) for one in self._requests]
        try:
            return generate_batch(
                model,
                requests,
                num_samples=self._config.samples,
                options=options,
                fill=self._fill,
                label="samples",
                is_stopped=is_stopped,
            )
        except ModelError as error:
            log.warning("samples: %s", error)
            return None

    def compare(self, drawn: Mapping[str, list[np.ndarray]]) -> dict[str, float]:
        """Metrics of samples ``[S, T, D]`` of each output, whatever drew them."""
        found = {output: self._real[output].compare(samples) for output, samples in drawn.items()}
        if len(found) == 1:
            return {f"rollout/{name}": value for name, value in next(iter(found.values())).items()}
        metrics = {f"rollout/{output}/{name}": value for output, row in found.items() for name, value in row.items()}
        scores = [row["movement_distance"] for row in found.values() if "movement_distance" in row]
        if scores and len(scores) == len(found):
            metrics[SCORE] = float(np.mean(scores))
        return metrics


class _Reference:
    """Held-out motion of one output."""

    def __init__(self, sequences: list[np.ndarray], moments: Moments) -> None:
        """Those of held-out sequences, and mean and deviation of the training split."""
        self.data: MotionStatistics = measure(sequences)
        self._moments = moments
        self._sequences = [self._standardised(sequence[:_FRAMES_TO_MEASURE]) for sequence in sequences]

    def is_measurable(self, frames: int, num_samples: int) -> bool:
        """Whether so many sampled frames, and the data, are enough for distances: more rows than columns."""
        columns, lost = MOVEMENT_FRAMES * self._sequences[0].shape[1], MOVEMENT_FRAMES - 1
        real = sum(map(len, self._sequences)) - lost * len(self._sequences)
        return min(frames - lost * num_samples, real) > columns

    def compare(self, samples: list[np.ndarray]) -> dict[str, float]:
        """Metrics of samples ``[S, T, D]`` of several sequences."""
        shortest = min(array.shape[1] for array in samples)
        # Samples are compared over a common length: the statistics tell their first third from their last.
        metrics = compare(np.concatenate([array[:, :shortest] for array in samples]), self.data).metrics()
        fake = [self._standardised(sample) for array in samples for sample in array]
        if self.is_measurable(sum(map(len, fake)), len(fake)):
            metrics["pose_distance"] = pose_distance(self._sequences, fake)
            metrics["movement_distance"] = movement_distance(self._sequences, fake)
        return metrics

    def _standardised(self, sequence: np.ndarray) -> np.ndarray:
        return standardised(sequence.astype(np.float64), self._moments)


def _request(model: Model, arrays: Mapping[str, np.ndarray], most_frames: int, prompt_frames: int | None) -> Request:
    """The conditions of a sequence after its first frames, which are the prompt."""
    outputs = model.config.outputs
    length = min(len(arrays[output]) for output in outputs)
    read = max((model.spans[name].length + model.history for name in outputs if name in model.spans), default=0)
    start = min(read if prompt_frames is None else prompt_frames, length // 2)
    start -= start % alignment(model.spans.values())
    inputs = {
        name: arrays[name][frame_of(start, span.rate) :] if span.mode == "sequence" else arrays[name]
        for name, span in model.spans.items()
        if name not in outputs
    }
    prompt = {name: arrays[name][:start] for name in outputs if name in model.spans and start}
    return Request(inputs=inputs, prompt=prompt, num_frames=min(most_frames, length - start))
