"""The option ``--format``, and the switches that it has replaced."""

import logging
from collections.abc import Sequence

from transflower.core.errors import OptionsError

DEFAULT_FORMATS = "bvh,mp4"
_SWITCHES = {"bvh": "bvh", "features": "npy", "video": "mp4"}
"""Switch of earlier versions -> the format that it stands for."""

log = logging.getLogger(__name__)


def read_formats(text: str) -> tuple[str, ...]:
    """Names that commas part, each once."""
    return tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))


def translate_switches(argv: Sequence[str]) -> list[str]:
    """The words with ``--format`` in place of ``--bvh``, ``--features``, ``--video`` and their opposites; says so.

    Raises:
        OptionsError: both are given.
    """
    formats, rest, given = list(read_formats(DEFAULT_FORMATS)), [], []
    for word in argv:
        name = word.removeprefix("--").replace("-", "_")
        known = _SWITCHES.get(name.removeprefix("no_")) if word.startswith("--") else None
        if known is None:
            rest.append(word)
            continue
        given.append(word)
        formats = [kept for kept in formats if kept != known] + [known] * (not name.startswith("no_"))
    if not given:
        return list(argv)
    if any(word == "--format" or word.startswith("--format=") for word in argv):
        raise OptionsError(f"{' '.join(given)} is said by --format now; leave it out, and name all formats there")
    chosen = ",".join(formats)
    log.warning("%s is now --format %s", " ".join(given), chosen or '""')
    return [*rest, f"--format={chosen}"]
