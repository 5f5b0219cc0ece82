"""The state of a run in its resume file, checked before anything is built from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import ConfigDict, Field, TypeAdapter
from torch import Tensor, nn

from transflower.core.archives import check_archive
from transflower.core.errors import FormatError
from transflower.training.objectives import Update
from transflower.training.optimisers import OptimiserConfig

_Count = Annotated[int, Field(ge=0, strict=True)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Metrics = dict[str, float]


@dataclass(frozen=True)
class _Clock:
    seconds: _Seconds
    pauses: _Seconds
    frames: _Count


@dataclass(frozen=True)
class _Validation:
    first: _Metrics
    last: _Metrics
    best: _Metrics
    last_step: _Count | None
    best_step: _Count | None
    scores: list[float]


@dataclass(frozen=True)
class _Ema:
    __pydantic_config__ = ConfigDict(arbitrary_types_allowed=True)

    weights: dict[str, Tensor]
    num_updates: _Count


@dataclass(frozen=True)
class _Recordings:
    folder: str
    parts: dict[str, str]


@dataclass(frozen=True)
class _Run:
    step: _Count
    clock: _Clock
    validation: _Validation
    skipped: _Count
    recordings: _Recordings | None = None
    ema: _Ema | None = None


_RUN = TypeAdapter(_Run)
_OBJECTIVE, _MODEL = "objective.", "model."
"""What stands before names of weights: of the objective in the file, of the model in the objective."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a run continues from. Its tensors are mapped, and cost no memory until they are read."""

    step: int
    """Steps done."""
    run: dict[str, Any]
    """Time, validations and all that is counted."""
    weights: dict[str, Tensor]
    """Of the objective: the model, and what only training needs."""
    kept: dict[str, Tensor]
    """Of the model that is validated and kept."""
    has_ema: bool
    """Whether that is a moving average."""
    optimisers: list[dict[str, Any]]
    """State of the optimiser of each update."""


def read_state(path: Path, *, advice: str) -> Saved:
    """Read a resume file.

    Args:
        path: the file.
        advice: what to do where it is damaged.

    Raises:
        FormatError: it is damaged, or is not the state of a run.
    """
    try:
        check_archive(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # On a damaged file the unpickler raises errors of any kind.
        raise FormatError(path, f"cannot be read; {advice}") from error
    try:
        return _saved(upgraded(state))
    # A file that someone else has written can hold anything.
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise FormatError(path, f"is not the state of a run; {advice}") from error


def check_ema(saved: Saved, decay: float, model: nn.Module) -> None:
    """Refuse a state without the moving average of the weights, or with that of others.

    Raises:
        ValueError: saying what differs.
    """
    shapes = {name: weight.shape for name, weight in saved.kept.items()}
    if saved.has_ema != bool(decay) or shapes != {name: weight.shape for name, weight in model.state_dict().items()}:
        raise ValueError("the moving average of the weights is missing, or of other weights")


def check_optimisers(saved: Saved, updates: Sequence[Update]) -> None:
    """Refuse the state of other optimisers, or of other weights.

    Raises:
        ValueError: saying what differs.
    """
    if len(saved.optimisers) != len(updates):
        raise ValueError("there are more optimisers or fewer")
    for state, update in zip(saved.optimisers, updates, strict=True):
        _check_optimiser(state, update, has_stepped=saved.step > saved.run["skipped"])


def upgraded(state: dict[str, Any]) -> dict[str, Any]:
    """A state as this version writes it. Version 0.1.0 had weights of the model alone, and Lightning's count of steps.

    Raises:
        KeyError, TypeError, AttributeError: it is no state of a run.
    """
    run = state["callbacks"]["run"]
    if "step" in run:
        return state
    weights = {f"{_OBJECTIVE}{name}": value for name, value in state["state_dict"].items()}
    progress = state["loops"]["fit_loop"]["epoch_loop.automatic_optimization.optim_progress"]
    run = {**run, "step": progress["optimizer"]["step"]["total"]["completed"]}
    return {**state, "state_dict": weights, "callbacks": {**state["callbacks"], "run": run}}


def _check_optimiser(state: dict[str, Any], update: Update, *, has_stepped: bool) -> None:
    own = update.optimiser.build(update.parameters)
    weights = [weight for group in own.param_groups for weight in group["params"]]
    groups = state["param_groups"]
    if [number for group in groups for number in group["params"]] != list(range(len(weights))):
        raise ValueError("other weights are optimised")
    for group, mine in zip(groups, own.param_groups, strict=True):
        if not all(_is_option(group.get(name), value) for name, value in mine.items() if name != "params"):
            raise ValueError("the optimiser has other options")
    examples = _examples(update.optimiser)
    for number, values in state["state"].items():
        if values.keys() != examples.keys():
            raise ValueError("the optimiser remembers something else")
        if not all(_is_like(value, examples[name], weights[number]) for name, value in values.items()):
            raise ValueError("the optimiser remembers other weights")
    if examples and not state["state"] and has_stepped:
        raise ValueError("the optimiser remembers nothing")


def _saved(state: dict[str, Any]) -> Saved:
    run = state["callbacks"]["run"]
    checked = _RUN.validate_python(run)
    if state["global_step"] != checked.step or not _are_counts(state["loops"]["fit_loop"]):
        raise ValueError("its loops have done other steps")
    optimisers = state["optimizer_states"]
    if not isinstance(optimisers, list) or not optimisers:
        raise ValueError("there is no optimiser")
    found = {name: value for name, value in state["state_dict"].items() if isinstance(value, Tensor)}
    weights = {name.removeprefix(_OBJECTIVE): value for name, value in found.items()}
    kept = {name.removeprefix(_MODEL): value for name, value in weights.items() if name.startswith(_MODEL)}
    if checked.ema is not None:
        kept = checked.ema.weights
    return Saved(
        step=checked.step,
        run={name: value for name, value in run.items() if name != "ema"},
        weights=weights,
        kept=kept,
        has_ema=checked.ema is not None,
        optimisers=optimisers,
    )


def _are_counts(loop: dict[str, Any]) -> bool:
    """Whether what Lightning counted is numbers: it would take anything, e.g. a tensor, and warn before it fails."""
    return all(_is_count(value) for name, value in loop.items() if name.endswith("progress"))


def _is_count(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_count, value.values()))
    return isinstance(value, int)


def _examples(config: OptimiserConfig) -> dict[str, Tensor]:
    """What the optimiser remembers of a weight once it has made a step."""
    weight = nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    optimiser = config.build([weight])
    optimiser.step()
    return dict(optimiser.state[weight])


def _is_option(value: object, own: object) -> bool:
    """Whether an option could be of the same optimiser: numbers may be others, switches not.

    Switches may be missing: another version of torch has others, and sets those that are.
    """
    if isinstance(own, tuple):
        return isinstance(value, tuple) and len(value) == len(own) and all(map(_is_option, value, own))
    if isinstance(own, float):
        return isinstance(value, float) and math.isfinite(value)
    return value is None or (type(value) is type(own) and value == own)


def _is_like(value: object, example: Tensor, weight: Tensor) -> bool:
    """Whether the optimiser may work on it. One that is fused writes where nothing is if a size is another."""
    like = weight if example.dim() else example
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and (value.shape, value.dtype) == (like.shape, like.dtype)
    )
