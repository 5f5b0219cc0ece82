"""The folder of a report: whether an evaluation may write there is told before torch is loaded."""

from pathlib import Path
from typing import Any

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


def files_of(out: Path) -> set[str]:
    """Names of the files that the evaluation before wrote there, as its results say; none where none has ended."""
    found = _results(out).get("files", [])
    return {str(name) for name in found} if isinstance(found, list) else set()


def _results(out: Path) -> dict[str, Any]:
    """What an evaluation wrote that has ended there; nothing where none has."""
    try:
        found = read_json(out / RESULTS) if is_there(out / RESULTS) else None
    except FormatError:
        return {}
    return found if isinstance(found, dict) and {"setting", "columns", "systems"} <= set(found) else {}


def _is_ours(out: Path) -> bool:
    """Whether an evaluation wrote a folder, or began to."""
    return any(out.glob(f"{KEPT}/*/*/{MADE_FROM}")) or bool(_results(out))
