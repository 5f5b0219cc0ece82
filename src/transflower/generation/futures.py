"""Samples that go on from moments of recordings, given all that came before.

Shape letters: S samples, D columns on disk.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from transflower.core.progress import progress
from transflower.core.rates import frame_of
from transflower.core.seeds import derive_seed
from transflower.core.spans import alignment
from transflower.generation.conditions import fit_inputs, fit_prompt, is_autoregressive, rows_at, silence_rows
from transflower.generation.engine import Engine
from transflower.generation.known import KnownFrames, known_frames, stack_known
from transflower.generation.options import SamplingOptions
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel

_MAX_ROWS = 128
"""Rows that are drawn at a time."""
_NOISE = "noise."


@dataclass(frozen=True, kw_only=True, eq=False)
class Moment:
    """Where the samples of a recording begin."""

    inputs: Mapping[str, np.ndarray]
    """Each condition of the model, whole."""
    outputs: Mapping[str, np.ndarray]
    """Each output, whole; what lies before ``frame`` is the prompt."""
    frame: int
    """The first frame that is drawn; a multiple of ``frame_step`` of the model."""


def frame_step(model: SequenceModel) -> int:
    """Moments of a recording are a multiple of so many frames, with which a frame of every input begins."""
    return alignment(model.spans.values())


def draw_futures(
    model: LoadedModel | SequenceModel,
    moments: Sequence[Moment],
    *,
    num_frames: int,
    num_samples: int,
    options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
    label: str = "futures",
) -> list[dict[str, np.ndarray]]:
    """Several samples from each moment on: output -> ``[S, num_frames, D]``, as on disk.

    Unlike ``generate`` it knows the conditions before the first drawn frame, and all samples of a moment share the work
    on what came before.

    Raises:
        ModelError: arrays that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
    """
    fill = silence_rows(model.sidecars) if isinstance(model, LoadedModel) else {}
    model = model.model if isinstance(model, LoadedModel) else model
    starts = [_start(model, moment, fill) for moment in moments]
    was_training = model.training
    model.eval()
    try:
        drawn: dict[int, dict[str, np.ndarray]] = {}
        for group in _groups(starts):
            state = _warmed_up(model, [starts[index] for index in group], num_frames, options, fill)
            size = max(1, _MAX_ROWS // num_samples)
            batches = [slice(first, min(first + size, len(group))) for first in range(0, len(group), size)]
            for batch in progress(batches, label=label, unit="batch"):
                seeds = [derive_seed(options.seed, "futures", index) for index in group[batch]]
                known = stack_known([starts[index].known for index in group[batch]])
                engine = _engine(model, known, state, batch, seeds, num_samples, options, fill)
                found = _draw(engine, model, num_frames, num_samples)
                drawn |= dict(zip(group[batch], found, strict=True))
    finally:
        model.train(was_training)
    return [drawn[index] for index in range(len(moments))]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Start:
    """A moment as the engine takes it: frame 0 is its first drawn frame."""

    inputs: Mapping[str, np.ndarray]
    frame: int
    known: KnownFrames


def _start(model: SequenceModel, moment: Moment, fill: Mapping[str, np.ndarray]) -> _Start:
    prompt = {
        name: rows[: moment.frame]
        for name, rows in moment.outputs.items()
        if moment.frame and is_autoregressive(model, name)
    }
    known = known_frames(model, fit_prompt(model, prompt), fill)
    return _Start(inputs=fit_inputs(model, moment.inputs), frame=moment.frame, known=known)


def _groups(starts: Sequence[_Start]) -> Iterator[list[int]]:
    """Indices of moments that are warmed up together: they begin at the same position."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index, start in enumerate(starts):
        groups[start.known.start].append(index)
    for group in groups.values():
        yield from (group[first : first + _MAX_ROWS] for first in range(0, len(group), _MAX_ROWS))


def _warmed_up(
    model: SequenceModel,
    starts: Sequence[_Start],
    num_frames: int,
    options: SamplingOptions,
    fill: Mapping[str, np.ndarray],
) -> dict[str, Tensor]:
    """The state before frame 0 of an engine with a row for each moment."""
    rows = {
        name: np.stack([_rows(model, name, start, num_frames, fill) for start in starts]) for name in starts[0].inputs
    }
    past = {name: array[:, : -_first(model, name, starts[0])] for name, array in rows.items() if model.has_time(name)}
    known = stack_known([start.known for start in starts])
    engine = Engine(model, known, options=options, fill=fill, past=past)
    for name, array in rows.items():
        engine.push(name, array[:, past[name].shape[1] :] if name in past else array)
    while engine.position < known.first_drawn:
        engine.step()
    return engine.state_dict()


def _engine(
    model: SequenceModel,
    known: KnownFrames,
    state: Mapping[str, Tensor],
    batch: slice,
    seeds: Sequence[int],
    num_samples: int,
    options: SamplingOptions,
    fill: Mapping[str, np.ndarray],
) -> Engine:
    """An engine of all samples of some moments, which goes on from a state with a row for each moment."""
    engine = Engine(
        model,
        known.repeated(num_samples),
        options=options,
        seeds=[seed for seed in seeds for _ in range(num_samples)],
        indices=list(range(num_samples)) * len(seeds),
        fill=fill,
    )
    own_noise = {name: value for name, value in engine.state_dict().items() if name.startswith(_NOISE)}
    engine.load_state_dict({name: _repeated(value, batch, num_samples) for name, value in state.items()} | own_noise)
    return engine


def _rows(
    model: SequenceModel, name: str, start: _Start, num_frames: int, fill: Mapping[str, np.ndarray]
) -> np.ndarray:
    """What is read of a condition, in the samples and before them."""
    array, span = start.inputs[name], model.spans[name]
    if not model.has_time(name):
        return array
    last = num_frames - 1 - min(target.start for target in model.config.target_spans.values())
    # A frame of a slower input is pushed whole.
    wanted = range(_first(model, name, start), frame_of(last, span.rate) + span.stop + 1)
    return rows_at(wanted, array, first=-frame_of(start.frame, span.rate), fill=fill.get(name))


def _first(model: SequenceModel, name: str, start: _Start) -> int:
    """The first frame that is read of a condition, from frame 0 of the samples on; at most 0."""
    span = model.spans[name]
    return min(0, frame_of(start.known.first_position, span.rate) + span.start)


def _repeated(value: Tensor, batch: slice, times: int) -> Tensor:
    """A state for so many rows in place of each of a batch; numbers that all rows share stay."""
    return value[batch].repeat_interleave(times, dim=0) if value.ndim else value


def _draw(engine: Engine, model: SequenceModel, num_frames: int, num_samples: int) -> list[dict[str, np.ndarray]]:
    drawn: dict[str, list[Tensor]] = {name: [] for name in model.config.outputs}
    for _ in range(engine.position, engine.last_position(num_frames) + 1):
        for name, frames in engine.step().items():
            drawn[name].append(frames)
    whole = {name: torch.cat(frames, dim=1)[:, :num_frames].cpu().numpy() for name, frames in drawn.items()}
    return [
        {name: frames[first : first + num_samples] for name, frames in whole.items()}
        for first in range(0, engine.batch_size, num_samples)
    ]
