"""Three models of equally many parameters, each of which differs from the one before in one idea."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from transflower.core.options import decode, encode, load_yaml, merge
from transflower.core.options.tree import Tree
from transflower.data.training_data import TrainingData
from transflower.models import Model
from transflower.models.presets import PRESETS
from transflower.training import Experiment
from transflower.training.preparation import build_model, initialise, open_data

LIVE, FRAMES, CHANGES = "live", "windowed, frames", "windowed, changes"

_WIDTHS = range(96, 193, 8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Contender:
    """A model before its first step, and what it learns from."""

    experiment: Experiment
    data: TrainingData
    model: Model

    @property
    def num_parameters(self) -> int:
        """Of the model."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def make_contenders(folder: Path, *, seed: int = 0) -> dict[str, Contender]:
    """The windowed model as published, the same with live's target and history noise, and live, at tiny size.

    Widths of the windowed ones are those at which they have most nearly as many parameters as live, and they warm up in
    as few steps: they take few, and with their own warm-up minutes would be over before their learning rate is reached.
    """
    over: Tree = {"data": {"folder": str(folder)}, "training": {"seed": seed}}
    live_options = merge(load_yaml(PRESETS["live-tiny"], presets=PRESETS), over)
    windowed_options = merge(load_yaml(PRESETS["transflower-tiny"], presets=PRESETS), over)
    live = _make(decode(Experiment, live_options))
    warm_up: Tree = {"training": {"schedule": {"warmup_steps": live.experiment.training.schedule.warmup_steps}}}
    windowed_options = merge(windowed_options, warm_up)
    windowed = {FRAMES: windowed_options, CHANGES: merge(windowed_options, _residual(live.experiment))}
    return {**{name: _widened(options, live.num_parameters) for name, options in windowed.items()}, LIVE: live}


def _residual(live: Experiment) -> Tree:
    """What of live is not its encoder: options of the target, and noise on the history."""
    model = encode(live.model)
    head = {name: model["head"][name] for name in ("target", "leak", "mean")}
    return {"model": {"head": head, "history_noise": model["history_noise"]}}


def _widened(options: Tree, num_parameters: int) -> Contender:
    data = open_data(_of_width(options, _WIDTHS[0]))

    @cache
    def surplus(width: int) -> int:
        model = build_model(_of_width(options, width), data)
        return sum(parameter.numel() for parameter in model.parameters()) - num_parameters

    above = bisect_left(_WIDTHS, 0, key=surplus)  # Few are built, for models grow with their width.
    nearest = min(_WIDTHS[max(0, above - 1) : above + 1], key=lambda width: abs(surplus(width)))
    return _make(_of_width(options, nearest), data)


def _of_width(options: Tree, width: int) -> Experiment:
    return decode(Experiment, merge(options, _width(width)))


def _width(width: int) -> Tree:
    part: Mapping[str, int] = {"width": width}
    encoder = {"input": part, "cross": part}
    return {"model": {"encoder": encoder, "head": {"flow": {"conditioner": part}}}}


def _make(experiment: Experiment, data: TrainingData | None = None) -> Contender:
    data = data or open_data(experiment)
    model = build_model(experiment, data)
    initialise(model, data, experiment.training)
    return Contender(experiment=experiment, data=data, model=model)
