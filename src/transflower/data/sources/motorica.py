"""The Motorica Dance Dataset: BVH and WAV of the same name, or published frames as pickles.

Names are as those of AIST, ``kthjazz_gJZ_sFM_cAll_d02_mJZ_ch01_SONG_002``. Of the published frames, ``_00`` and ``_01``
are the same take, half a frame apart, and ``_mirrored`` its mirror image.
"""

import re
from pathlib import Path

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import (
    Songs,
    distinct,
    left_out,
    lists_below,
    motion_files,
    stem,
    without_song,
    words_of,
)

STYLES = {
    "LH": "hip-hop",
    "KR": "krump",
    "PO": "pop",
    "LO": "lock",
    "JZ": "jazz",
    "CH": "charleston",
    "TP": "tap",
    "CA": "casual",
}
"""Genre in the name -> what it is called."""
_NAME = re.compile(r"(?P<session>[a-z]+)_g(?P<genre>[A-Z]{2})_.*?(?P<dancer>d\d+)_.*")
_PUBLISHED = re.compile(r"(?P<take>.+?)(?:_(?P<part>\d\d))?(?P<mirrored>_mirrored)?\.expmap_\d+fps")
_SPLITS = {"dance_train_files.txt": "train", "dance_test_files.txt": "test"}


def find_motorica(config: ImportConfig) -> Found:
    """The dances of Motorica; a take that is there as BVH is not read from its frames.

    Raises:
        DataError: there are none.
        FormatError: a list cannot be read.
    """
    songs, splits = Songs(config), _splits(config.folder)
    takes: dict[str, Path] = {}
    again, others = [], []
    files = motion_files(config, (".bvh", ".pkl"))
    for path in sorted(files, key=lambda path: (path.suffix != ".bvh", path)):
        take, is_first = _take(path)
        if not _NAME.fullmatch(take):
            others.append(path.name)
        elif take in takes or not is_first:
            again.append(path.name)
        else:
            takes[take] = path
    rows = []
    for take, path in takes.items():
        match = _NAME.fullmatch(take)
        assert match is not None, "others were left out"
        rows.append(
            RecordingRow(
                id=take,
                motion=path,
                song=songs.find(take, path),
                offset=0.0,
                style=STYLES.get(match["genre"], match["genre"]),
                dancer=f"{match['session']}-{match['dancer']}",
                split=splits.get(take, ""),
            )
        )
    found = distinct(rows)
    notes = [
        *left_out("files of takes that are there already, or mirrored", again),
        *left_out("files whose names are not those of Motorica", others),
        *songs.notes(),
        *without_song(found, lambda row: row.id),
    ]
    return Found(rows=found, notes=tuple(notes))


def _take(path: Path) -> tuple[str, bool]:
    """The name of the take, and whether the file is its first part."""
    name = stem(path)
    match = _PUBLISHED.fullmatch(name)
    if match is None:
        return name, True
    return match["take"], match["part"] in {None, "00"} and not match["mirrored"]


def _splits(folder: Path) -> dict[str, str]:
    found = {}
    for name, split in _SPLITS.items():
        for path in lists_below(folder, name):
            for line in words_of(path):
                match = _PUBLISHED.fullmatch(f"{line}.expmap_30fps")
                found[match["take"] if match else line] = split
    return found


MOTORICA = Corpus(
    title="Motorica Dance Dataset",
    find=find_motorica,
    terms="for research, not to be handed on, no commercial models of it; the music belongs to its makers",
)
