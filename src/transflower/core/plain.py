"""Anything as plain values that JSON can write."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any, *, digits: int | None = None) -> Any:
    """Dataclasses, mappings, sequences and arrays as dicts and lists; null for numbers that are not finite.

    Args:
        value: anything.
        digits: significant digits to which numbers are rounded; by default they are not.
    """
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), digits=digits) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one, digits=digits) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), digits=digits)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one, digits=digits) for one in value]
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return None
        return float(value) if digits is None else float(f"{value:.{digits}g}")
    return value
