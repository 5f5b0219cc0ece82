"""Gestures with speech, as BEAT keeps them: BVH (or npz) and sound of the same name, ``2_scott_0_1_1``."""

import re

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import Songs, distinct, motion_files, stem, without_song

_NAME = re.compile(r"\d+_(?P<speaker>[A-Za-z]+)_.*")


def find_beat(config: ImportConfig) -> Found:
    """All recordings; speech takes the place of the song.

    Raises:
        DataError: there are none.
    """
    songs, rows = Songs(config), []
    for path in motion_files(config):
        match = _NAME.fullmatch(stem(path))
        rows.append(
            RecordingRow(
                id=stem(path),
                motion=path,
                song=songs.find(stem(path), path),
                offset=0.0,
                dancer=match["speaker"].lower() if match else "",
            )
        )
    found = distinct(rows)
    return Found(rows=found, notes=(*songs.notes(), *without_song(found, lambda row: row.id)))


BEAT = Corpus(
    title="BEAT",
    find=find_beat,
    terms="for non-commercial research, by the licence of the data set; what learns from it is too",
)
