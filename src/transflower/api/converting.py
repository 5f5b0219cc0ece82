"""Motion from files of one kind to another, one file or whole folders."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transflower.api.opening import open_motion, opened_suffixes
from transflower.api.saving import check_savable, file_name, save_motion
from transflower.audio.reading import check_sound
from transflower.core.errors import DataError, OptionsError, TransflowerError
from transflower.core.files import check_path
from transflower.core.listing import listing
from transflower.core.progress import progress
from transflower.features.extraction.sources import find_sources
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
    """What is heard in a video or page; by default a sound that the file names."""
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
    if conversion.music is not None:
        check_sound(conversion.music)
    bodies = _read(source, conversion)
    sound = conversion.music or bodies[source.stem].sound
    return save_motion(target, bodies, sound=sound, motion=conversion.motion, render=conversion.render)


def convert_folder(source: Path, folder: Path, formats: Sequence[str], conversion: Conversion) -> list[Path]:
    """Write every motion file of a folder, and of those in it, in each of several formats; return what was written.

    A file that cannot be converted does not stop the others.

    Raises:
        OptionsError: no format is named, or one that there is not.
        DataError: files are there already, with nothing written; or listing the files that could not be converted.
    """
    if not formats:
        raise OptionsError(f"{source} is a folder: name the formats of the files by --format, such as --format glb")
    sources = find_sources([source], opened_suffixes(), ids="path")
    targets = {
        found: [folder / file_name(found.sequence_id, name, conversion.motion) for name in formats] for found in sources
    }
    _check_free([path for paths in targets.values() for path in paths], overwrite=conversion.overwrite)
    again = replace(conversion, overwrite=True)
    written, problems = [], []
    for found, paths in progress(targets.items(), label="convert", total=len(targets), unit="file"):
        for path in paths:
            try:
                written.append(convert(found.path, path, again))
            except TransflowerError as error:
                problems.append(str(error) if str(found.path) in str(error) else f"{found.path}: {error}")
    if problems:
        head = f"{len(problems)} of {len(written) + len(problems)} files could not be written"
        raise DataError(listing(head, list(dict.fromkeys(problems))))
    return written


def _read(source: Path, conversion: Conversion) -> dict[str, Recording]:
    """The motion of the file and of those beside it, by name."""
    bodies: dict[str, Recording] = {}
    for path in (source, *conversion.beside):
        recording = open_motion(path, conversion.read)
        if conversion.fps is not None:
            recording = replace(recording, clip=resample(recording.clip, conversion.fps))
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
