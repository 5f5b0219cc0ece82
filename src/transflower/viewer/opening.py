"""Finding the dances that paths name, and their song."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.errors import DataError
from transflower.formats.format import ReadOptions
from transflower.formats.gltf.container import embed_files, read_gltf, to_glb
from transflower.formats.registry import find_format, is_motion_file, read_recording, readable_suffixes
from transflower.viewer.shown_dance import MOST_DANCES, ShownDance

_AUTO = ReadOptions()
_SEPARATORS = "_-. "


def find_dances(paths: Sequence[Path]) -> list[Path]:
    """The motion files that are named or lie in a named folder, in the order of their names.

    Raises:
        DataError: a path is missing, a folder holds no motion, or there are more than a page shows.
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
        ShownDance(name=name, clip=read_recording(file, options).clip, model=_character(file))
        for name, file in zip(names, files, strict=True)
    ]


def find_sound(files: Sequence[Path]) -> Path | None:
    """The song beside a dance: a sound file or video of its name, or of its name without the number of the sample."""
    for file in files:
        stem = _stem(file)
        song, _, number = stem.rpartition("_")
        for name in [stem, song] if number.isdigit() else [stem]:
            for suffix in SOUND_SUFFIXES:
                if name and (sound := file.with_name(f"{name}{suffix}")).is_file():
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
    found = sorted(file for file in path.iterdir() if file.is_file() and is_motion_file(file) and file.name[0] != ".")
    if not found:
        raise DataError(f"{path} holds no motion; a page shows files that end in {', '.join(readable_suffixes())}")
    return found


def _names(files: Sequence[Path]) -> list[str]:
    """Names of files, with their folders where they would be the same; of numbered samples, their numbers."""
    stems = [_stem(file) for file in files]
    numbers = [stem.removeprefix(f"{title_of(files)}_") for stem in stems]
    if len(files) > 1 and all(map(str.isdigit, numbers)):
        return [f"dance {number}" for number in numbers]
    return [
        stem if stems.count(stem) == 1 else f"{file.absolute().parent.name}/{stem}"
        for stem, file in zip(stems, files, strict=True)
    ]


def _stem(file: Path) -> str:
    """The name without the end that says the format, which may have two dots."""
    known = find_format(file)
    suffixes = known.suffixes if known else ()
    longest = max((suffix for suffix in suffixes if file.name.lower().endswith(suffix)), key=len, default=file.suffix)
    return file.name[: len(file.name) - len(longest)]


def _character(file: Path) -> bytes | None:
    """A glTF file with a mesh on its skeleton as one GLB; None for other files."""
    known = find_format(file)
    if known is None or known.name != "glb":
        return None
    content = read_gltf(file)
    return to_glb(embed_files(content)) if content.document.get("skins") and content.document.get("meshes") else None
