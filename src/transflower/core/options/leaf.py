"""Single values: checked and converted by pydantic, described for ``--help``."""

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from transflower.core.errors import OptionsError
from transflower.core.numbers import LARGEST, shorten

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LARGEST_INT = 2**63 - 1
_SHOWN_CHARACTERS = 80
# JSON cannot hold what is not text, such as a file name in Latin-1, so Python's surrogates are replaced.
_NO_TEXT = {0xDC80 + byte: 0x10FF00 + byte for byte in range(0x80)}
_NO_TEXT_BACK = {there: here for here, there in _NO_TEXT.items()}

_WORDS = {int: "INT", float: "FLOAT", str: "TEXT", Path: "PATH", bool: "{true,false}", NoneType: "none"}


def check_leaf(annotation: Any, value: Any) -> Any:
    """``value``, as it comes from YAML, converted to ``annotation``.

    Strict as for JSON: a list becomes a tuple and text a path, but neither ``true`` nor ``"3"`` becomes a number.
    Numbers are finite, whole ones have at most 64 bits, and paths are not empty.

    Raises:
        OptionsError: saying what was expected.
    """
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, int) and abs(item) > _LARGEST_INT for item in items):
        raise OptionsError(f"a whole number has at most 64 bits, got {_shown(value)}")
    if any(isinstance(item, float) and LARGEST < abs(item) < math.inf for item in items):
        raise OptionsError(f"should be a number of at most {LARGEST:g}, got {_shown(value)}")
    if is_path(annotation) and any(isinstance(item, str) and (not item or "\0" in item) for item in items):
        raise OptionsError(f"should be the name of a file or folder, got {_shown(value)}")
    from pydantic import ValidationError

    try:
        return _validated(annotation, value)
    except ValidationError as error:
        reasons = []
        for fault in error.errors(include_url=False):
            place = "".join(f"item {part}: " for part in fault["loc"] if isinstance(part, int))
            reasons.append(place + fault["msg"].removeprefix("Value error, ").replace("Input should be", "should be"))
        raise OptionsError(f"{' or '.join(dict.fromkeys(reasons))}, got {_shown(value)}") from error


def dump_leaf(annotation: Any, value: Any) -> Any:
    """What YAML would hold for ``value``."""
    # Pydantic takes long to load, and --help needs it for nothing but the defaults, which are mostly plain.
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple) and all(_is_plain(annotation, item) for item in value):
        return list(value)
    if _is_plain(annotation, value):
        return value
    return _adapter(annotation).dump_python(value, mode="json")


def metavar(annotation: Any) -> str:
    """What stands for a value in ``--help``: ``INT``, ``{act,batch}``, ``FLOAT [FLOAT ...]``."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return metavar(args[0])
    if origin is Literal:
        return "{" + ",".join(map(str, args)) + "}"
    if origin in (Union, UnionType):
        return "|".join(metavar(arg) for arg in args)
    if is_sequence(annotation):
        items = [arg for arg in args if arg is not Ellipsis] or [str]
        if origin is tuple and Ellipsis not in args:
            return " ".join(metavar(item) for item in items)
        return f"[{metavar(items[0])} ...]"
    return _WORDS.get(annotation, "VALUE")


def is_sequence(annotation: Any) -> bool:
    """Whether several words on the command line make up one value."""
    if get_origin(annotation) in (Union, UnionType):
        return any(is_sequence(arg) for arg in get_args(annotation))
    return (get_origin(annotation) or annotation) in (tuple, list, Sequence)


def has_any_length(annotation: Any) -> bool:
    """Whether it is a sequence of any number of words, and not of so many as it has parts."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return any(map(has_any_length, args))
    return is_sequence(annotation) and (origin is not tuple or Ellipsis in args)


def is_path(annotation: Any) -> bool:
    """Whether the value is a path, or several."""
    return _names(annotation, Path)


def _names(annotation: Any, kind: type) -> bool:
    """Whether ``kind`` is somewhere in an annotation."""
    return annotation is kind or any(_names(arg, kind) for arg in get_args(annotation))


def _is_plain(annotation: Any, value: Any) -> bool:
    """Whether YAML holds the value as it is: a whole number where others are allowed too is written as such."""
    if type(value) is float:  # NumPy's are floats too, and YAML knows none of them.
        return math.isfinite(value)
    return value is None or type(value) in (bool, str) or (type(value) is int and not _names(annotation, float))


def _validated(annotation: Any, value: Any) -> Any:
    text = json.dumps(value, default=str, ensure_ascii=False)
    plain = text.translate(_NO_TEXT)
    checked = _adapter(annotation).validate_json(plain, strict=True)
    return checked if plain == text else _restored(checked)


def _restored(value: Any) -> Any:
    if isinstance(value, str | Path):
        return type(value)(str(value).translate(_NO_TEXT_BACK))
    return type(value)(map(_restored, value)) if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        return f"one of {value.bit_length()} bits"
    return shorten(repr(value), length=_SHOWN_CHARACTERS)


@cache
def _adapter(annotation: Any) -> "TypeAdapter":
    from pydantic import ConfigDict, TypeAdapter

    return TypeAdapter(annotation, config=ConfigDict(allow_inf_nan=False))
