"""Features that are read off the motion of a folder, as moves and contacts are: of what, and what is there already."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from transflower.core.errors import DataError
from transflower.data.store import Store
from transflower.features.sidecar import ContactsSidecar, MovesSidecar, sidecar_from_dict

Derived = TypeVar("Derived", MovesSidecar, ContactsSidecar)


@dataclass(frozen=True, kw_only=True)
class DerivedReport:
    """What was written."""

    folder: Path
    name: str
    written: int
    skipped: int
    changes_per_minute: float
    """How often the class changes in what was written."""
    feet: tuple[str, ...] = ()
    """Those that the classes tell of; none where they tell of something else."""

    def __str__(self) -> str:
        feet = f" of {' and '.join(self.feet)}" if self.feet else ""
        skipped = f", {self.skipped} were there already" if self.skipped else ""
        changes = f"; {self.changes_per_minute:.0f} changes a minute" if self.written else ""
        return f"{self.folder}: {self.name}{feet} of {self.written} sequences written{skipped}{changes}"


def ids_with(store: Store, feature: str) -> list[str]:
    """The sequences that have the motion.

    Raises:
        DataError: none has.
    """
    ids = store.contents().get(feature, [])
    if not ids:
        raise DataError(f"{store.folder} holds no ID.{feature}.npy; make them with `transflower extract motion`")
    return ids


def known_sidecar(store: Store, name: str, kind: type[Derived], *, of: str) -> Derived | None:
    """The sidecar of a feature that is there already; None where it is not.

    Raises:
        DataError: another feature has that name; it may not be replaced.
    """
    path, found = store.sidecar_path(name), store.sidecar(name)
    if found is None:
        return None
    if found.get("kind") != kind.kind or found.get("of") != of:
        raise DataError(f"{path} does not describe {kind.kind} in {of!r}; choose another --name")
    sidecar = sidecar_from_dict(found, path)
    assert isinstance(sidecar, kind)
    return sidecar
