"""The one entrance to generation: from a model, its inputs and a prompt to samples.

Shape letters: B samples, T frames of an input, S frames of a prompt, D columns on disk.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.memory import check_memory
from transflower.core.progress import progress
from transflower.generation.conditions import fit_inputs, silence_rows
from transflower.generation.engine import Engine
from transflower.generation.options import SamplingOptions
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel

_COPIES = 8
"""Bytes of a drawn number: as it was drawn, and all of them put together."""


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
    silence = silence_rows(model.sidecars) if isinstance(model, LoadedModel) else {}
    model = model.model if isinstance(model, LoadedModel) else model
    _check_size(model, num_frames, num_samples)
    inputs = fit_inputs(model, inputs)
    was_training = model.training
    model.eval()
    try:
        engine = Engine(model, batch_size=num_samples, options=options, prompt=prompt, fill={**silence, **(fill or {})})
        for name, rows in inputs.items():
            engine.push(name, rows)
        engine.end()
        drawn: dict[str, list[Tensor]] = {name: [] for name in model.config.outputs}
        positions = range(engine.position, engine.last_position(num_frames) + 1)
        for _ in progress(positions, label=label, total=len(positions), unit="frame"):
            for name, row in engine.step().items():
                drawn[name].append(row)
    finally:
        model.train(was_training)
    return {name: torch.stack(rows[:num_frames], dim=1).cpu().numpy() for name, rows in drawn.items()}


def _check_size(model: SequenceModel, num_frames: int, num_samples: int) -> None:
    if num_frames < 1:
        raise OptionsError(f"at least 1 frame can be generated, got {num_frames}")
    if num_samples < 1:
        raise OptionsError(f"samples must be at least 1, got {num_samples}")
    columns = sum(model.streams[name].dim for name in model.config.outputs)
    check_memory(
        _COPIES * num_samples * num_frames * columns,
        what=f"{num_samples} samples of {num_frames} frames",
        advice="draw fewer at a time, or shorter ones",
    )
