"""Finding the dances that paths name, and their song."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.audio.reading import read_pieces
from transflower.core.errors import DataError, FormatError
from transflower.data.stored_motion import open_motion
from transflower.formats.format import ReadOptions
from transflower.formats.registry import (
    FORMATS,
    find_format,
    find_suffix,
    holds_motion,
    is_motion_file,
    readable_suffixes,
)
from transflower.viewer.character import character_model, is_character
from transflower.viewer.shown_dance import MOST_DANCES, ShownDance

log = logging.getLogger(__name__)

_AUTO = ReadOptions()
_SEPARATORS = "_-. "


def find_dances(paths: Sequence[Path]) -> list[Path]:
    """The motion files that are named or lie in a named folder, in the order of their names.

    Of a folder, files without motion are left out, and of files that only differ in their suffix all but one.

    Raises:
        DataError: a folder holds no motion, or there are more than a page shows.
        FormatError: a file of a folder is broken.
    """
    found = [file for path in paths for file in _files_of(path)]
    if len(found) > MOST_DANCES:
        raise DataError(
            f"a page shows {MOST_DANCES} dances, and there are {len(found)}: name those that you want to see"
        )
    return found


def open_dances(files: Sequence[Path], options: ReadOptions = _AUTO) -> list[ShownDance]:
    """Read dances; a file with a character shows that character.

    Raises:
        FormatError: a file cannot be read.
    """
    names = _names(files)
    return [
        ShownDance(name=name, clip=open_motion(file, options).clip, model=character_model(file))
        for name, file in zip(names, files, strict=True)
    ]


def find_sound(files: Sequence[Path]) -> Path | None:
    """The song beside a dance: a sound file or video of its name, or of its name without the number of the sample.

    A file without sound that can be read is none.
    """
    for file in files:
        stem = _stem(file)
        song, _, number = stem.rpartition("_")
        for name in [stem, song] if number.isdigit() else [stem]:
            for suffix in SOUND_SUFFIXES:
                if name and (sound := file.with_name(f"{name}{suffix}")).is_file() and _is_sound(sound):
                    return sound
    return None


def title_of(files: Sequence[Path]) -> str:
    """What the names of the dances have in common, or else their folder's name."""
    stems = [_stem(file) for file in files]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip(_SEPARATORS)
    return common or files[0].absolute().parent.name or "dances"


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    named = sorted(file for file in path.iterdir() if file.is_file() and is_motion_file(file) and file.name[0] != ".")
    alike: dict[str, list[Path]] = defaultdict(list)
    for file in named:
        if holds_motion(file):
            alike[_stem(file)].append(file)
        else:
            log.info("%s holds no motion; it is left out", file)
    if not alike:
        raise DataError(f"{path} holds no motion; a page shows files that end in {', '.join(readable_suffixes())}")
    return [files[0] if len(files) == 1 else min(files, key=_rank) for files in alike.values()]


def _rank(file: Path) -> int:
    """The less, the rather a file is shown than others of the same dance: characters first, then BVH."""
    known = find_format(file)
    return -1 if known is None or is_character(file) else list(FORMATS).index(known.name)


def _is_sound(file: Path) -> bool:
    try:
        next(read_pieces(file))
    except FormatError as error:
        log.info("%s; the page has no sound of it", error)
        return False
    return True


def _names(files: Sequence[Path]) -> list[str]:
    """Names of files, with suffixes or folders where they would be the same; of numbered samples, their numbers."""
    stems = [_stem(file) for file in files]
    numbers = [stem.removeprefix(f"{title_of(files)}_") for stem in stems]
    if 1 < len(files) == len(set(numbers)) and all(map(str.isdigit, numbers)):
        return [f"dance {number}" for number in numbers]
    names = [file.name for file in files]
    folders = [file.absolute().parent.name for file in files]
    kinds = [stems, names]
    kinds += [[f"{folder}/{name}" for folder, name in zip(folders, kind, strict=True)] for kind in kinds]
    return [
        next((kind[index] for kind in kinds if kind.count(kind[index]) == 1), names[index])
        for index in range(len(files))
    ]


def _stem(file: Path) -> str:
    """The name without the end that says the format, which may have two dots."""
    return file.name[: len(file.name) - len(find_suffix(file) or file.suffix)]
