"""The CMU motion capture database, as any of its conversions to BVH.

Names are ``60_01`` or ``60_1``: subject and trial. The index that comes with the conversions describes each trial; a
table with the columns motion and fps tells true frame rates, which headers of some conversions say wrongly.
"""

import re
from pathlib import Path

from transflower.core.errors import DataError, OptionsError
from transflower.core.listing import name_some
from transflower.core.numbers import MOST_FPS, parse_float
from transflower.core.table import read_table
from transflower.core.table_faults import TableFaults
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import Songs, distinct, lists_below, motion_files, path_id, stem, words_of
from transflower.features.extraction.pairs import as_id
from transflower.features.extraction.sources import SEPARATOR

_TRIAL = re.compile(r"(?P<subject>\d+)_(?P<trial>\d+)")
_LINE = re.compile(r"(?P<trial>\d+_\d+)\s+(?P<text>\S.*)")
_INDEX = "*index*.txt"
_NUMBERED = re.compile(r"[\d_-]*")


def find_cmu(config: ImportConfig) -> Found:
    """All motion; the folders in which files lie are their styles, unless they are numbers.

    Raises:
        DataError: there is none, or the table of frame rates is faulty.
        FormatError: an index cannot be read.
    """
    texts = _texts(config.folder)
    rates = {} if config.table is None else _rates(config.table)
    songs, rows = Songs(config), []
    for path in motion_files(config):
        trial = _normal(stem(path))
        is_trial = _TRIAL.fullmatch(trial) is not None
        one = stem(path) if is_trial else path_id(path, config.folder)
        folder = path.parent.name if path.parent != config.folder else ""
        rows.append(
            RecordingRow(
                id=one,
                motion=path,
                song=songs.find(stem(path), path),
                style="" if _NUMBERED.fullmatch(folder) else folder.lower(),
                dancer=trial.partition("_")[0] if is_trial else "",
                text=texts.get(trial, ""),
                fps=rates.get(trial) if is_trial else rates.get(one),
            )
        )
    found = distinct(rows)
    notes = songs.notes()
    if config.table is not None and (unknown := [row.id for row in found if row.fps is None]):
        notes.append(
            f"{config.table} tells no frame rate of {len(unknown)} of {len(found)} recordings: "
            f"{name_some(unknown, most=3)}"
        )
    elif config.table is None and config.source_fps is None:
        notes.append(
            "frame rates are those of the files, which are often 120 where the truth is 60: --source_fps, --table"
        )
    return Found(rows=found, notes=tuple(notes))


def _normal(name: str) -> str:
    """A trial without leading zeros."""
    match = _TRIAL.fullmatch(name)
    return f"{int(match['subject'])}_{int(match['trial'])}" if match else name


def _texts(folder: Path) -> dict[str, str]:
    """Trial -> what happens, of the index files that are there."""
    lines = [line for path in lists_below(folder, _INDEX) for line in words_of(path)]
    matches = [match for match in map(_LINE.fullmatch, lines) if match]
    return {_normal(match["trial"]): match["text"].strip() for match in matches}


def _rates(table: Path) -> dict[str, float]:
    """Trial, or id of a file that is called otherwise, -> frames a second."""
    found: dict[str, float] = {}
    faults = TableFaults(table)
    rows = read_table(table, needed=("motion", "fps"), others=True, aliases={"id": "motion", "trial": "motion"})
    for row in faults.readable(rows):
        name = as_id(row.cells["motion"], (".bvh", ".amc"))
        trial = _normal(name.rpartition(SEPARATOR)[2])
        with faults.noted(row.line):
            found[trial if _TRIAL.fullmatch(trial) else name] = _rate(row.cells["fps"])
    faults.refuse("the frame rates cannot be used")
    if not found:
        raise OptionsError(f"{table} tells no frame rate")
    return found


def _rate(text: str) -> float:
    try:
        rate = parse_float(text)
    except ValueError as error:
        raise DataError(f"fps {error}") from error
    if not 0 < rate <= MOST_FPS:
        raise DataError(f"fps is {rate:g}; it must be above 0 and at most {MOST_FPS}")
    return rate


CMU = Corpus(
    title="CMU Graphics Lab Motion Capture Database",
    find=find_cmu,
    terms="free for all use, as is what learns from it; not to be sold as it is; credit mocap.cs.cmu.edu",
)
