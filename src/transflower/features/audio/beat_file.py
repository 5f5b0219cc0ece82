"""Beat times in files: a line for each beat, as music programs and trackers write them, or JSON.

Audacity writes labels (``start TAB end TAB name``), Sonic Visualiser CSV, madmom and mir_eval a time a line, perhaps
with the place in the bar, from 1 on. What comes after that does not count.

Shape letters: B beats, D downbeats.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_file, read_json, read_text
from transflower.core.numbers import parse_float, shorten

SUFFIXES = (".txt", ".csv", ".json", ".lab", ".beats")
"""In a folder of such files, in the order in which they are looked for."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
"""Beats per minute that are believed."""
_LARGEST_FILE = 8 * 2**20
_COMMENTS = ("#", "%", "\\")
"""Beginnings of lines without a beat; the last is that of frequencies in Audacity's labels."""


def read_beats(path: Path | str) -> Float[np.ndarray, " B"]:
    """Times of beats in seconds, ascending, at least two.

    Raises:
        FormatError: the file cannot be read, or what it holds is not that.
    """
    return read_bars(path)[0]


def read_bars(path: Path | str) -> tuple[Float[np.ndarray, " B"], Float[np.ndarray, " D"]]:
    """Times of beats, as ``read_beats`` gives them, and of those that begin a bar, where the file says so.

    Raises:
        FormatError: the file cannot be read, or what it holds is not that.
    """
    path = Path(path)
    check_file(path)
    beats: list[float] = []
    downbeats: list[float] = []
    for seconds, place, line in _json_beats(path) if path.suffix.lower() == ".json" else _lines(path):
        if seconds < 0:
            raise FormatError(path, f"a beat at {seconds:g} s lies before the song", line=line)
        if beats and seconds <= beats[-1]:
            raise FormatError(
                path, f"a beat at {seconds:g} s does not come after the one at {beats[-1]:g} s", line=line
            )
        beats.append(seconds)
        if place == "1":
            downbeats.append(seconds)
    if len(beats) < 2:
        raise FormatError(path, f"holds {len(beats) or 'no'} beat{'s' * (not beats)}, at least two are needed")
    bpm = 60 / float(np.median(np.diff(beats)))
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise FormatError(
            path, f"has {bpm:.3g} beats a minute, not {SLOWEST_BPM:g} to {FASTEST_BPM:g}; times must be in seconds"
        )
    return np.array(beats), np.array(downbeats)


def find_beats(given: Path, name: str) -> Path:
    """The file itself, or the one for a song of this name in a folder.

    Raises:
        DataError: the folder has none, or several.
    """
    found = find_in(given, name) if given.is_dir() else given
    if found is None:
        raise DataError(f"{given} has no file of beats for {name!r}; name one {name}.txt")
    return found


def find_in(folder: Path, name: str) -> Path | None:
    """The file of the beats of a song in a folder, if there is one.

    Raises:
        DataError: there are several.
    """
    found = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    if len(found) > 1:
        raise DataError(f"{folder} has several files of beats for {name!r}: {found[0].name} and {found[1].name}")
    return found[0] if found else None


def _lines(path: Path) -> Iterator[tuple[float, str, int]]:
    """Seconds of each line that has a beat, what stands after them, and its number."""
    text = read_text(path, limit=_LARGEST_FILE, encoding="utf-8-sig")
    is_first = True
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith(_COMMENTS):
            continue
        cell, place = _cells(line)
        if is_first and not any(character.isdigit() for character in cell):
            is_first = False  # The names of the columns.
            continue
        is_first = False
        try:
            yield parse_float(cell), place, number
        except ValueError as error:
            raise FormatError(path, f"must begin with the seconds of a beat: {error}", line=number) from error


def _cells(line: str) -> tuple[str, str]:
    """The first two of what tabs, commas, semicolons or spaces part; a second that is not there is empty."""
    if "\t" in line:
        # Where tabs divide, a comma is a decimal one.
        cells = [cell.strip().replace(",", ".") for cell in line.split("\t")]
    else:
        cells = [cell.strip('"') for cell in line.replace(",", " ").replace(";", " ").split()] or [line]
    return cells[0], cells[1] if len(cells) > 1 else ""


def _json_beats(path: Path) -> Iterator[tuple[float, str, None]]:
    tree = read_json(path)
    values = tree.get("beats") if isinstance(tree, dict) else tree
    if not isinstance(values, list):
        raise FormatError(path, 'must hold a list of seconds, or {"beats": [...]}')
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormatError(path, f"beat {index} is {shorten(repr(value))}, not a number of seconds")
        yield float(value), "", None
