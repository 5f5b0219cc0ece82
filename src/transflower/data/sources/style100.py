"""100STYLE: BVH called ``STYLE_FW``, and ``Frame_Cuts.csv`` with the frames of each that count."""

import re
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.numbers import parse_int
from transflower.core.table import read_table
from transflower.core.table_faults import TableFaults
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import distinct, left_out, lists_below, named_files, stem

FPS = 60.0
"""Of the files."""
WAYS = {
    "FW": "walks forwards",
    "FR": "runs forwards",
    "BW": "walks backwards",
    "BR": "runs backwards",
    "SW": "walks sideways",
    "SR": "runs sideways",
    "ID": "stands",
    "TR1": "starts, stops and turns",
    "TR2": "starts, stops and turns",
    "TR3": "starts, stops and turns",
}
"""End of the name -> what happens."""
_NAME = re.compile(rf"(?P<style>.+)_(?P<way>{'|'.join(WAYS)})")
_CUTS = "Frame_Cuts.csv"
_COLUMNS = tuple(f"{way}_{end}".lower() for way in WAYS for end in ("start", "stop"))
_ABSENT = {"", "n/a", "nan", "-"}

Cuts = dict[tuple[str, str], tuple[int, int]]
"""Style in lower case and way -> first frame that counts, and the one after the last."""


def find_style100(config: ImportConfig) -> Found:
    """All takes, cut as the table of the data set says; those of which it says nothing are left out.

    Raises:
        DataError: there are none, or the table is faulty.
        FormatError: the table cannot be read.
    """
    tables = lists_below(config.folder, _CUTS)
    cuts = {key: cut for table in tables for key, cut in _cuts(table).items()}
    fitting, others = named_files(config, _NAME)
    rows, uncut = [], []
    for path, match in fitting:
        cut = cuts.get((match["style"].lower(), match["way"]))
        if tables and cut is None:
            uncut.append(path.name)
            continue
        start, stop = (None, None) if cut is None else (cut[0] / FPS, cut[1] / FPS)
        rows.append(
            RecordingRow(
                id=stem(path),
                motion=path,
                style=match["style"].lower(),
                text=WAYS[match["way"]],
                start=start,
                stop=stop,
            )
        )
    notes = [
        *([] if tables else [f"there is no {_CUTS}, so that takes are whole, with the T-poses at their ends"]),
        *left_out(f"takes of which {_CUTS} says nothing", uncut),
        *left_out("files whose names are not those of 100STYLE", others),
    ]
    return Found(rows=distinct(rows), notes=tuple(notes))


def _cuts(table: Path) -> Cuts:
    found: Cuts = {}
    faults = TableFaults(table)
    for row in faults.readable(read_table(table, needed=("style_name",), optional=_COLUMNS, others=True)):
        for way in WAYS:
            ends = [row.cells[f"{way}_{end}".lower()] for end in ("start", "stop")]
            if not _ABSENT.intersection(end.lower() for end in ends):
                with faults.noted(row.line):
                    found[row.cells["style_name"].lower(), way] = _frames(way, *ends)
    faults.refuse("the cuts cannot be used")
    return found


def _frames(way: str, start: str, stop: str) -> tuple[int, int]:
    try:
        first, last = (parse_int(end.removesuffix(".0")) for end in (start, stop))
    except ValueError as error:
        raise DataError(f"{way}: {error}") from error
    if not 0 <= first < last:
        raise DataError(f"{way} starts at frame {first} and stops at {last}")
    return first, last


STYLE100 = Corpus(
    title="100STYLE",
    find=find_style100,
    terms="CC BY 4.0: free for all use with credit to Ian Mason, and so is what learns from it",
)
