"""The mirror of options that tyro reads flags into and writes help from: one field a child, bare words as leaves."""

import ast
import dataclasses
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

from transflower.core.errors import OptionsError
from transflower.core.options.leaf import has_any_length, is_sequence, metavar
from transflower.core.options.tree import MISSING, Tree, chosen, complete, is_choice, options_of, shape_of

_UNSET = None


class _Child(NamedTuple):
    """What hangs below a node of the tree under one name."""

    name: str
    annotation: Any
    value: Any
    help: str
    positional: bool = False

    @property
    def is_node(self) -> bool:
        """Whether it has children of its own, and so a group in the help."""
        shape = shape_of(self.annotation)
        return shape.kind != "leaf" and (isinstance(self.value, dict | list) or self.value is MISSING)

    @property
    def is_flag(self) -> bool:
        """Whether it takes words itself: every leaf, and a node that may be ``none``."""
        shape = shape_of(self.annotation)
        return shape.kind == "leaf" or shape.optional


def mirror(cls: type, tree: Tree, positional: Sequence[str] = ()) -> type:
    """A dataclass whose fields are the flags of a complete ``tree``, with the two flags that every command has."""
    children = [child._replace(positional=child.name in positional) for child in _children(cls, tree)]
    shared = [
        _Child("config", str, None, "File of options (.yaml) or name of a preset; may be repeated, later ones win."),
        _Child("print_config", bool, False, "Print all options as YAML, and stop."),
    ]
    return _mirror([*children, *shared])


def words_given(mirrored: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], list[str] | bool]:
    """The flags that were on the command line: the path of each and its words."""
    given: dict[tuple[str, ...], list[str] | bool] = {}
    for field in dataclasses.fields(mirrored):
        value, here = getattr(mirrored, field.name), (*path, field.metadata["name"])
        if dataclasses.is_dataclass(value):
            given |= words_given(value, here)
        elif value is not _UNSET and value is not field.default:
            given[here] = value
    return given


def flag_names(annotation: Any, tree: Any, prefix: str = "") -> list[str]:
    """Every flag that ``tree`` offers, without its dashes."""
    names: list[str] = []
    for child in _children(annotation, tree):
        if child.is_flag:
            names.append(prefix + child.name)
        if child.is_node:
            names += flag_names(child.annotation, child.value, f"{prefix}{child.name}.")
    return names


def flags_of_many(annotation: Any, tree: Any, prefix: str = "") -> list[str]:
    """Those of them that take any number of words."""
    names: list[str] = []
    for child in _children(annotation, tree):
        if shape_of(child.annotation).kind == "leaf" and has_any_length(child.annotation):
            names.append(prefix + child.name)
        if child.is_node:
            names += flags_of_many(child.annotation, child.value, f"{prefix}{child.name}.")
    return names


def _mirror(children: list[_Child]) -> type:
    import tyro

    fields: list[tuple[str, Any, Any]] = []
    for number, child in enumerate(children):
        named = {"name": child.name}
        if child.is_node:
            node: Any = _mirror(_children(child.annotation, child.value, child.help))
            group = Annotated[node, tyro.conf.arg(name=child.name, help=child.help)]
            fields.append((f"node{number}", group, dataclasses.field(default_factory=node, metadata=named)))
        if child.is_flag:
            is_switch = child.annotation is bool and isinstance(child.value, bool)
            default = child.value if is_switch else _UNSET
            fields.append(
                (f"flag{number}", _flag(child, is_switch), dataclasses.field(default=default, metadata=named))
            )
    return dataclasses.make_dataclass("Options", fields)


def _flag(child: _Child, is_switch: bool) -> Any:
    import tyro

    many = is_sequence(child.annotation)
    words = tyro.constructors.PrimitiveConstructorSpec(
        nargs="*" if many else 1,
        metavar=child.name.upper() + " ..." * many if child.positional else _metavar(child.annotation),
        instance_from_str=list,
        is_instance=lambda value: True,
        str_from_instance=lambda value: [],
    )
    hint = "(required)" if child.value is MISSING else f"(default: {_shown(child.value)})"
    about = tyro.conf.arg(name=child.name, help=child.help, help_behavior_hint=hint)
    if is_switch and child.name == "print_config":
        return Annotated[bool, about, tyro.conf.FlagCreatePairsOff]
    if is_switch:
        return Annotated[bool, about]
    # Any would have tyro load typeguard, and that asyncio: a fifth of what --help takes.
    flag = Annotated[object, words, about]
    return Annotated[flag, tyro.conf.Positional] if child.positional else flag


def _children(annotation: Any, tree: Any, help: str = "") -> list[_Child]:
    shape = shape_of(annotation)
    if shape.kind == "mapping":
        # An empty mapping shows what an entry would be.
        example = None if shape_of(shape.of).kind == "leaf" else complete(shape.of)
        entries = tree if isinstance(tree, dict) and tree else {"NAME": example}
        return [_Child(name, shape.of, value, help) for name, value in entries.items()]
    if shape.kind == "sequence":
        items = tree if isinstance(tree, list) else []
        return [_Child(str(index), shape.of, value, help) for index, value in enumerate(items)]
    tree = tree if isinstance(tree, dict) else complete(shape.of, {})
    return list(_config_children(shape.of, tree))


def _config_children(base: Any, tree: Tree) -> Iterator[_Child]:
    try:
        cls = chosen(base, tree)
    except OptionsError:
        cls = None
    if is_choice(base):
        about = f" {cls.__doc__.splitlines()[0]}" if cls and cls.__doc__ else ""
        names = Literal[tuple(base.registry.names())]  # type: ignore[valid-type]
        yield _Child("type", names, tree.get("type", MISSING), f"Kind of {base.registry.kind}.{about}")
    for name, annotation, _ in options_of(cls) if cls else ():
        yield _Child(name, annotation, tree.get(name, MISSING), _docs(cls).get(name, ""))


@cache
def _docs(cls: type) -> dict[str, str]:
    """The docstrings under the fields of a dataclass and its bases."""
    docs: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        try:
            (body,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
        except (OSError, TypeError, SyntaxError):
            continue
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, doc in itertools.pairwise(statements):
            match field, doc:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    docs[name] = " ".join(text.split())
    return docs


def _metavar(annotation: Any) -> str:
    shape = shape_of(annotation)
    return metavar(annotation) if shape.kind == "leaf" else "none"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_shown, value)) or "nothing"
    if isinstance(value, dict):
        return "as below"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
