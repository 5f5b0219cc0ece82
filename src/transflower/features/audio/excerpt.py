"""Features of a part of a song, for a dance that does not start with it.

Shape letters: T rows, D columns, K beats.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Float, Float32

from transflower.audio.audio import Audio
from transflower.features.audio.extract import extract_pieces, silence
from transflower.features.audio_settings import AudioSettings

_ROUNDING = 1e-6
"""Part of a frame by which products of decimal fractions miss whole numbers."""


def extract_excerpt(
    pieces: Iterable[Audio],
    settings: AudioSettings,
    *,
    offset: float,
    rows: int,
    beats: Float[np.ndarray, " K"] | None = None,
) -> Float32[np.ndarray, "T D"]:
    """As ``extract``, but row k is centred on ``k / fps + offset`` seconds of the song, and there are ``rows`` of them.

    ``beats`` are seconds of the song. What lies before its start or after its end is silence. The rest of the song
    counts as usual.
    """
    skipped = max(0, math.ceil(offset * settings.fps - _ROUNDING))
    # So much silence before the song puts its rows where those of the dance are: less than a frame, unless the dance
    # starts first.
    lead = max(0.0, skipped / settings.fps - offset)
    # Of a long silence, all but a second of rows is known.
    known = min(rows, max(0, math.floor((lead - 1) * settings.fps)))
    quiet = silence(settings)
    if known == rows:
        return np.tile(quiet, (rows, 1))
    added = lead - known / settings.fps
    beats = None if beats is None else beats + added
    found = extract_pieces(_after(pieces, added), settings, beats=beats)[skipped:][: rows - known]
    missing = rows - known - len(found)
    return np.concatenate([np.tile(quiet, (known, 1)), found, np.tile(quiet, (missing, 1))])


def _after(pieces: Iterable[Audio], seconds: float) -> Iterator[Audio]:
    """The pieces, the first of them with silence before it."""
    for number, piece in enumerate(pieces):
        if number:
            yield piece
            continue
        num_silent = round(seconds * piece.sample_rate)
        padding = np.zeros((num_silent, piece.samples.shape[1]), np.float32)
        yield Audio(np.concatenate([padding, piece.samples]), piece.sample_rate)
