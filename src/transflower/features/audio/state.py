"""States of parts that hold parts, as named arrays."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Stateful(Protocol):
    """What can be saved and continued."""

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        ...

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken."""
        ...


def states_of(parts: Mapping[str, Stateful]) -> dict[str, np.ndarray]:
    """The states of all parts, each array under ``part.name``."""
    return {f"{name}.{key}": value for name, part in parts.items() for key, value in part.state_dict().items()}


def load_states(parts: Mapping[str, Stateful], state: Mapping[str, np.ndarray]) -> None:
    """Give each part what ``states_of`` took from it; other arrays are left out."""
    for name, part in parts.items():
        prefix = f"{name}."
        part.load_state_dict(
            {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
        )
