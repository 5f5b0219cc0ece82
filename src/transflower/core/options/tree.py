"""Option dataclasses <-> plain trees of what YAML can hold, with every problem of a tree found at once.

A tree is *complete* when the defaults are filled in and every chosen part names its ``type``. A mapping that a tree
gives replaces the default mapping of the field; further trees add to it; ``name: null`` takes an entry away.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.options.leaf import check_leaf, dump_leaf

T = TypeVar("T")
Tree = dict[str, Any]
MISSING = dataclasses.MISSING
_FAILED = object()


class Problem(NamedTuple):
    """What is wrong with the option at a path."""

    path: tuple[str, ...]
    message: str

    def told(self, whole: str) -> str:
        """The problem in a line; without a path it is one of the ``whole``."""
        return f"{'.'.join(self.path) or whole}: {self.message}"


class Shape(NamedTuple):
    """How the values of an annotation are written in a tree."""

    kind: Literal["config", "mapping", "sequence", "leaf"]
    of: Any
    """The dataclass, the annotation of the items, or the annotation itself."""
    optional: bool


class Option(NamedTuple):
    """One field of an option dataclass."""

    name: str
    annotation: Any
    field: "dataclasses.Field[Any]"


def decode(cls: type[T], tree: Tree) -> T:
    """The options that ``tree`` describes; defaults where it is silent.

    Raises:
        OptionsError: listing every problem with its dotted path.
    """
    value, problems = build(cls, complete(cls, tree))
    refuse([problem.told(cls.__name__) for problem in problems])
    return value


def encode(value: Any) -> Tree:
    """The complete tree of an option dataclass; decoding it gives an equal one."""
    return _encode(type(value), value)


def merge(base: Tree, over: Tree) -> Tree:
    """``over`` laid on ``base``, mapping by mapping; a node whose ``type`` changes is replaced whole."""
    if "type" in base and over.get("type", base["type"]) != base["type"]:
        return over
    merged = dict(base)
    for key, value in over.items():
        below = base.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def refuse(problems: Sequence[str]) -> None:
    """Raise one OptionsError for all ``problems``, if there are any."""
    if len(problems) == 1:
        raise OptionsError(problems[0])
    if problems:
        raise OptionsError("\n  ".join([f"{len(problems)} problems with the options:", *problems]))


@cache
def shape_of(annotation: Any) -> Shape:
    """The shape behind ``annotation``."""
    inner, optional = annotation, False
    if get_origin(annotation) in (Union, UnionType):
        others = [arg for arg in get_args(annotation) if arg is not NoneType]
        optional = len(others) < len(get_args(annotation))
        inner = others[0] if len(others) == 1 else annotation
    origin, args = get_origin(inner), get_args(inner)
    if dataclasses.is_dataclass(inner):
        return Shape("config", inner, optional)
    if origin in (dict, Mapping):
        return Shape("mapping", args[1], optional)
    if origin in (list, tuple, Sequence) and dataclasses.is_dataclass(args[0]):
        return Shape("sequence", args[0], optional)
    return Shape("leaf", annotation, optional)


@cache
def options_of(cls: Any) -> tuple[Option, ...]:
    """The fields of an option dataclass, in order."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(Option(field.name, hints[field.name], field) for field in dataclasses.fields(cls) if field.init)


def type_name(cls: Any) -> str | None:
    """The ``type`` under which ``cls`` was registered, if it was."""
    registry = getattr(cls, "registry", None)
    return next((name for name in registry.names() if registry[name] is cls), None) if registry else None


def is_choice(cls: Any) -> bool:
    """Whether ``cls`` is the base of exchangeable parts, chosen by ``type``."""
    return "registry" in vars(cls)


def chosen(cls: Any, tree: Tree) -> Any:
    """The dataclass that ``tree`` asks for where ``cls`` is annotated.

    Raises:
        OptionsError: ``type`` is missing or unknown.
    """
    name = tree.get("type", type_name(cls))
    if not is_choice(cls):
        if type_name(cls) and name != type_name(cls):
            raise OptionsError(f"must be {type_name(cls)!r} here, got {name!r}")
        return cls
    if name is None:
        raise OptionsError(f"is required, one of: {', '.join(cls.registry.names())}")
    return cls.registry[name if isinstance(name, str) else str(name)]


def complete(annotation: Any, tree: Any = MISSING, default: Any = MISSING) -> Any:
    """``tree`` with defaults filled in, or MISSING. What does not fit is left for ``build`` to report."""
    shape = shape_of(annotation)
    if tree is MISSING:
        if default is not MISSING or shape.kind != "config" or shape.optional:
            return default
        tree = {}
    if shape.kind == "sequence" and isinstance(tree, list):
        return [complete(shape.of, item) for item in tree]
    if shape.kind == "leaf" or not isinstance(tree, dict):
        return tree
    if shape.kind == "mapping":
        gone = None if not shape_of(shape.of).optional else MISSING
        return {key: complete(shape.of, item) for key, item in tree.items() if item is not gone}
    if isinstance(default, dict) and "type" in default:
        tree = {"type": default["type"], **tree}
    try:
        cls = chosen(shape.of, tree)
    except OptionsError:
        return tree
    if not (isinstance(default, dict) and default.get("type") == type_name(cls)):
        default = {}
    full: Tree = {"type": type_name(cls)} if type_name(cls) else {}
    for name, hint, field in options_of(cls):
        value = complete(hint, tree.get(name, MISSING), default.get(name, _default(field, hint)))
        if value is not MISSING:
            full[name] = value
    return full | {key: value for key, value in tree.items() if key not in full}


def build(annotation: Any, tree: Any, path: tuple[str, ...] = ()) -> tuple[Any, list[Problem]]:
    """The value of a complete ``tree``, and every reason why there is none."""
    problems: list[Problem] = []
    return _build(annotation, tree, path, problems), problems


def _build(annotation: Any, tree: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    shape = shape_of(annotation)
    if tree is None and shape.optional:
        return None
    if tree is MISSING:
        return _fail(problems, path, "is required")
    if shape.kind == "leaf":
        return _build_leaf(annotation, tree, path, problems)
    if shape.kind == "sequence":
        return _build_sequence(annotation, shape, tree, path, problems)
    if not isinstance(tree, dict):
        return _fail(problems, path, f"expected options as `name: value`, got {tree!r}")
    if shape.kind == "mapping":
        items = {key: _build(shape.of, item, (*path, key), problems) for key, item in tree.items()}
        return _FAILED if any(item is _FAILED for item in items.values()) else items
    return _build_config(shape.of, tree, path, problems)


def _build_config(base: Any, tree: Tree, path: tuple[str, ...], problems: list[Problem]) -> Any:
    try:
        cls = chosen(base, tree)
    except OptionsError as error:
        return _fail(problems, (*path, "type"), str(error))
    names = [option.name for option in options_of(cls)]
    unknown = [key for key in tree if key not in names and not (key == "type" and type_name(cls))]
    for key in unknown:
        near = get_close_matches(key, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
        _fail(problems, (*path, key), f"unknown option ({hint})")
    values = {name: _build(hint, tree.get(name, MISSING), (*path, name), problems) for name, hint, _ in options_of(cls)}
    if unknown or any(value is _FAILED for value in values.values()):
        return _FAILED
    try:
        return cls(**values)
    except (ValueError, TransflowerError) as error:
        return _fail(problems, path, str(error))


def _build_sequence(
    annotation: Any, shape: Shape, tree: Any, path: tuple[str, ...], problems: list[Problem]
) -> list[Any] | tuple[Any, ...] | Any:
    if not isinstance(tree, list):
        return _fail(problems, path, f"expected a list, got {tree!r}")
    items = [_build(shape.of, item, (*path, str(index)), problems) for index, item in enumerate(tree)]
    if any(item is _FAILED for item in items):
        return _FAILED
    origins = [get_origin(part) for part in (annotation, *get_args(annotation))]
    return tuple(items) if tuple in origins else items


def _build_leaf(annotation: Any, value: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    try:
        return check_leaf(annotation, value)
    except OptionsError as error:
        return _fail(problems, path, str(error))


def _fail(problems: list[Problem], path: tuple[str, ...], message: str) -> object:
    problems.append(Problem(path, message))
    return _FAILED


def _default(field: "dataclasses.Field[Any]", annotation: Any) -> Any:
    if field.default is not MISSING:
        return _encode(annotation, field.default)
    return MISSING if field.default_factory is MISSING else _encode(annotation, field.default_factory())


def _encode(annotation: Any, value: Any) -> Any:
    shape = shape_of(annotation)
    if value is None:
        return None
    if shape.kind == "leaf":
        return dump_leaf(annotation, value)
    if shape.kind == "mapping":
        return {key: _encode(shape.of, item) for key, item in value.items()}
    if shape.kind == "sequence":
        return [_encode(shape.of, item) for item in value]
    cls: Any = type(value)
    tree: Tree = {"type": type_name(cls)} if type_name(cls) else {}
    return tree | {name: _encode(hint, getattr(value, name)) for name, hint, _ in options_of(cls)}
