"""What the resume file of a run holds, checked before anything is built on it."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import ConfigDict, Field, TypeAdapter
from torch import Tensor, nn

from transflower.core.archives import check_archive
from transflower.core.errors import FormatError
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
    clock: _Clock
    validation: _Validation
    skipped: _Count
    recordings: _Recordings | None = None
    ema: _Ema | None = None


_RUN = TypeAdapter(_Run)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a run continues from. Its tensors are mapped, and cost no memory until they are read."""

    step: int
    """Steps done."""
    run: dict[str, Any]
    """Time, validations and all that is counted."""
    weights: dict[str, Tensor]
    """Of the module that is trained."""
    kept: dict[str, Tensor]
    """Of the model that is validated and kept."""
    has_ema: bool
    """Whether that is a moving average."""
    optimiser: dict[str, Any]
    """State of the optimiser."""


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
    except Exception as error:  # Of a damaged file the unpickler raises whatever it stumbles over.
        raise FormatError(path, f"cannot be read; {advice}") from error
    try:
        return _saved(state)
    # A file that someone else has written can be wrong in every way.
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


def check_optimiser(saved: Saved, config: OptimiserConfig, module: nn.Module) -> None:
    """Refuse the state of another optimiser, or of other weights.

    Raises:
        ValueError: saying what differs.
    """
    own = config.build(module.parameters())
    weights = [weight for group in own.param_groups for weight in group["params"]]
    groups = saved.optimiser["param_groups"]
    if [number for group in groups for number in group["params"]] != list(range(len(weights))):
        raise ValueError("other weights are optimised")
    for group, mine in zip(groups, own.param_groups, strict=True):
        if not all(_is_option(group.get(name), value) for name, value in mine.items() if name != "params"):
            raise ValueError("the optimiser has other options")
    examples = _examples(config)
    for number, values in saved.optimiser["state"].items():
        if values.keys() != examples.keys():
            raise ValueError("the optimiser remembers something else")
        if not all(_is_like(value, examples[name], weights[number]) for name, value in values.items()):
            raise ValueError("the optimiser remembers other weights")
    if examples and not saved.optimiser["state"] and saved.step > saved.run["skipped"]:
        raise ValueError("the optimiser remembers nothing")


def _saved(state: dict[str, Any]) -> Saved:
    run, step = state["callbacks"]["run"], state["global_step"]
    checked = _RUN.validate_python(run)
    (optimiser,) = state["optimizer_states"]
    done = state["loops"]["fit_loop"]["epoch_loop.automatic_optimization.optim_progress"]
    for key in ("optimizer", "step", "total", "completed"):
        if not isinstance(done, dict):  # e.g. a tensor, which warns before it fails
            raise TypeError("its loops have done no steps")
        done = done[key]
    if done != step or type(step) is not int:
        raise ValueError("its loops have done other steps")
    weights = {name: value for name, value in state["state_dict"].items() if isinstance(value, Tensor)}
    prefix = "model."
    kept = {name.removeprefix(prefix): value for name, value in weights.items()}
    if checked.ema is not None:
        kept = checked.ema.weights
    return Saved(
        step=step,
        run={name: value for name, value in run.items() if name != "ema"},
        weights=weights,
        kept=kept,
        has_ema=checked.ema is not None,
        optimiser=optimiser,
    )


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
