"""``transflower motion clean PATH... --out FOLDER --mend KINDS``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.cli.motion_check import ReadingOptions
from transflower.cli.printable import say
from transflower.core.errors import DataError
from transflower.core.listing import listing
from transflower.core.options import parse


@dataclass(frozen=True, kw_only=True)
class CleanMotion(ReadingOptions):
    """Recordings without some kinds of faults, in new files; the originals stay as they are."""

    paths: tuple[Path, ...]
    """Files of motion, and folders of them."""
    out: Path
    """Folder of the new files, which have the names of the old ones."""
    mend: str
    """Kinds of faults to mend, with commas between: `t_pose`, `cuts`, `jumps`, `knees`, `flips`, `frozen`, `drift`,
    `floor`. Other faults stay, as do recordings without faults."""
    overwrite: bool = False
    """Replace files that are there, and remove parts of the same recordings that an earlier cleaning has left."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Write the files, and say what was mended and what is left."""
    options = parse(CleanMotion, argv, positional=["paths"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.features.motion_faults import clean_recordings
    from transflower.formats.format import ReadOptions

    kinds = [kind.strip() for kind in options.mend.split(",")]
    read = ReadOptions(unit=options.unit, up=options.up, fps=options.source_fps)
    report = clean_recordings(options.paths, options.out, kinds, read, overwrite=options.overwrite, jobs=options.jobs)
    say(report)
    if report.problems:
        raise DataError(listing(f"{len(report.problems)} files could not be cleaned", report.problems))
    return 0
