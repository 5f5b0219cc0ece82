"""Free-running dances to held-out songs, for metrics.

Shape letters: S samples, T frames, D columns.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from transflower.generation import Request, SamplingOptions, generate_batch, open_song
from transflower.models import LoadedModel


def dance_to(
    loaded: LoadedModel, ids: Iterable[str], features: Path, *, samples: int, seed: int = 0, temperature: float = 1.0
) -> dict[str, dict[str, np.ndarray]]:
    """Several dances to the features of each song, from its first frame to its last: id -> output -> ``[S, T, D]``."""
    names = list(ids)
    songs = [open_song(loaded, one, data=features) for one in names]
    requests = [Request(inputs=song.inputs, num_frames=song.frames) for song in songs]
    options = SamplingOptions(seed=seed, temperature=temperature)
    drawn = generate_batch(loaded, requests, num_samples=samples, options=options, label="dances")
    return dict(zip(names, drawn, strict=True))
