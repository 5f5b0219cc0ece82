"""``transflower motion check PATH...``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.cli.printable import say
from transflower.core.errors import DataError
from transflower.core.listing import listing
from transflower.core.options import parse
from transflower.core.options.ranges import Jobs, Positive


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How recordings are read."""

    unit: str = "auto"
    """Unit of the recordings: `m`, `cm`, `mm`, `in`, metres per unit, or `auto` for what makes the body human."""
    up: str = "auto"
    """Axis up in the recordings: `y`, `-y`, `z`, `-z`, `x`, `-x`, or `auto` for that along which the body stands."""
    source_fps: Positive | None = None
    """Frames per second of the recordings, instead of the rate written in them."""
    jobs: Jobs = -1
    """Files worked on at the same time; -1: one for each CPU core."""


@dataclass(frozen=True, kw_only=True)
class CheckMotion(ReadingOptions):
    """What is wrong with recordings, each fault with its file and second. Nothing is changed."""

    paths: tuple[Path, ...]
    """Files of motion, and folders of them."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Print the faults; 2 if there are any."""
    options = parse(CheckMotion, argv, positional=["paths"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.features.motion_faults import check_recordings
    from transflower.formats.format import ReadOptions

    read = ReadOptions(unit=options.unit, up=options.up, fps=options.source_fps)
    report = check_recordings(options.paths, read, jobs=options.jobs)
    say(report)
    if report.problems:
        raise DataError(listing(f"{len(report.problems)} files could not be read", report.problems))
    return 2 if report.has_faults else 0
