"""What a sweep searches: lists and ranges of options, and how much."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transflower.core.errors import FormatError, OptionsError
from transflower.core.options import decode, load_yaml, merge
from transflower.core.options.ranges import Count, Natural, Positive
from transflower.core.options.tree import Problem, Tree, build, complete, refuse
from transflower.training.plain_options import check_best_by

if TYPE_CHECKING:
    from transflower.training.options import Experiment

SweepOn = Literal["processes", "ray"]
"""What trains the trials."""
Choice = str | int | float | bool | None
Params = Mapping[str, Choice]
"""Option, as ``model.encoder.width`` -> its value in a trial."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers between two; whole ones where both are whole."""

    low: int | float
    high: int | float
    log: bool = False
    """Whether small numbers are tried as often as ten times larger ones are."""

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise OptionsError(f"must have low below high, got {self.low} and {self.high}")
        if self.log and not self.low > 0:
            raise OptionsError(f"must have low above 0 where log is true, got {self.low}")


@dataclass(frozen=True, kw_only=True)
class SweepLimits:
    """How much is searched, and what for."""

    trials: Count = 20
    """Runs in all."""
    seed: Natural = 0
    """Of the choice of options; that of the training is `training.seed`."""
    metric: str = "auto"
    """What the best trial is chosen by, as `training.best_by`."""
    minutes: Positive | None = None
    """Of training for each trial; by default `training.max_minutes`."""
    steps: Count | None = None
    """Of training for each trial; by default `training.max_steps`."""

    def __post_init__(self) -> None:
        check_best_by(self.metric, option="metric")


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """A file of a sweep."""

    limits: SweepLimits
    space: Mapping[str, tuple[Choice, ...] | Range] = field(default_factory=dict)
    """Option -> the values, or the range, that it is chosen from."""

    def tree(self, base: Tree, params: Params) -> Tree:
        """The options of a trial."""
        limits = {"max_minutes": self.limits.minutes, "max_steps": self.limits.steps}
        training = {name: value for name, value in limits.items() if value is not None}
        tree = merge(base, {"training": {**training, "best_by": self.limits.metric}})
        # A part that is chosen comes before its own options.
        for name in sorted(params, key=lambda one: (one.count("."), not one.endswith(".type"))):
            tree = merge(tree, _nested(name, params[name]))
        return tree

    def experiment(self, base: Tree, params: Params) -> "Experiment":
        """What a trial trains.

        Raises:
            OptionsError: options that cannot be.
        """
        # What is wrong with the file itself is told before torch is loaded, by which a model has its options.
        from transflower.training.options import Experiment

        return decode(Experiment, self.tree(base, params))

    def check(self, base: Tree) -> None:
        """Try every value of a list, and the ends of every range, one option at a time.

        Raises:
            OptionsError: listing every problem.
        """
        first = {name: _values(choices)[0] for name, choices in self.space.items()}
        told: list[str] = []
        # An option that there is not, or a value of a wrong kind, hides what else is wrong.
        while wrong := {name: one for one in self._problems(base, first) if (name := _option_of(one, first))}:
            told += [f"{name} = {first.pop(name)}: {one.message}" for name, one in wrong.items()]
        common = self._problems(base, first)
        told += [one.told("the options") for one in common]
        for name in first:
            for value in _values(self.space[name]):
                found = self._problems(base, {**first, name: value})
                told += [f"{name} = {value}: {one.message}" for one in found if one not in common]
        refuse([f"sweep: {one}" for one in told])

    def _problems(self, base: Tree, params: Params) -> list[Problem]:
        from transflower.training.options import Experiment

        return build(Experiment, complete(Experiment, self.tree(base, params)))[1]


def read_plan(path: Path) -> SweepPlan:
    """Read a file of a sweep: its limits, and dotted names of options with a list or a range each.

    Raises:
        FormatError: it holds something else; every problem is listed.
    """
    tree = load_yaml(path)
    given = {name: value for name, value in tree.items() if "." in name}
    limits, problems = build(
        SweepLimits, complete(SweepLimits, {name: value for name, value in tree.items() if name not in given})
    )
    told = [one.told("limits") for one in problems]
    if not given:
        told.append("there is nothing to search; name an option with a list or a range, as model.head.leak")
    space = {}
    for name, value in given.items():
        try:
            space[name] = _choices(value)
        except OptionsError as error:
            told.append(f"{name} {error}")
    try:
        refuse(told)
    except OptionsError as error:
        raise FormatError(path, str(error)) from error
    return SweepPlan(limits=limits, space=space)


def _option_of(problem: Problem, params: Params) -> str | None:
    """The option of a trial that a problem is of; None where it is of several, or of something else."""
    path = ".".join(problem.path)
    below = [name for name in params if name.startswith(f"{path}.")]
    if path in params:
        return path
    return below[0] if len(below) == 1 or (below and problem.message.startswith("unknown option")) else None


def _choices(value: Any) -> tuple[Choice, ...] | Range:
    if isinstance(value, dict):
        if not {"low", "high"} <= value.keys() <= {"low", "high", "log"} or not isinstance(
            value.get("log", False), bool
        ):
            raise OptionsError(f"is a range, which looks like {{low: 1e-4, high: 1e-2, log: true}}, got {value}")
        if not all(isinstance(value[one], int | float) and not isinstance(value[one], bool) for one in ("low", "high")):
            raise OptionsError(f"needs numbers for low and high, got {value['low']} and {value['high']}")
        return Range(**value)
    if not isinstance(value, list) or not value or not all(isinstance(one, Choice) for one in value):
        raise OptionsError(f"must be a list of numbers or words, or a range with low and high, got {value}")
    # True is 1 to Python, and another value of an option.
    counts = Counter((one, isinstance(one, bool)) for one in value)
    if twice := [one for (one, _), count in counts.items() if count > 1]:
        raise OptionsError(f"must be a list of different values, got {twice[0]} more than once")
    return tuple(value)


def _values(choices: tuple[Choice, ...] | Range) -> tuple[Choice, ...]:
    return (choices.low, choices.high) if isinstance(choices, Range) else choices


def _nested(name: str, value: Choice) -> Tree:
    tree: Any = value
    for part in reversed(name.split(".")):
        tree = {part: tree}
    return dict(tree)
