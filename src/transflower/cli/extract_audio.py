"""``transflower extract audio FILE_OR_FOLDER... --out DIR``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.features.extraction.options import AudioExtraction


@dataclass(frozen=True, kw_only=True)
class ExtractAudio(AudioExtraction):
    """Audio features of sound files and of all sound files in folders."""

    paths: tuple[Path, ...]
    """Sound files, and folders of them."""
    out: Path
    """Folder of the features; made if need be. Arrays that were made from these files are left as they are."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Extract, and say what was done."""
    options = parse(ExtractAudio, argv, positional=["paths"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.features.extraction.audio import extract_audio

    say(extract_audio(options.paths, options.out, options))
    return 0
