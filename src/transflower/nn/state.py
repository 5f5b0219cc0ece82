"""State of a module between two calls, as named tensors."""

from typing import TypeAlias

from torch import Tensor

State: TypeAlias = dict[str, Tensor] | None
"""Named tensors, batch first; None for modules without state."""


def prefixed(prefix: str, state: State) -> dict[str, Tensor]:
    """The tensors of ``state``, each with ``prefix`` before its name."""
    return {prefix + name: value for name, value in (state or {}).items()}


def under(prefix: str, state: State) -> dict[str, Tensor]:
    """The tensors of ``state`` whose names begin with ``prefix``, under what follows it."""
    return {name.removeprefix(prefix): value for name, value in (state or {}).items() if name.startswith(prefix)}
