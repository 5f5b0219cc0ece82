"""AIST++: dances as pickles of SMPL, ten genres; the songs are those of the AIST Dance Video Database.

Everything is in the names, ``gBR_sBM_cAll_d04_mBR0_ch01``: genre, situation, camera, dancer, song, choreography. Lists
of splits and of what its authors left out are text files beside them.
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

NAME = re.compile(
    r"g(?P<genre>[A-Z]{2})_s[A-Z]{2}_c\w+_(?P<dancer>d\d+)_(?P<song>m(?P<kind>[A-Z]{2})(?P<number>\d))_ch\d+"
)
STYLES = {
    "BR": "break",
    "PO": "pop",
    "LO": "lock",
    "MH": "middle hip-hop",
    "LH": "LA hip-hop",
    "HO": "house",
    "WA": "waack",
    "KR": "krump",
    "JS": "street jazz",
    "JB": "ballet jazz",
}
"""Genre in the name -> what it is called."""
_SPLITS = ("train", "val", "test")
_LISTS = ("crossmodal_", "")
"""What names of lists of splits begin with; those of the task of dance from music first."""
_IGNORED = "ignore_list.txt"


def tempo_of(song: str) -> float | None:
    """Beats a minute of a song, which its name tells; None for another song.

    Example:
        >>> tempo_of("mBR0"), tempo_of("mHO3"), tempo_of("waltz")
        (80.0, 125.0, None)
    """
    match = re.fullmatch(r"m([A-Z]{2})([0-5])", song)
    if match is None or match[1] not in STYLES:
        return None
    number = int(match[2])
    return 110.0 + 5 * number if match[1] == "HO" else 80.0 + 10 * number


def find_aistpp(config: ImportConfig) -> Found:
    """The dances of AIST++, without those of its ignore list.

    Raises:
        DataError: there are none.
        FormatError: a list cannot be read.
    """
    songs, splits, ignored = Songs(config), _splits(config.folder), _ignored(config.folder)
    rows, others, left = [], [], []
    for path in motion_files(config, (".pkl",)):
        name = stem(path)
        match = NAME.fullmatch(name)
        if match is None:
            others.append(name)
        elif name in ignored:
            left.append(name)
        else:
            rows.append(
                RecordingRow(
                    id=name,
                    motion=path,
                    song=songs.find(match["song"], path),
                    offset=0.0,
                    tempo=tempo_of(match["song"]),
                    style=STYLES.get(match["genre"], match["genre"]),
                    dancer=match["dancer"],
                    split=splits.get(name, ""),
                )
            )
    found = distinct(rows)
    notes = [
        *left_out(f"dances of {_IGNORED}", left),
        *left_out("files whose names are not those of AIST++", others),
        *songs.notes(),
        *without_song(found, lambda row: row.id.split("_")[-2]),
    ]
    return Found(rows=found, notes=tuple(notes))


def _ignored(folder: Path) -> set[str]:
    return {name for path in lists_below(folder, _IGNORED) for name in words_of(path)}


def _splits(folder: Path) -> dict[str, str]:
    """Id -> split, of the first kind of lists that is there."""
    for kind in _LISTS:
        paths = {split: lists_below(folder, f"{kind}{split}.txt") for split in _SPLITS}
        if any(paths.values()):
            return {name: split for split in _SPLITS for path in paths[split] for name in words_of(path)}
    return {}


AISTPP = Corpus(
    title="AIST++",
    find=find_aistpp,
    terms="annotations CC BY 4.0, to be credited; the music is for research alone, and so is what learns from both",
)
