"""Trees of options, sidecars and checkpoints: a value replaced, a key removed or renamed, lists of another length."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import yaml

from tests.fuzzing.mutations import values

_RAW = re.compile(r"\"@RAW(\d+)@\"")
Way = tuple[Any, ...]


def mutate_tree(rng: random.Random, tree: Any, value: Callable[[random.Random], Any] = values.plain) -> Any:
    """A copy of ``tree`` with one change; ``value`` makes what is put in."""
    ways = [way for way, _ in _walk(tree)]
    leaves = [way for way, node in _walk(tree) if not isinstance(node, dict | list)]
    way = rng.choice(leaves if leaves and rng.random() < 0.5 else ways)
    return _changed(rng, tree, way, lambda node: _new_node(rng, node, tree, ways, value))


def mutate_json(rng: random.Random, data: bytes) -> bytes:
    """JSON with a changed tree, and numbers that Python would not write."""
    try:
        tree = json.loads(data)
    except ValueError:
        return data
    raw = list(values.RAW_JSON)
    changed = mutate_tree(rng, tree, lambda rng: f"@RAW{rng.randrange(len(raw))}@")
    return _RAW.sub(lambda found: raw[int(found[1])], json.dumps(changed, indent=1)).encode()


def mutate_yaml(rng: random.Random, data: bytes) -> bytes:
    """YAML with a changed tree."""
    try:
        tree = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        return data
    return yaml.safe_dump(mutate_tree(rng, tree, _yaml_value), allow_unicode=True).encode()


def _yaml_value(rng: random.Random) -> Any:
    value = values.plain(rng) if rng.random() < 0.5 else values.text(rng)
    return list(value) if isinstance(value, tuple) else value


def _walk(tree: Any, way: Way = ()) -> list[tuple[Way, Any]]:
    found = [(way, tree)]
    if isinstance(tree, dict):
        children: Any = tree.items()
    elif isinstance(tree, list):
        # Of many numbers some are enough.
        children = list(enumerate(tree))[:20]
    else:
        return found
    for key, child in children:
        found += _walk(child, (*way, key))
    return found


def _changed(rng: random.Random, tree: Any, way: Way, change: Callable[[Any], Any]) -> Any:
    if not way:
        return change(tree)
    head, rest = way[0], way[1:]
    if rest or rng.random() < 0.6:
        if isinstance(tree, dict):
            return {key: _changed(rng, node, rest, change) if key == head else node for key, node in tree.items()}
        return [_changed(rng, node, rest, change) if key == head else node for key, node in enumerate(tree)]
    if isinstance(tree, dict):
        kept = {key: node for key, node in tree.items() if key != head}
        return kept if rng.random() < 0.5 else kept | {_new_key(rng, head): tree[head]}
    return tree[:head] + [tree[head]] * rng.choice([0, 2, 3, 1000]) + tree[head + 1 :]


def _new_key(rng: random.Random, key: Any) -> Any:
    return rng.choice([f"{key}x", str(key).upper(), "type", "", " ", "x" * 300, "../x", "\x00", str(key)[:-1], "日本"])


def _new_node(rng: random.Random, node: Any, tree: Any, ways: list[Way], value: Callable[[random.Random], Any]) -> Any:
    kind = rng.random()
    if kind < 0.6:
        return value(rng)
    if kind < 0.7:
        return [node]
    if kind < 0.8:
        return {rng.choice(["x", "type", "0"]): node}
    if kind < 0.9:
        other = tree
        for key in rng.choice(ways):
            other = other[key]
        return other
    if isinstance(node, list):
        return rng.choice([node[::-1], node[:1], node[1:], node + node, [node] * 2])
    if isinstance(node, dict):
        return {**node, _new_key(rng, "x"): value(rng)}
    for _ in range(rng.choice([3, 200])):
        node = [node]
    return node
