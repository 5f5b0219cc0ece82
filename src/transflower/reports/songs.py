"""The sound of held-out recordings, for pages that play it."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from transflower.audio.audio import Audio
from transflower.audio.formats import SOUND_SUFFIXES
from transflower.audio.reading import read_audio
from transflower.core.errors import TransflowerError
from transflower.core.files import is_there
from transflower.data.recordings import TABLE, read_recordings

log = logging.getLogger(__name__)


def find_songs(ids: Iterable[str], data: Path, recordings: Path | None, *, seconds: float) -> dict[str, Audio]:
    """The song of each recording that has one: a file of its name, else that of the table of recordings.

    One that cannot be read is left out with a warning.

    Args:
        ids: the recordings.
        data: a folder of features, perhaps with a table of recordings.
        recordings: a folder of sound files that are called as the recordings are.
        seconds: how much of a song is wanted, from where the recording begins.
    """
    table = data / TABLE
    rows = {row.id: row for row in read_recordings(table, check_files=False)} if is_there(table) else {}
    found: dict[str, Audio] = {}
    for one in ids:
        named = [] if recordings is None else [recordings / f"{one}{suffix}" for suffix in SOUND_SUFFIXES]
        path = next((path for path in named if path.is_file()), None)
        row = rows.get(one)
        offset = 0.0
        if path is None and row is not None and row.song is not None and row.song.is_file():
            path, offset = row.song, row.offset or 0.0
        if path is None:
            continue
        try:
            found[one] = _from(read_audio(path), offset, seconds)
        except TransflowerError as error:
            log.warning("%s; the dances to %s are shown without sound", error, one)
    return found


def _from(song: Audio, offset: float, seconds: float) -> Audio:
    """The part from a second on; silence, where the song has not begun."""
    start, length = round(offset * song.sample_rate), round(seconds * song.sample_rate)
    before = np.zeros((min(max(-start, 0), length), song.samples.shape[1]), np.float32)
    part = song.samples[max(start, 0) : max(start + length, 0)]
    return Audio(np.concatenate([before, part]), song.sample_rate)
