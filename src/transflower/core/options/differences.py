"""Which options of two trees differ."""

from typing import Any

from transflower.core.options.tree import Tree


def differences(before: Tree, now: Tree) -> dict[str, str]:
    """Dotted name -> both values, as in ``4 -> 5``; of the options that differ."""
    old, new = _leaves(before), _leaves(now)
    return {
        name: f"{old.get(name, 'absent')} -> {new.get(name, 'absent')}"
        for name in {**old, **new}
        if (name in old) != (name in new) or old.get(name) != new.get(name)
    }


def _leaves(tree: Tree, prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        leaves |= _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return leaves
