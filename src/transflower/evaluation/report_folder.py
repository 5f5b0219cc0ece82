"""The folder of a report: whether an evaluation may write there is told before torch is loaded."""

from pathlib import Path

from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_folder, is_there, read_json

RESULTS = "results.json"
"""By which a folder is known as that of an evaluation."""
KEPT, MADE_FROM = "kept", "made_from.json"
"""Folder of samples, and the file beside each."""


def check_report_folder(out: Path, *, overwrite: bool) -> None:
    """Refuse a folder in which no report can be written, or that holds other files.

    Raises:
        DataError: saying why.
    """
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file; --out names the folder of the report")
    check_folder(out)
    if out.is_dir() and any(out.iterdir()) and not _is_ours(out) and not overwrite:
        raise DataError(f"{out} holds other files; add --overwrite to write beside them, or choose another --out")


def holds_results(out: Path) -> bool:
    """Whether an evaluation has ended there."""
    try:
        found = read_json(out / RESULTS) if is_there(out / RESULTS) else None
    except FormatError:
        return False
    return isinstance(found, dict) and {"setting", "columns", "systems"} <= set(found)


def _is_ours(out: Path) -> bool:
    """Whether an evaluation wrote a folder, or began to."""
    return any(out.glob(f"{KEPT}/*/*/{MADE_FROM}")) or holds_results(out)
