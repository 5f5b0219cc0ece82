"""What causality and the target of changes buy: three models learn from the same dances for the same CPU-seconds.

The windowed model as published, the same with live's target and history noise, and live, each with as many parameters
(``contenders.py``). Half an hour by default; ``python -m benchmarks.learning --help`` lists what can be chosen.

Targets are frames whose density is learnt: a windowed model of three frames at once has three for each window. Live may
be as good as another ever was at its first measurement, after a hundredth of the time: it is then sooner by at least
what is shown. A target of changes is worth much of that before a single step, so compare with both windowed models.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from benchmarks.contenders import LIVE, Contender, make_contenders
from benchmarks.curves import Curve, draw_curves
from benchmarks.dances import make_dances
from benchmarks.learner import Learner
from benchmarks.likelihood import Likelihood
from benchmarks.machine import count_flops, flops_per_second
from benchmarks.memory import kept_bytes
from benchmarks.report import Report
from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.options import parse
from transflower.core.progress import progress
from transflower.data.training_data import TrainingData
from transflower.training import RolloutConfig
from transflower.training.rollouts import Rollouts

_MEASUREMENTS = 30
_MOST_PREDICTED = 6
"""Held-out sequences whose likelihood is measured again and again."""
_MOST_DANCED = 24
"""Held-out sequences that dances are compared with. Of six, real dances to other songs are as far as any model's."""
_SAMPLES = 4
"""Dances to each."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """Let three models learn side by side, and compare how fast they do and how they dance."""

    seconds: float = 300.0
    """CPU-seconds of training steps for each model, on one thread."""
    data: Path | None = None
    """Folder of features at 30 frames per second, with splits; by default of synthetic songs and dances."""
    songs: int = 192
    """Songs to synthesise, each with a dance of 40 seconds, where no data are given."""
    frames: int = 300
    """Frames of each held-out sequence that are predicted, and length of each dance."""
    metric: Path | None = None
    """Picture of the likelihood in the course of training, to be written here."""
    seed: int = 0
    """Start of all randomness."""

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.frames < 3 or self.frames % 3:
            raise OptionsError(
                f"seconds must be above 0 and frames a multiple of 3, got {self.seconds:g} and {self.frames}"
            )


DEFAULTS = Learning()


def run(options: Learning = DEFAULTS) -> str:
    """Two tables: how they learn, and how they dance at the end."""
    folder = options.data or make_dances(songs=options.songs, seed=options.seed)
    contenders = make_contenders(folder, seed=options.seed)
    arena = _Arena(contenders, options)
    torch.manual_seed(options.seed)
    runs = {name: arena.run(name, contender) for name, contender in contenders.items()}
    curves = {name: one.curve for name, one in runs.items()}
    if options.metric is not None:
        draw_curves(options.metric, curves)
    learning = {name: {**one.metrics, **_sooner(one.curve, curves[LIVE])} for name, one in runs.items()}
    dancing = {"real, other songs": arena.real, **{name: one.dances for name, one in runs.items()}}
    return (
        f"learning for {options.seconds:g} CPU-seconds of steps, data in {folder}\n{Report(learning).text()}\n"
        f"dancing freely for {options.frames} frames after {arena.start} real ones\n{Report(dancing).text()}"
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Run:
    """What became of one contender."""

    curve: Curve
    metrics: Mapping[str, float]
    dances: Mapping[str, float]


class _Arena:
    """Held-out sequences on which all contenders are measured alike."""

    def __init__(self, contenders: Mapping[str, Contender], options: Learning) -> None:
        live = contenders[LIVE]
        split = live.experiment.data.val_split
        self.start = max(_looks_back(contender) for contender in contenders.values())
        long_enough = self.start + options.frames + max(_looks_ahead(contender) for contender in contenders.values())
        held_out = _sequences(live.data, split, long_enough, most=_MOST_DANCED)
        self._likelihood = Likelihood(held_out[:_MOST_PREDICTED], start=self.start, frames=options.frames)
        config = RolloutConfig(sequences=_MOST_DANCED, samples=_SAMPLES, frames=options.frames)
        self._rollouts = Rollouts(live.data, split, live.model, config, seed=options.seed, prompt_frames=self.start)
        known = _sequences(live.data, live.experiment.data.train_split, long_enough, most=_SAMPLES * len(held_out))
        stretches = [sequence["motion"][None, self.start : self.start + options.frames] for sequence in known]
        self.real = _plain(self._rollouts.compare({"motion": stretches}))
        """Metrics of real dances to other songs: how far dances are from others anyway. What is drawn may be
        nearer, for it goes on from the held-out dances and to their music."""
        self._seconds = options.seconds

    def run(self, name: str, contender: Contender) -> _Run:
        """Let it learn and dance."""
        learner = Learner(contender, budget=self._seconds)
        measured: dict[float, float] = {}
        marks = np.geomspace(self._seconds / 100, self._seconds, _MEASUREMENTS)
        for mark in progress(marks, label=name, total=len(marks), unit="measurement"):
            if learner.seconds < mark:
                learner.learn_until(mark)
                measured[learner.seconds] = self._likelihood.nats(learner.average)
        curve = Curve(seconds=tuple(measured), nats=tuple(measured.values()))
        dances = _plain(self._rollouts.metrics(learner.average))
        return _Run(curve=curve, metrics=_metrics(contender, learner, curve), dances=dances)


def _metrics(contender: Contender, learner: Learner, curve: Curve) -> dict[str, float]:
    """Of learning."""
    config = contender.experiment.training
    (output,) = contender.experiment.model.outputs.values()
    targets = learner.steps * config.batch_size * config.positions * output.length
    floor = learner.steps * count_flops(learner.step) / flops_per_second(time.process_time)
    kept = kept_bytes(learner.step, weights=contender.model.parameters())
    return {
        "M parameters": contender.num_parameters / 1e6,
        "steps": learner.steps,
        "targets/s": round(targets / learner.seconds),
        "of the floor": learner.seconds / floor,
        "MB": round((learner.num_bytes + kept) / 1e6),
        "nats/dim": curve.nats[-1],
        "best": curve.best,
        "after s": round(curve.seconds_to(curve.best), 1),
    }


def _sooner(curve: Curve, live: Curve) -> dict[str, float]:
    """When live is as good as this model ever was, and how many times sooner that is."""
    reached = live.seconds_to(curve.best)
    return {"live after s": round(reached, 1), "times sooner": curve.seconds_to(curve.best) / reached}


def _plain(metrics: Mapping[str, float]) -> dict[str, float]:
    """Under names that say no more than is needed in a table of dances alone."""
    return {name.removeprefix("rollout/"): value for name, value in metrics.items()}


def _looks_back(contender: Contender) -> int:
    return contender.model.history + max(-span.start for span in contender.model.spans.values())


def _looks_ahead(contender: Contender) -> int:
    return max(span.stop for span in contender.model.spans.values())


def _sequences(data: TrainingData, split: str, num_frames: int, *, most: int) -> list[dict[str, np.ndarray]]:
    """The first ``most`` that are long enough; others are not read."""
    long_enough = (arrays for _, arrays in data.sequences(split) if len(arrays["motion"]) >= num_frames)
    found = list(islice(long_enough, most))
    if not found:
        raise OptionsError(f"no sequence of split {split!r} has {num_frames} frames; choose fewer frames")
    return found


def main(argv: Sequence[str]) -> int:
    """Run with options; 2 if they cannot work."""
    torch.set_num_threads(1)
    try:
        print(run(parse(Learning, argv, prog="python -m benchmarks.learning")))
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
