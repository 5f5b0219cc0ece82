"""A trained model dances to a song.

Shape letters: B dancers, T frames, S frames of a seed, D columns on disk.
"""

from collections.abc import Mapping

import numpy as np

from transflower.generation.modalities import silence_rows
from transflower.generation.rollout import rollout
from transflower.generation.song import Song
from transflower.models import LoadedModel


def dance(
    loaded: LoadedModel,
    song: Song,
    *,
    frames: int | None = None,
    seeds: Mapping[str, np.ndarray] | None = None,
    samples: int = 1,
    seed: int = 0,
    temperature: float = 1.0,
    label: str | None = None,
) -> dict[str, np.ndarray]:
    """Dances to a song, before and after which there is silence: output -> ``[B, T, D]``, as on disk.

    Args:
        loaded: what dances.
        song: what it dances to.
        frames: T; by default all of the song.
        seeds: output -> ``[S, D]``, what was danced before the song.
        samples: B.
        seed: of all randomness.
        temperature: 1 draws from the model's distribution, less is calmer.
        label: what the progress bar says; by default the name of the song.

    Raises:
        ModelError: inputs or seeds that do not fit the model, or drawn frames that are not finite.
        OptionsError: a number that is out of range.
    """
    return rollout(
        loaded.model,
        song.inputs,
        frames=song.frames if frames is None else frames,
        seeds=seeds,
        fill=silence_rows(loaded.sidecars),
        samples=samples,
        seed=seed,
        temperature=temperature,
        label=label or song.name,
    )
