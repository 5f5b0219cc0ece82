"""The one entrance to generation: from a model, its inputs and a prompt to samples.

Shape letters: B samples, T frames of an input, S frames of a prompt, D columns on disk.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.memory import check_memory
from transflower.core.progress import progress
from transflower.generation.conditions import fit_inputs, fit_prompt, rows_at, silence_rows
from transflower.generation.engine import Engine
from transflower.generation.known import KnownFrames, known_frames, stack_known
from transflower.generation.options import SamplingOptions
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel

_COPIES = 8
"""Bytes of a drawn number: as it was drawn, and all of them put together."""
_MAX_BATCH = 64
"""Rows that are drawn at a time: more take more memory, and hardly less time for each."""


class GenerationStoppedError(Exception):
    """Drawing was given up, because it was asked to."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What is generated from, for one sequence."""

    inputs: Mapping[str, np.ndarray]
    """Each condition of the model, ``[T, D]``, from frame 0 on; others are ignored."""
    num_frames: int
    """How many frames to draw."""
    prompt: Mapping[str, np.ndarray] | None = None
    """Output -> ``[S, D]``, the frames before frame 0, of any length."""
    seed: int | None = None
    """Of its randomness; by default that of the sampling options."""


def generate(
    model: LoadedModel | SequenceModel,
    inputs: Mapping[str, np.ndarray],
    *,
    num_frames: int,
    prompt: Mapping[str, np.ndarray] | None = None,
    num_samples: int = 1,
    options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
    fill: Mapping[str, np.ndarray] | None = None,
    label: str = "generate",
) -> dict[str, np.ndarray]:
    """Draw every output for every frame, free running: what is drawn is read again.

    Args:
        model: what draws. Only one that was loaded knows how silence looks in its features.
        inputs: each condition of the model, ``[T, D]``, from frame 0 on; others are ignored.
        num_frames: how many to draw.
        prompt: output -> ``[S, D]``, the frames before frame 0, of any length.
        num_samples: B, none of which depends on the others.
        options: how they are drawn.
        fill: modality -> row ``[D]`` that stands before and after what is known; by default silence for sound, the mean
            over the training split for outputs, and the outermost row for other conditions.
        label: what the progress bar says.

    Returns:
        Output -> ``[B, num_frames, D]``, as on disk.

    Raises:
        ModelError: inputs or a prompt that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
    """
    request = Request(inputs=inputs, num_frames=num_frames, prompt=prompt)
    (drawn,) = generate_batch(model, [request], num_samples=num_samples, options=options, fill=fill, label=label)
    return drawn


def generate_batch(
    model: LoadedModel | SequenceModel,
    requests: Sequence[Request],
    *,
    num_samples: int = 1,
    options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
    fill: Mapping[str, np.ndarray] | None = None,
    label: str = "generate",
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[dict[str, np.ndarray]]:
    """Draw several samples for each of several sequences at once: what ``generate`` draws for each, up to rounding.

    Args:
        model: what draws.
        requests: conditions of different lengths, and prompts.
        num_samples: B, for each request.
        options: how they are drawn.
        fill: see ``generate``.
        label: what the progress bar says.
        is_stopped: asked before each frame, whether to give it up.

    Raises:
        ModelError: inputs or a prompt that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
        GenerationStoppedError: it was given up.
    """
    silence = silence_rows(model.sidecars) if isinstance(model, LoadedModel) else {}
    fill = {**silence, **(fill or {})}
    model = model.model if isinstance(model, LoadedModel) else model
    _check_size(model, requests, num_samples)
    rows = [row for request in requests for row in _rows(model, request, num_samples, options.seed, fill)]
    was_training = model.training
    model.eval()
    try:
        drawn: dict[int, dict[str, np.ndarray]] = {}
        for batch in _batches(rows):
            found = _draw(model, [rows[index] for index in batch], options, fill, label, is_stopped)
            drawn |= dict(zip(batch, found, strict=True))
    finally:
        model.train(was_training)
    return [
        {name: np.stack([drawn[first + sample][name] for sample in range(num_samples)]) for name in drawn[first]}
        for first in range(0, len(rows), num_samples)
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Row:
    """One row of a batch."""

    inputs: Mapping[str, np.ndarray]
    known: KnownFrames
    num_frames: int
    seed: int
    index: int


def _rows(
    model: SequenceModel, request: Request, num_samples: int, seed: int, fill: Mapping[str, np.ndarray]
) -> Iterable[_Row]:
    inputs = fit_inputs(model, request.inputs)
    known = known_frames(model, fit_prompt(model, request.prompt or {}), fill)
    seed = seed if request.seed is None else request.seed
    for index in range(num_samples):
        yield _Row(inputs=inputs, known=known, num_frames=request.num_frames, seed=seed, index=index)


def _batches(rows: Sequence[_Row]) -> Iterable[list[int]]:
    """Indices of rows that are drawn together: they begin at the same position, and have about the same length."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index in sorted(range(len(rows)), key=lambda index: rows[index].num_frames):
        groups[rows[index].known.start].append(index)
    for group in groups.values():
        yield from (group[first : first + _MAX_BATCH] for first in range(0, len(group), _MAX_BATCH))


def _draw(
    model: SequenceModel,
    rows: Sequence[_Row],
    options: SamplingOptions,
    fill: Mapping[str, np.ndarray],
    label: str,
    is_stopped: Callable[[], bool],
) -> list[dict[str, np.ndarray]]:
    """All frames of each row."""
    engine = Engine(
        model,
        stack_known([row.known for row in rows]),
        options=options,
        seeds=[row.seed for row in rows],
        indices=[row.index for row in rows],
        num_frames=[row.num_frames for row in rows],
        fill=fill,
    )
    for name in model.conditions:
        engine.push(name, _stack_inputs(name, rows, fill.get(name)))
    engine.end()
    num_frames = max(row.num_frames for row in rows)
    drawn: dict[str, list[Tensor]] = {name: [] for name in model.config.outputs}
    positions = range(engine.position, engine.last_position(num_frames) + 1)
    for _ in progress(positions, label=label, total=len(positions), unit="frame"):
        if is_stopped():
            raise GenerationStoppedError
        for name, frames in engine.step().items():
            drawn[name].append(frames)
    whole = {name: torch.cat(frames, dim=1).cpu().numpy() for name, frames in drawn.items()}
    return [{name: frames[index, : row.num_frames] for name, frames in whole.items()} for index, row in enumerate(rows)]


def _stack_inputs(name: str, rows: Sequence[_Row], fill: np.ndarray | None) -> np.ndarray:
    """A condition of all rows; those that end earlier are filled as the engine fills what follows an end."""
    parts = [row.inputs[name] for row in rows]
    if all(part is parts[0] for part in parts):
        return parts[0]
    length = max(map(len, parts))
    return np.stack([rows_at(range(length), part, first=0, fill=fill) for part in parts])


def _check_size(model: SequenceModel, requests: Sequence[Request], num_samples: int) -> None:
    num_frames = [request.num_frames for request in requests]
    if not requests or min(num_frames) < 1:
        raise OptionsError(f"at least 1 frame can be generated, got {min(num_frames, default=0)}")
    if num_samples < 1:
        raise OptionsError(f"samples must be at least 1, got {num_samples}")
    columns = sum(model.streams[name].dim for name in model.config.outputs)
    check_memory(
        _COPIES * num_samples * sum(num_frames) * columns,
        what=f"{num_samples} samples of {sum(num_frames)} frames",
        advice="draw fewer at a time, or shorter ones",
    )
