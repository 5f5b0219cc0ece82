"""Finding the files of a data set."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_name, read_text
from transflower.core.listing import first_few, listing, name_some
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.features.extraction.sources import SEPARATOR, recordings_below
from transflower.formats.registry import find_suffix, holds_motion, readable_suffixes

_LARGEST_LIST = 2**24


def motion_files(config: ImportConfig, suffixes: Sequence[str] = ()) -> list[Path]:
    """The files of motion below the folder, sorted.

    Raises:
        DataError: there is no such folder, a part of it may not be read, or it holds no motion.
    """
    suffixes = suffixes or readable_suffixes()
    if not config.folder.is_dir():
        raise DataError(f"{config.folder} is not a folder; name that of the recordings")
    problems: list[str] = []
    found = [path for path in recordings_below(config.folder, suffixes, problems) if holds_motion(path)]
    if problems:
        raise DataError(listing("not all recordings can be reached", problems))
    if not found:
        raise DataError(f"{config.folder} holds no motion; that is in {', '.join(suffixes)} files")
    return found


def named_files(
    config: ImportConfig, expression: re.Pattern[str]
) -> tuple[list[tuple[Path, re.Match[str]]], list[str]]:
    """The BVH files below the folder whose names fit, with what they say; and the names of the others.

    Raises:
        DataError: as ``motion_files``.
    """
    fitting: list[tuple[Path, re.Match[str]]] = []
    others: list[str] = []
    for path in motion_files(config, (".bvh",)):
        if match := expression.fullmatch(stem(path)):
            fitting.append((path, match))
        else:
            others.append(path.name)
    return fitting, others


def stem(path: Path) -> str:
    """The name without the end that says the format."""
    suffix = find_suffix(path) or path.suffix
    return path.name[: len(path.name) - len(suffix)]


def path_id(path: Path, folder: Path) -> str:
    """An id with the sub-folders in it.

    Raises:
        DataError: it cannot be one.
    """
    return check_name(SEPARATOR.join((*path.relative_to(folder).parts[:-1], stem(path))))


class Songs:
    """The sound files below the folder of the songs, found by their names."""

    def __init__(self, config: ImportConfig) -> None:
        folder = config.music or config.folder
        if not folder.is_dir():
            what = "recordings" if config.music is None else "songs"
            raise DataError(f"{folder} is not a folder; name that of the {what}")
        self._by_name: dict[str, list[Path]] = {}
        self._doubtful: dict[str, list[Path]] = {}
        problems: list[str] = []
        for path in recordings_below(folder, SOUND_SUFFIXES, problems):
            self._by_name.setdefault(path.stem.lower(), []).append(path)
        if problems:
            raise DataError(listing("not all sounds can be reached", problems))

    def find(self, name: str, motion: Path) -> Path | None:
        """The sound called ``name``, in whatever case and with or without its end: beside the motion, or the only one.

        None: there is none, or it is not known which of several it is.
        """
        end = next((end for end in SOUND_SUFFIXES if name.lower().endswith(end)), "")
        wanted = name[: len(name) - len(end)]
        same = self._by_name.get(wanted.lower(), [])
        same = [path for path in same if path.parent.absolute() == motion.parent.absolute()] or same
        same = [path for path in same if path.stem == wanted] or same
        # Of one name in one folder, they are the same sound in several formats.
        if len({path.with_suffix("") for path in same}) > 1:
            self._doubtful[wanted] = same
            return None
        return same[0] if same else None

    def notes(self) -> list[str]:
        """A note on names that several sounds have, of which none was taken; none where there are none."""
        if not self._doubtful:
            return []
        told = [
            f"{name} ({name_some([str(path) for path in paths], most=2)})" for name, paths in self._doubtful.items()
        ]
        return [f"several sounds have the name that is wanted, none of which is taken: {name_some(told, most=3)}"]


def words_of(path: Path) -> list[str]:
    """The lines of a list that are not empty.

    Raises:
        FormatError: it cannot be read.
    """
    text = read_text(path, limit=_LARGEST_LIST, encoding="utf-8-sig")
    return [line.strip() for line in text.splitlines() if line.strip()]


def lists_below(folder: Path, name: str) -> list[Path]:
    """Text files below a folder whose names fit a pattern of the shell."""
    return sorted(path for path in folder.rglob(name) if path.is_file())


def distinct(rows: Iterable[RecordingRow]) -> tuple[RecordingRow, ...]:
    """The rows in the order of their ids.

    Raises:
        DataError: listing ids that two files share.
    """
    found: dict[str, RecordingRow] = {}
    problems = []
    for row in rows:
        earlier = found.setdefault(row.id, row)
        if earlier is not row:
            problems.append(f"{row.motion}: has the same id as {earlier.motion}")
    if problems:
        raise DataError(listing("ids must be unique", first_few(problems, 20)))
    return tuple(found[one] for one in sorted(found))


def left_out(reason: str, names: Sequence[str]) -> list[str]:
    """A note on what was left out; none where nothing was."""
    return [f"left out {len(names)} {reason}: {name_some(list(names), most=3)}"] if names else []


def without_song(rows: Sequence[RecordingRow], name: Callable[[RecordingRow], str]) -> list[str]:
    """A note on recordings whose song is missing; none where all have one."""
    missing = [row for row in rows if row.song is None]
    if not missing:
        return []
    songs = sorted({name(row) for row in missing})
    told = f"{len(missing)} of {len(rows)} recordings have no song; missing: {name_some(songs, most=3)}"
    return [f"{told}; --music names the folder of the songs"]


def try_id(path: Path, folder: Path, problems: list[str]) -> str | None:
    """As ``path_id``; what cannot be one is a problem."""
    try:
        return path_id(path, folder)
    except (DataError, FormatError) as error:
        problems.append(str(error))
        return None
