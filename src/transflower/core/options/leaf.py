"""Single values: checked and converted by pydantic, described for ``--help``."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from transflower.core.errors import OptionsError

_WORDS = {int: "INT", float: "FLOAT", str: "TEXT", Path: "PATH", bool: "{true,false}", NoneType: "none"}


def check_leaf(annotation: Any, value: Any) -> Any:
    """``value``, as it comes from YAML, converted to ``annotation``.

    Strict as for JSON: a list becomes a tuple and text a path, but neither ``true`` nor ``"3"`` becomes a number.

    Raises:
        OptionsError: saying what was expected.
    """
    try:
        return _adapter(annotation).validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        reasons = []
        for fault in error.errors(include_url=False):
            place = "".join(f"item {part}: " for part in fault["loc"] if isinstance(part, int))
            reasons.append(place + fault["msg"].removeprefix("Value error, ").replace("Input should be", "should be"))
        raise OptionsError(f"{' or '.join(dict.fromkeys(reasons))}, got {value!r}") from error


def dump_leaf(annotation: Any, value: Any) -> Any:
    """What YAML would hold for ``value``."""
    return _adapter(annotation).dump_python(value, mode="json")


def metavar(annotation: Any) -> str:
    """What stands for a value in ``--help``: ``INT``, ``{act,batch}``, ``FLOAT [FLOAT ...]``."""
    origin, args = get_origin(annotation), get_args(annotation)
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


@cache
def _adapter(annotation: Any) -> TypeAdapter:
    return TypeAdapter(annotation, config=ConfigDict(ser_json_inf_nan="constants"))
