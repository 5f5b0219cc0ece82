"""Free running: the dances to a whole song, which is known from the beginning.

Shape letters: B dancers, T frames of an input, S frames of a seed, D columns on disk.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.memory import check_memory
from transflower.core.progress import progress
from transflower.generation.fitting import fit_inputs
from transflower.generation.stage import Stage
from transflower.models import Model

_COPIES = 8
"""Bytes of a drawn number: as it was drawn, and all of them put together."""


def rollout(
    model: Model,
    inputs: Mapping[str, np.ndarray],
    *,
    frames: int,
    seeds: Mapping[str, np.ndarray] | None = None,
    fill: Mapping[str, np.ndarray] | None = None,
    samples: int = 1,
    seed: int = 0,
    temperature: float = 1.0,
    reach: int | None = None,
    label: str = "dance",
) -> dict[str, np.ndarray]:
    """Draw every output for every frame of a song, for several dancers at once, none of whom depends on the others.

    Args:
        model: what draws.
        inputs: each modality that is read and not drawn, ``[T, D]``, from frame 0 on; others are ignored.
        frames: how many to draw.
        seeds: output -> ``[S, D]``, what was danced before frame 0, of any length.
        fill: modality -> row ``[D]`` that stands before and after what is known; by default the mean over the training
            split for outputs, and the outermost row for what is given.
        samples: B.
        seed: of all randomness.
        temperature: 1 draws from the model's distribution, less is calmer, 0 gives the most central frames.
        reach: frames of what is given after a position that the model sees; by default as many as it was trained for.
        label: what the progress bar says.

    Returns:
        Output -> ``[B, frames, D]``, as on disk.

    Raises:
        ModelError: inputs or seeds that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
    """
    if frames < 1:
        raise OptionsError(f"a dance needs at least 1 frame, got {frames}")
    if samples < 1:
        raise OptionsError(f"samples must be at least 1, got {samples}")
    columns = sum(model.streams[name].dim for name in model.config.outputs)
    check_memory(
        _COPIES * samples * frames * columns,
        what=f"{samples} samples of {frames} frames",
        advice="draw fewer at a time, or shorter ones",
    )
    inputs = fit_inputs(model, inputs)
    was_training = model.training
    model.eval()
    try:
        stage = Stage(model, dancers=samples, seed=seed, temperature=temperature, reach=reach, seeds=seeds, fill=fill)
        for name, rows in inputs.items():
            stage.give(name, rows)
        stage.end()
        drawn: dict[str, list[Tensor]] = {name: [] for name in model.config.outputs}
        positions = range(stage.position, stage.last_position(frames) + 1)
        for _ in progress(positions, label=label, total=len(positions), unit="frame"):
            for name, row in stage.advance().items():
                drawn[name].append(row)
    finally:
        model.train(was_training)
    return {name: torch.stack(rows[:frames], dim=1).cpu().numpy() for name, rows in drawn.items()}
