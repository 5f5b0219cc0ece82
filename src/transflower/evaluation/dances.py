"""Free-running dances to held-out songs, for metrics.

Shape letters: S samples, T frames, D columns.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from transflower.generation import SamplingOptions, generate, open_song
from transflower.models import LoadedModel


def dance_to(
    loaded: LoadedModel, ids: Iterable[str], features: Path, *, samples: int, seed: int = 0, temperature: float = 1.0
) -> dict[str, dict[str, np.ndarray]]:
    """Several dances to the features of each song, from its first frame to its last: id -> output -> ``[S, T, D]``."""
    songs = {one: open_song(loaded, one, data=features) for one in ids}
    options = SamplingOptions(seed=seed, temperature=temperature)
    return {
        one: generate(
            loaded, song.inputs, num_frames=song.frames, num_samples=samples, options=options, label=song.name
        )
        for one, song in songs.items()
    }
