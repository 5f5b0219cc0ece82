"""``transflower extract motion FILE_OR_FOLDER... --out DIR``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.features.extraction.options import MotionExtraction


@dataclass(frozen=True, kw_only=True)
class ExtractMotion(MotionExtraction):
    """Motion features of files of motion (BVH, GLB, SMPL, ...), and of all in folders."""

    paths: tuple[Path, ...]
    """Files of motion, and folders of them."""
    out: Path
    """Folder of the features; made if need be. Arrays that were made from these files are left as they are."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Extract, and say what was done."""
    options = parse(ExtractMotion, argv, positional=["paths"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.features.extraction.motion import extract_motion

    say(extract_motion(options.paths, options.out, options))
    return 0
