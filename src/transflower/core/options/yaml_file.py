"""Option files: YAML 1.2 scalars (``7e-5`` is a float, ``no`` is a word), no duplicate keys, ``extends:``."""

import re
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from transflower.core.errors import FormatError, OptionsError
from transflower.core.files import read_text, write_text
from transflower.core.numbers import parse_float, parse_int
from transflower.core.options.tree import Tree, merge

Layer = tuple[str, Tree]
"""Where options come from, and the options."""
_MOST_LAYERS = 100
"""Files laid over each other: two that extend two each, and so on, would be millions."""

_SCALARS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(0|[1-9][0-9_]*)",
    "float": r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}
_LARGEST_BYTES = 2**20
_RESOLVERS: dict[Any, list[tuple[str, re.Pattern[str]]]] = {
    None: [(f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{text})$")) for kind, text in _SCALARS.items()]
}


class _Loader(yaml.SafeLoader):
    """YAML 1.1, as PyYAML reads it, takes 7e-5 for a word, 1:30 for 90 and the last of two equal keys."""

    yaml_implicit_resolvers = _RESOLVERS

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} is not text", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"{key!r} is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_finite(self, node: yaml.ScalarNode) -> int | float:
        text = self.construct_scalar(node)
        if text.lstrip("+-").lower() in {".inf", ".nan"}:
            return float(text.replace(".", ""))
        try:
            return parse_int(text) if node.tag.endswith("int") else parse_float(text)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not used here; repeat it", problem_mark=mark)
        return super().compose_node(parent, index)


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_finite)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML would write a "next line" as it is, which reads as a blank; in double quotes it is escaped.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\x85" in text else None)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = _RESOLVERS

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(str, _represent_text)


def load_yaml(path: Path | str, *, presets: Mapping[str, Path] | None = None) -> Tree:
    """Read options; ``extends:`` names what they are laid over, files beside this one or ``presets``.

    Raises:
        FormatError: unreadable, not YAML, or not a mapping.
        OptionsError: ``extends`` leads nowhere or in a circle.
    """
    return reduce(merge, (tree for _, tree in load_layers(Path(path), presets=presets)))


def load_layers(path: Path, *, presets: Mapping[str, Path] | None = None, inside: tuple[Path, ...] = ()) -> list[Layer]:
    """The options of a file and of all that it extends, the weakest first, each with the name of its file."""
    tree = _read(path)
    if path.resolve() in inside:  # after reading: a link that leads to itself cannot be resolved
        raise OptionsError(f"{inside[-1]}: extends {path}, which extends it in turn")
    names = tree.pop("extends", [])
    names = [names] if isinstance(names, str) else names
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise OptionsError(f"{path}: extends must name a file or preset, or list several")
    layers: list[Layer] = []
    for name in names:
        base = find_options(name, folder=path.parent, presets=presets, wanted_by=str(path))
        layers += load_layers(base, presets=presets, inside=(*inside, path.resolve()))
        if len(layers) >= _MOST_LAYERS:
            raise OptionsError(f"{path}: extends leads to more than {_MOST_LAYERS} files, the same ones counted again")
    return [*layers, (str(path), tree)]


def find_options(name: str, *, folder: Path, presets: Mapping[str, Path] | None, wanted_by: str) -> Path:
    """The file called ``name``: with a YAML suffix a path from ``folder``, otherwise a preset."""
    if name.endswith((".yaml", ".yml")):
        return folder / name
    presets = presets or {}
    if name in presets:
        return presets[name]
    near = get_close_matches(name, presets, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(presets)) or 'none'}"
    raise OptionsError(f"{wanted_by}: no preset is called {name!r} ({hint}); a file ends with .yaml")


def dump_yaml(tree: Tree) -> str:
    """The text that ``load_yaml`` reads as ``tree``."""
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def write_yaml(path: Path | str, tree: Tree) -> None:
    """Write ``tree`` as YAML, atomically."""
    write_text(path, dump_yaml(tree))


def scalar(text: str) -> Any:
    """What ``text`` on the command line would mean in a file; itself where that is text or nothing."""
    try:
        value = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return _number(text)
    if text.strip().lower() in {"null", "none", "~"}:
        return None
    return text if value is None or isinstance(value, str) else value


def _number(text: str) -> float | str:
    """A number that no file may hold, for whoever says so with the name of its option; or else the text."""
    try:
        return float(text)
    except ValueError:
        return text


def _read(path: Path) -> Tree:
    try:
        tree = yaml.load(read_text(path, limit=_LARGEST_BYTES, encoding="utf-8-sig"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or "does not parse").replace("character '\\t'", "a tab (indent with spaces), which")
        raise FormatError(path, f"is not YAML: {reason}", line=mark.line + 1 if mark else None) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FormatError(path, f"is not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise FormatError(path, "is nested too deeply") from error
    if tree is None:
        raise FormatError(path, "is empty; expected options as `name: value`")
    if not isinstance(tree, dict):
        raise FormatError(path, f"holds a {type(tree).__name__} at the top; expected options as `name: value`")
    return tree
