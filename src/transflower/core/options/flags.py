"""Flags on top of option files: every leaf is one flag, read and explained by tyro.

tyro gets a mirror of the chosen options: a dataclass whose leaves are plain words. The words are merged into the tree
of options and decoded with it, so that files and flags are checked in one place.
"""

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from transflower.core.errors import OptionsError
from transflower.core.options.leaf import check_leaf, is_sequence
from transflower.core.options.mirror import flag_names, flags_of_many, mirror, words_given
from transflower.core.options.renamed import check_read, translate, translate_flag
from transflower.core.options.tree import (
    MISSING,
    Problem,
    Tree,
    build,
    chosen,
    complete,
    encode,
    is_choice,
    merge,
    options_of,
    refuse,
    shape_of,
)
from transflower.core.options.yaml_file import Layer, dump_yaml, find_options, load_layers, scalar

T = TypeVar("T")
Words = list[str] | bool
"""What follows a flag; a bool for a switch."""
_KEEP: Words = []
_DASHED_WORD = re.compile(r"-[A-Za-z]")


class _Flag(NamedTuple):
    name: str
    words: list[str]
    tokens: list[str]

    @property
    def parts(self) -> list[str]:
        return self.name.split(".")


class _UnknownFlagError(Exception):
    """No option lies there."""


class _NoOptionsError(Exception):
    """A file has something else where options belong, which is reported instead of the flag."""


def parse(
    cls: type[T],
    argv: Sequence[str],
    *,
    tree: Tree | None = None,
    configs: Sequence[str] = (),
    presets: Mapping[str, Path] | None = None,
    positional: Sequence[str] = (),
    prog: str | None = None,
    description: str | None = None,
) -> T:
    """The options of a command: flags over ``--config`` files over ``configs`` over ``tree`` over the defaults.

    Fields named in ``positional`` may be given without their flag. ``--help`` and ``--print_config`` print and raise
    SystemExit(0).

    Raises:
        OptionsError: listing every problem with its file or flag.
    """
    shared, rest = _split_shared(argv)
    layers: list[Layer] = [("options", tree)] if tree else []
    for name in [*configs, *shared.config]:
        file = find_options(name, folder=Path(), presets=presets, wanted_by="--config")
        found = load_layers(file, presets=presets)
        layers += [(source, translate(over, source=source)) for source, over in found]
    full = complete(cls, layers[0][1] if layers else {})
    for _, over in layers[1:]:
        full = complete(cls, merge(full, over))

    flags = _split(rest)
    full, unknown, moot = _open_paths(cls, full, flags)
    known = _gathered([flag for flag in flags if flag not in unknown + moot], flags_of_many(cls, full))
    unnamed = [name for name in positional if name not in {flag.name for flag in flags}]
    given = _read_flags(
        mirror(cls, full, unnamed),
        [token for flag in known for token in _joined(flag)],
        prog=prog,
        description=description or cls.__doc__,
    )
    problems = [_unknown_message(flag, flag_names(cls, full)) for flag in unknown]
    for place, words in given.items():
        full = _put(cls, full, place, words)

    value, faults = build(cls, full)
    refuse(problems + [f"{_place(fault, layers, given)}: {fault.message}" for fault in faults])
    if shared.print_config:
        sys.stdout.write(dump_yaml(encode(value)))
        raise SystemExit(0)
    return value


def _split_shared(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--config", action="append", default=[])
    parser.add_argument("--print_config", "--print-config", action="store_true")
    try:
        return parser.parse_known_args(argv)
    except argparse.ArgumentError as error:
        raise OptionsError(f"{error.argument_name}: {error.message}") from error


def _split(argv: Sequence[str]) -> list[_Flag]:
    """Each flag with the words up to the next one; what stands before the first flag has no name."""
    flags = [_Flag("", [], [])]
    for token in argv:
        if token.startswith("--") and len(token) > 2:
            name, equals, value = token[2:].partition("=")
            flags.append(_Flag(name, [value] if equals else [], [token]))
        else:
            flags[-1].words.append(token)
            flags[-1].tokens.append(token)
    today = [(flag, _today(flag)) for flag in flags]
    names = [flag.name for flag in flags]
    for before, now in today:
        if now is not None and now.name != before.name and now.name in names:
            raise OptionsError(f"--{before.name} is called --{now.name} now, and both are given; remove one")
    return [now for _, now in today if now is not None]


def _today(flag: _Flag) -> _Flag | None:
    """The flag by today's name; None where there is no such option any more."""
    if flag.words:
        check_read(flag.name.replace("-", "_"), flag.words[0])
    name = translate_flag(flag.name)
    if name is None or name == flag.name:
        return flag if name is not None else None
    return _Flag(name, flag.words, [f"--{name}{flag.tokens[0][2 + len(flag.name) :]}", *flag.tokens[1:]])


def _gathered(flags: Sequence[_Flag], of_many: Sequence[str]) -> list[_Flag]:
    """Flags that take many words once each: what is given twice is more of the same, and nothing of it is lost."""
    found: dict[str, _Flag] = {}
    for number, flag in enumerate(flags):
        name = flag.name.replace("-", "_")
        first = found.get(name) if name in of_many else None
        if first is None:
            found[name if name in of_many else str(number)] = flag
        else:
            words = [*first.words, *flag.words]
            found[name] = _Flag(first.name, words, [f"--{first.name}", *words])
    return list(found.values())


def _joined(flag: _Flag) -> list[str]:
    """The flag as argparse must see it, to which a word with a dash, as in ``--up -y``, would be another flag."""
    words = flag.tokens[1:]
    if flag.name and words and _DASHED_WORD.match(words[0]) and words[0] != "-h":
        return [f"{flag.tokens[0]}={words[0]}", *words[1:]]
    return flag.tokens


def _open_paths(cls: Any, tree: Tree, flags: Sequence[_Flag]) -> tuple[Tree, list[_Flag], list[_Flag]]:
    """``tree`` with the types that flags choose and the entries that they name.

    Also the flags that lead nowhere, and those that would change something where ``tree`` has no options.
    """
    chosen_types = [flag for flag in flags if flag.parts[-1] == "type" and flag.words]
    # Outer choices first: they decide which inner ones exist.
    for flag in sorted(chosen_types, key=lambda flag: len(flag.parts)):
        with contextlib.suppress(_UnknownFlagError, _NoOptionsError):
            tree = _put(cls, tree, flag.parts, flag.words[:1])
    unknown, moot = [], []
    for flag in flags:
        if flag.name in {"", "help"}:
            continue
        try:
            tree = _put(cls, tree, _without_no(flag.parts, flag_names(cls, tree)), _KEEP)
        except _UnknownFlagError:
            unknown.append(flag)
        except _NoOptionsError:
            moot.append(flag)
    return tree, unknown, moot


def _without_no(parts: list[str], names: Sequence[str]) -> list[str]:
    """The option that a switch like ``data.no_padding`` turns off."""
    *above, last = parts
    positive = [*above, last[3:]]
    return positive if last.startswith(("no_", "no-")) and ".".join(positive).replace("-", "_") in names else parts


def _put(annotation: Any, tree: Any, path: Sequence[str], words: Words) -> Any:
    """A copy of ``tree`` with ``words`` read at ``path``, or with the way there opened."""
    shape = shape_of(annotation)
    if not path:
        if shape.kind != "leaf" and not shape.optional:
            raise _UnknownFlagError
        return tree if words is _KEEP else complete(annotation, _read(annotation, words))
    head, rest = path[0], path[1:]
    if shape.kind in {"mapping", "config"} and not (isinstance(tree, dict) or tree in (None, MISSING)):
        raise _NoOptionsError
    if shape.kind == "mapping":
        items = tree if isinstance(tree, dict) else {}
        key = next((key for key in items if key.replace("-", "_") == head.replace("-", "_")), head)
        return items | {key: _put(shape.of, items.get(key, MISSING), rest, words)}
    if shape.kind == "sequence" and isinstance(tree, list) and head.isdecimal() and int(head) < len(tree):
        index = int(head)
        return [*tree[:index], _put(shape.of, tree[index], rest, words), *tree[index + 1 :]]
    if shape.kind != "config":
        raise _UnknownFlagError
    tree = tree if isinstance(tree, dict) else complete(shape.of, {})
    if head == "type" and is_choice(shape.of) and isinstance(words, list):
        return tree if words is _KEEP else complete(annotation, merge(tree, {"type": words[0]}))
    try:
        options = options_of(chosen(shape.of, tree))
    except OptionsError:
        return tree  # The unknown type is reported when the tree is decoded.
    for option in options:
        if option.name == head.replace("-", "_"):
            return tree | {option.name: _put(option.annotation, tree.get(option.name, MISSING), rest, words)}
    raise _UnknownFlagError


def _read(annotation: Any, words: Words) -> Any:
    """What ``words`` mean as YAML if that fits ``annotation``, else as text."""
    if isinstance(words, bool):
        return words
    one = [scalar(words[0]), words[0]] if len(words) == 1 else []
    if shape_of(annotation).kind != "leaf":
        return one[0] if one else words
    many: list[Any] = [[scalar(word) for word in words], words] if is_sequence(annotation) else []
    for reading in one + many:
        with contextlib.suppress(OptionsError):
            check_leaf(annotation, reading)
            return reading
    return (many or one)[0]


def _read_flags(
    mirrored: type, argv: Sequence[str], *, prog: str | None, description: str | None
) -> dict[tuple[str, ...], Words]:
    import tyro

    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return words_given(tyro.cli(mirrored, args=argv, prog=prog, description=description, use_underscores=True))
    except SystemExit as stop:
        if not stop.code:
            raise
        if dashed := [word for word in argv if re.match(r"-[^-\d.]", word)]:
            message = f"{dashed[0]} is no flag; a file of that name is said ./{dashed[0]}"
            raise OptionsError(message) from stop
        # tyro draws a box: the lines above its rule say what is wrong.
        lines = [line.strip("│ ") for line in complaint.getvalue().partition("│ ──")[0].splitlines()[1:]]
        raise OptionsError(" ".join(lines).strip() or "the flags cannot be read") from stop


def _unknown_message(flag: _Flag, names: Sequence[str]) -> str:
    same_end = [name for name in names if name.split(".")[-1] == flag.parts[-1].replace("-", "_")]
    near = same_end or get_close_matches(flag.name, names, n=1)
    hint = " or ".join(f"--{name}" for name in near[:3])
    return f"--{flag.name}: unknown flag ({f'did you mean {hint}?' if hint else 'see --help'})"


def _place(fault: Problem, layers: Sequence[Layer], given: Mapping[tuple[str, ...], Words]) -> str:
    """The flag or the file and path where an option comes from."""
    dotted = ".".join(fault.path)
    if fault.path in given:
        return f"--{dotted}"
    by_flags = any(path[: len(fault.path)] == fault.path for path in given)
    for label, tree in reversed(layers):
        if not by_flags and _holds(tree, fault.path):
            return ": ".join(filter(None, [label, dotted]))
    return dotted or "options"


def _holds(tree: Any, path: Sequence[str]) -> bool:
    for part in path:
        if isinstance(tree, dict):
            if part not in tree:
                return False
            tree = tree[part]
    return True
