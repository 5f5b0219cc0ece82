"""How likely a dance is, frame by frame: the log density of what was drawn, given its song and its past.

Shape letters: T frames, S frames of a prompt, D columns on disk.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32, Shaped

from transflower.core.rates import frame_of
from transflower.core.seeds import derive_seed
from transflower.core.spans import Span, alignment
from transflower.data.conventions import DTYPES
from transflower.generation.conditions import fit_inputs, fit_prompt, rows_at, silence_rows
from transflower.generation.known import known_frames
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel
from transflower.nn.autocast import full_precision

_POSITIONS = 512
"""Positions that are evaluated at a time: more take more memory."""


@torch.no_grad()
def frame_log_likelihood(
    model: LoadedModel | SequenceModel,
    inputs: Mapping[str, np.ndarray],
    drawn: Mapping[str, Shaped[np.ndarray, "T D"]],
    *,
    prompt: Mapping[str, Shaped[np.ndarray, "S D"]] | None = None,
    seed: int = 0,
) -> dict[str, Float32[np.ndarray, " T"]]:
    """Log density of each frame in nats per dimension of standardised features, for each continuous output.

    A frame that the model predicts together with others counts with the first of them. Where a causal model reads far
    back, it reads what a window of so many frames in training holds, and no more.

    Args:
        model: of which the density is. Only one that was loaded knows how silence looks in its features.
        inputs: each condition, as ``generate`` takes them.
        drawn: every output from frame 0 on, as on disk; a dance of a person will do as well.
        prompt: output -> the frames before frame 0; by default the mean, as in generation.
        seed: of the noise on targets.

    Raises:
        ModelError: the model has no density, or arrays do not fit it.
    """
    fill = silence_rows(model.sidecars) if isinstance(model, LoadedModel) else {}
    model = model.model if isinstance(model, LoadedModel) else model
    conditions, given = fit_inputs(model, inputs), fit_prompt(model, prompt or {})
    known = known_frames(model, given, fill)
    rows = {name: (array, 0) for name, array in conditions.items()}
    for name in model.config.outputs:
        before = known.take(name, until=0) if name in known.names else None
        start = np.zeros((0, drawn[name].shape[1])) if before is None else before[0].cpu().numpy()
        dtype = DTYPES[model.streams[name].kind]
        rows[name] = (np.concatenate([start, drawn[name]]).astype(dtype), -len(start))
    num_frames = min(map(len, drawn.values()))
    starts = {name: span.start for name, span in model.config.target_spans.items()}
    # Position p predicts the frame p + start of an output.
    first, last = -max(starts.values()), num_frames - min(starts.values())
    first -= first % alignment(model.spans.values())
    generator = torch.Generator(model.device).manual_seed(derive_seed(seed, "likelihood"))
    was_training = model.training
    model.eval()
    try:
        with full_precision(next(model.parameters())):
            parts = [_evaluate(model, rows, fill, part, generator) for part in _parts(model, range(first, last))]
    finally:
        model.train(was_training)
    names = [name for name, window in model.config.outputs.items() if window.kind == "continuous"]
    skipped = {name: -starts[name] - first for name in names}
    whole = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return {name: rows[skipped[name] :][:num_frames] for name, rows in whole.items()}


def _parts(model: SequenceModel, positions: range) -> list[tuple[range, int]]:
    """Positions that are evaluated together, and how many of them only warm up the model."""
    first, step = positions.start, alignment(model.spans.values())
    length, warm = -(-_POSITIONS // step) * step, -(-min(model.history, _POSITIONS) // step) * step
    starts = range(first, positions.stop, length)
    return [(range(max(first, start - warm), start + length), min(warm, start - first)) for start in starts]


def _evaluate(
    model: SequenceModel,
    rows: Mapping[str, tuple[np.ndarray, int]],
    fill: Mapping[str, np.ndarray],
    part: tuple[range, int],
    generator: torch.Generator,
) -> dict[str, np.ndarray]:
    positions, skipped = part

    def window(name: str, span: Span) -> torch.Tensor:
        known, first = rows[name]
        if span.mode == "single":
            return torch.from_numpy(known)[None].to(model.device)
        start = frame_of(positions.start, span.rate) + span.start
        wanted = range(start, start + span.extended(len(positions)).length)
        if span.mode == "tile":
            wanted = range(len(wanted))
            first, known = 0, known[:1]
        # What comes after a dance is not read by the frames that count.
        return torch.from_numpy(rows_at(wanted, known, first=first, fill=fill.get(name)))[None].to(model.device)

    batch = {
        "inputs": {name: window(name, span) for name, span in model.spans.items()},
        "targets": {name: window(name, span) for name, span in model.config.target_spans.items()},
    }
    found = model.log_prob(batch, generator=generator)
    sizes = {name: model.dims[name] * model.config.outputs[name].length for name in found}
    return {name: (value[0, skipped:] / sizes[name]).float().cpu().numpy() for name, value in found.items()}
