"""Motion from files of one kind to another, one file or whole folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transflower.api.opening import find_motion
from transflower.api.saving import check_savable, file_name, save_motion
from transflower.audio.reading import check_sound
from transflower.core.errors import DataError, FormatError, OptionsError, TransflowerError
from transflower.core.files import check_path
from transflower.core.progress import progress
from transflower.data.stored_motion import open_motion
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.writing import MotionWriter
from transflower.motion.resample import resample
from transflower.render.options import VIDEO, VideoConfig


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How motion is read, changed and written."""

    read: ReadOptions = field(default_factory=ReadOptions)
    """What the files may not say rightly."""
    motion: MotionWriter = field(default_factory=MotionWriter)
    """How motion is written, and on whose skeleton."""
    fps: float | None = None
    """Frames per second that are written; by default those of the file."""
    beside: tuple[Path, ...] = ()
    """Other motion files, shown beside each in a video or page."""
    music: Path | None = None
    """What is heard in a video or page."""
    render: VideoConfig = VIDEO
    """What a video looks like."""
    overwrite: bool = False
    """Whether files that are there are replaced."""


def convert(source: Path, target: Path, conversion: Conversion) -> Path:
    """Write the motion of one file to another, whose kind the end of its name says.

    Raises:
        TransflowerError: the motion cannot be read or written, or the file is there already.
    """
    check_savable(target, conversion.motion)
    _check_free([target], overwrite=conversion.overwrite)
    _check_other([source], [target])
    _check_shown(conversion)
    return _save(target, _read(source, conversion), conversion)


def convert_folder(
    source: Path, folder: Path, formats: Sequence[str], conversion: Conversion
) -> tuple[list[Path], list[str]]:
    """Write every motion file of a folder, and of those in it, in each of several formats.

    Of files that differ in nothing but the end of their names one is taken. Characters without motion are passed over.
    A file that cannot be converted does not stop the others.

    Returns:
        What was written, and why other files could not be.

    Raises:
        OptionsError: no format is named, or one that there is not.
        DataError: there is no motion in the folder, or files are there already; nothing is written.
    """
    if not formats:
        raise OptionsError(f"{source} is a folder: name the formats of the files by --format, such as --format glb")
    found = find_motion(source)
    targets = {path: [folder / file_name(name, kind, conversion.motion) for kind in formats] for name, path in found}
    for paths in targets.values():
        for path in paths:
            check_savable(path, conversion.motion)
    files = [path for paths in targets.values() for path in paths]
    _check_free(files, overwrite=conversion.overwrite)
    _check_other(list(targets), files)
    _check_shown(conversion)
    written: list[Path] = []
    problems: list[str] = []
    for path, wanted in progress(targets.items(), label="convert", total=len(targets), unit="file"):
        try:
            bodies = _read(path, conversion)
            written += [_save(target, bodies, conversion) for target in wanted]
        except FormatError as error:
            problems.append(str(error))
        except TransflowerError as error:
            problems.append(f"{path}: {error}")
    return written, problems


def _check_shown(conversion: Conversion) -> None:
    if conversion.music is not None:
        check_sound(conversion.music)
    if conversion.render.columns is not None:
        conversion.render.cells(1 + len(conversion.beside))


def _save(target: Path, bodies: Mapping[str, Recording], conversion: Conversion) -> Path:
    return save_motion(target, bodies, sound=conversion.music, motion=conversion.motion, render=conversion.render)


def _read(source: Path, conversion: Conversion) -> dict[str, Recording]:
    """The motion of the file and of those beside it, by name, on the skeleton on which it is written."""
    bodies: dict[str, Recording] = {}
    for path in (source, *conversion.beside):
        recording = open_motion(path, conversion.read)
        if conversion.fps is not None:
            recording = replace(recording, clip=resample(recording.clip, conversion.fps))
        recording = replace(recording, clip=conversion.motion.put(recording.clip))
        name = path.stem if path.stem not in bodies else f"{path.parent.name}/{path.stem}"
        bodies[name if name not in bodies else str(path)] = recording
    return bodies


def _check_free(paths: Sequence[Path], *, overwrite: bool) -> None:
    for path in paths:
        check_path(path)
    taken = [] if overwrite else [path for path in paths if path.exists()]
    if taken:
        more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise DataError(f"{taken[0]}{more} is there already; add --overwrite, or choose another name")


def _check_other(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """A recording is never replaced by what is made of it."""
    originals = {path.resolve() for path in sources}
    for path in targets:
        if path.resolve() in originals:
            raise DataError(f"{path} is the recording itself; choose another name")
