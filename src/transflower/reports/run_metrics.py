"""What a training wrote of its metrics, line by line."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from transflower.core.files import is_there, read_text

METRICS_FILE = "metrics.jsonl"
"""In the folder of a run."""
_LARGEST = 256 * 2**20


def read_metrics(path: Path) -> list[Mapping[str, Any]]:
    """The lines that can be read: a kill may have cut the last one. Without a file there are none.

    Raises:
        FormatError: the file cannot be read.
    """
    if not is_there(path):
        return []
    found: list[Mapping[str, Any]] = []
    for line in read_text(path, limit=_LARGEST).splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and is_number(entry.get("step")):
            found.append(entry)
    return found


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that can be drawn."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
