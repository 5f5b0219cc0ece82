"""A recording as the windows that its model is evaluated on: every position reads the true past.

Shape letters: T frames, S frames of a prompt, D columns on disk, P positions.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Shaped

from transflower.core.rates import frame_of
from transflower.core.spans import Span, alignment
from transflower.data.conventions import DTYPES
from transflower.generation.conditions import fit_inputs, fit_prompt, rows_at, silence_rows
from transflower.generation.known import known_frames
from transflower.models import LoadedModel
from transflower.models.sequence_model import Batch, SequenceModel
from transflower.nn.autocast import full_precision

_POSITIONS = 512
"""Positions that are evaluated at a time: more take more memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForcedPart:
    """Successive positions of a recording."""

    batch: Batch
    """One window, whose positions are ``num_skipped`` that only warm up the model, and then ``positions``."""
    positions: range
    """Position p predicts the frame p + (start of the target's span), and maybe others after it."""
    num_skipped: int


def forced_parts(
    model: LoadedModel | SequenceModel,
    inputs: Mapping[str, np.ndarray],
    outputs: Mapping[str, Shaped[np.ndarray, "T D"]],
    *,
    prompt: Mapping[str, Shaped[np.ndarray, "S D"]] | None = None,
) -> Iterator[ForcedPart]:
    """All positions that predict a frame of a recording, in order.

    Where a causal model reads far back, it reads what a window of so many frames in training holds, and no more.

    Args:
        model: what is evaluated. Only one that was loaded knows how silence looks in its features.
        inputs: each condition, as ``generate`` takes them.
        outputs: every output from frame 0 on, as on disk.
        prompt: output -> the frames before frame 0; by default the mean, as in generation.

    Raises:
        ModelError: arrays do not fit the model.
    """
    fill = silence_rows(model.sidecars) if isinstance(model, LoadedModel) else {}
    model = model.model if isinstance(model, LoadedModel) else model
    conditions, given = fit_inputs(model, inputs), fit_prompt(model, prompt or {})
    known = known_frames(model, given, fill)
    rows = {name: (array, 0) for name, array in conditions.items()}
    for name in model.config.outputs:
        before = known.take(name, until=0) if name in known.names else None
        start = np.zeros((0, outputs[name].shape[1])) if before is None else before[0].cpu().numpy()
        dtype = DTYPES[model.streams[name].kind]
        rows[name] = (np.concatenate([start, outputs[name]]).astype(dtype), -len(start))
    num_frames = min(map(len, outputs.values()))
    starts = [span.start for span in model.config.target_spans.values()]
    first, last = -max(starts), num_frames - min(starts)
    first -= first % alignment(model.spans.values())
    for positions, num_skipped in _parts(model, range(first, last)):
        batch = _batch(model, rows, fill, positions)
        counted = range(positions.start + num_skipped, positions.stop)
        yield ForcedPart(batch=batch, positions=counted, num_skipped=num_skipped)


@contextmanager
def evaluated(model: SequenceModel) -> Iterator[None]:
    """Evaluate a model as for use, in single precision, without gradients; then it is in its mode again."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), full_precision(next(model.parameters())):
            yield
    finally:
        model.train(was_training)


def _parts(model: SequenceModel, positions: range) -> list[tuple[range, int]]:
    """Positions that are evaluated together, and how many of them only warm up the model."""
    first, step = positions.start, alignment(model.spans.values())
    remembered = max(model.history, *(model.state_positions(name) for name in model.config.outputs))
    length, warm = (-(-count // step) * step for count in (_POSITIONS, min(remembered, _POSITIONS)))
    starts, end = range(first, positions.stop, length), first - (first - positions.stop) // step * step
    return [(range(max(first, start - warm), min(start + length, end)), min(warm, start - first)) for start in starts]


def _batch(
    model: SequenceModel,
    rows: Mapping[str, tuple[np.ndarray, int]],
    fill: Mapping[str, np.ndarray],
    positions: range,
) -> Batch:
    def window(name: str, span: Span) -> torch.Tensor:
        known, first = rows[name]
        if span.mode == "single":
            return torch.from_numpy(known)[None].to(model.device)
        start = frame_of(positions.start, span.rate) + span.start
        wanted = range(start, start + span.extended(len(positions)).length)
        if span.mode == "tile":
            wanted = range(len(wanted))
            first, known = 0, known[:1]
        # What comes after a recording is not read by the frames that count.
        return torch.from_numpy(rows_at(wanted, known, first=first, fill=fill.get(name)))[None].to(model.device)

    return {
        "inputs": {name: window(name, span) for name, span in model.spans.items()},
        "targets": {name: window(name, span) for name, span in model.config.target_spans.items()},
    }
