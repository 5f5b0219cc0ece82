"""Where features go: ``OUT/<id>.<name>.npy`` and ``OUT/<name>.json``, made so that an interrupted run can go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from transflower.core.errors import DataError
from transflower.core.files import check_folder, check_path, is_there, json_text, write_array, write_text
from transflower.features.extraction.made_from import Origins, WithOrigin
from transflower.features.extraction.sources import Source
from transflower.features.extraction.work import Outcome, attempt_each
from transflower.features.sidecar import Sidecar

Result = TypeVar("Result")

MIRRORED = "_mirrored"


@dataclass(frozen=True, kw_only=True)
class Target:
    """The arrays and the sidecar of one feature in one folder.

    Raises:
        DataError: nothing can be written in the folder.
    """

    out: Path
    """Folder of the features."""
    name: str
    """Feature name."""
    mirror: bool
    """Whether every sequence has a mirrored twin."""
    overwrite: bool
    """Whether arrays are written that are there already."""
    new_sidecar: Sidecar | None = None
    """The sidecar to write; None: the one that is there stays."""
    reading: str = ""
    """Digest of the options by which recordings are read, where there are any."""
    tables: Path | None = None
    """Folder of the tables of bones by which they are put on another skeleton."""

    def __post_init__(self) -> None:
        check_folder(self.out)

    @property
    def sidecar_path(self) -> Path:
        """The one sidecar of all arrays."""
        return self.out / f"{self.name}.json"

    def array_path(self, sequence_id: str) -> Path:
        """The array of a sequence."""
        return self.out / f"{sequence_id}.{self.name}.npy"

    def twins(self, sequence_id: str) -> list[str]:
        """The id of a sequence's mirrored twin, if it has one."""
        return [sequence_id + MIRRORED] if self.mirror else []

    def pending(self, sources: Sequence[Source]) -> list[Source]:
        """The recordings that lack an array that was made from them as they are; to overwrite, all of them."""
        there = [one for one in sources if not self.overwrite and all(map(is_there, self._array_paths(one)))]
        origins = Origins(self.out, self.name, reading=self.reading, tables=self.tables)
        known = origins.are_current(there, [self._array_paths(one) for one in there])
        done = {one.sequence_id for one, is_current in zip(there, known, strict=True) if is_current}
        done |= {
            one.sequence_id
            for one, is_current in zip(there, known, strict=True)
            if is_current is None and self._is_newer(one)
        }
        return [one for one in sources if one.sequence_id not in done]

    def lacking(self, sources: Sequence[Source]) -> list[Source]:
        """The recordings that lack an array, whatever it was made from."""
        return [one for one in sources if not all(map(is_there, self._array_paths(one)))]

    def write_all(
        self, function: Callable[[Source], Result], sources: Sequence[Source], *, jobs: int
    ) -> list[Outcome[Result]]:
        """``attempt_all`` for a function that saves the arrays of a recording; what they are made from is kept."""
        origins, outcomes = Origins(self.out, self.name, reading=self.reading, tables=self.tables), []
        for outcome in attempt_each(WithOrigin(function), sources, jobs=jobs, label="features"):
            result = None
            if outcome.result is not None:
                origin, result = outcome.result
                origins.add(outcome.source, origin, self._array_paths(outcome.source))
            outcomes.append(
                Outcome(source=outcome.source, result=result, problem=outcome.problem, remarks=outcome.remarks)
            )
        return outcomes

    def keeps_sidecar(self, sources: Sequence[Source]) -> bool:
        """Whether there is a sidecar that must stay: it is not to be overwritten, or other arrays need it.

        Raises:
            DataError: arrays have no sidecar, so their meaning is unknown; a twin has the id of a recording; or an
                array would have too long a name.
        """
        self._check_twins(sources)
        made = {path.name for source in sources for path in self._array_paths(source)}
        for name in made:
            check_path(name)
        there = sorted(self.out.iterdir()) if self.out.exists() else []
        arrays = [path for path in there if path.name.endswith(f".{self.name}.npy") and path.name[0] != "."]
        others = [path for path in arrays if not (self.overwrite and path.name in made)]
        if self.sidecar_path.exists():
            return bool(others) or not self.overwrite
        if others:
            raise DataError(f"{others[0]} has no sidecar {self.sidecar_path.name}; choose another --name or --out")
        return False

    def _check_twins(self, sources: Sequence[Source]) -> None:
        own = {source.sequence_id: source.path for source in sources}
        for source in sources:
            for twin in self.twins(source.sequence_id):
                if twin in own:
                    raise DataError(
                        f"{own[twin]} has the id of the mirrored {source.path}; rename it, or do not mirror"
                    )

    def check_settings(self, settings: Sequence[tuple[str, object, object]]) -> None:
        """Refuse settings, each ``(name, wanted, there)``, that are not those of the sidecar that stays.

        Raises:
            DataError: naming those that differ.
        """
        others = [f"{name} is {there}, not {wanted}" for name, wanted, there in settings if wanted != there]
        if others:
            raise DataError(
                f"{self.sidecar_path} has other settings ({', '.join(others)}); choose another --name or --out"
            )

    def save(self, sequence_id: str, features: np.ndarray) -> None:
        """Write the array of a sequence, atomically, and before it the sidecar, so that no array lacks one.

        Raises:
            DataError: a number is not finite.
        """
        if not np.isfinite(features).all():
            frame, column = np.argwhere(~np.isfinite(features))[0]
            raise DataError(f"gives a feature that is not finite, first in frame {frame}, column {column}")
        self._keep_sidecar()
        write_array(self.array_path(sequence_id), features)

    def _keep_sidecar(self) -> None:
        path, text = self.sidecar_path, self._new_text
        if text and not (path.is_file() and path.read_bytes() == text.encode()):
            write_text(path, text)

    @cached_property
    def _new_text(self) -> str:
        """Of the sidecar to write, made once for all arrays."""
        return json_text(self.new_sidecar.to_dict()) if self.new_sidecar is not None else ""

    def _array_paths(self, source: Source) -> list[Path]:
        return [self.array_path(made_id) for made_id in [source.sequence_id, *self.twins(source.sequence_id)]]

    def _is_newer(self, source: Source) -> bool:
        """Whether its arrays are newer than its files."""
        newest = max(path.stat().st_mtime for path in (source.path, *source.needs))
        return min(path.stat().st_mtime for path in self._array_paths(source)) >= newest
