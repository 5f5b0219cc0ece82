"""Registries of interchangeable parts, so that options can choose one by ``type``."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Generic, TypeVar

from transflower.core.errors import OptionsError

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps the ``type`` written in options to the config class that builds the part.

    A new part is one file that registers its config, and one line that imports the file.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, type[T]] = {}

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Class decorator: make the class available under ``name``."""

        def add(entry: type[T]) -> type[T]:
            assert name not in self._entries, f"two {self.kind}s are called {name!r}"
            self._entries[name] = entry
            return entry

        return add

    def names(self) -> list[str]:
        """Registered names, sorted."""
        return sorted(self._entries)

    def name_of(self, entry: type[T]) -> str:
        """The name under which ``entry`` was registered."""
        return next(name for name, known in self._entries.items() if known is entry)

    def __getitem__(self, name: str) -> type[T]:
        """The class registered under ``name``.

        Raises:
            OptionsError: no such name; the message offers the nearest one.
        """
        if name in self._entries:
            return self._entries[name]
        near = get_close_matches(name, self._entries, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise OptionsError(f"unknown {self.kind} {name!r}{hint}; there are: {', '.join(self.names())}")
