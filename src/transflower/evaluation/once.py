"""Values that are made once for an object, and kept as long as it is."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class Once:
    """An object that remembers what was made of it, whose fields never change."""

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What ``make`` returned when it was first called with this key.

        Example:
            >>> thing = Once()
            >>> thing.once("number", lambda: 1), thing.once("number", lambda: 2)
            (1, 1)
        """
        made: dict[Hashable, Any] = self.__dict__.setdefault("_made", {})
        if key not in made:
            made[key] = make()
        value: Value = made[key]
        return value
