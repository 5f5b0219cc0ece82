"""A folder of recordings: arrays ``ID.FEATURE.npy``, lists ``base_filenames_SPLIT.txt``, sidecars ``FEATURE.json``.

This is the layout of the 2021 system; nothing in it is ever changed by reading. What was measured of arrays is kept in
a hidden folder (``contents_cache``).
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from transflower.core.array_file import ArrayFile, Header, check_same, read_header
from transflower.core.errors import DataError, FormatError
from transflower.core.files import check_name, is_there, is_unicode, read_json, read_text

_MAX_OPEN = 4096
_LARGEST_LIST = 256 * 2**20
_LIST_PREFIX = "base_filenames_"
_USUAL_SPLITS = ("train", "val", "test")


class Store:
    """Reads one folder; of an array, only the rows that are asked for.

    Raises:
        DataError: the folder does not exist, or is closed to us.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise DataError(f"{self.folder} is not a folder; give one that holds ID.FEATURE.npy files")
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise DataError(f"{self.folder} may not be read; change its permissions")
        self._max_open = _max_open()
        self._headers: dict[tuple[str, str], Header] = {}
        self._arrays: OrderedDict[tuple[str, str], ArrayFile] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_arrays": OrderedDict()}  # A worker opens files itself.

    def path(self, sequence_id: str, feature: str) -> Path:
        """File of one array.

        Raises:
            DataError: a name that could leave the folder.
        """
        check_name(sequence_id)
        return self.folder / f"{sequence_id}.{check_name(feature, what='feature name')}.npy"

    def list_path(self, split: str) -> Path:
        """File that lists the ids of a split."""
        return self.folder / f"{_LIST_PREFIX}{check_name(split, what='split name')}.txt"

    def splits(self) -> list[str]:
        """Names of the splits that have a list: the usual ones first."""
        names = {name.removeprefix(_LIST_PREFIX) for name in self._names(".txt") if name.startswith(_LIST_PREFIX)}
        return [*(name for name in _USUAL_SPLITS if name in names), *sorted(names.difference(_USUAL_SPLITS))]

    def lines(self, split: str) -> list[tuple[int, str]]:
        """Line number and id of every line that is not blank, as they stand in the list.

        Raises:
            FormatError: the list is missing, not text, or empty.
        """
        path = self.list_path(split)
        if not is_there(path):
            raise FormatError(path, "is missing; make it with `transflower data split`")
        text = read_text(path, limit=_LARGEST_LIST, encoding="utf-8-sig")
        lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if not lines:
            raise FormatError(path, "lists no sequence; write one id a line")
        return lines

    def ids(self, split: str) -> list[str]:
        """Ids of a split in the order of its list, each once.

        Raises:
            FormatError: the list cannot be read, or an id in it could leave the folder.
        """
        lines = self.lines(split)
        for number, sequence_id in lines:
            try:
                check_name(sequence_id)
            except DataError as error:
                raise FormatError(self.list_path(split), str(error), line=number) from error
        return list(dict.fromkeys(sequence_id for _, sequence_id in lines))

    def sidecar_path(self, feature: str) -> Path:
        """File of the description of a feature."""
        return self.folder / f"{check_name(feature, what='feature name')}.json"

    def sidecar(self, feature: str) -> dict[str, Any] | None:
        """Description that was written beside an extracted feature, or None.

        Raises:
            FormatError: it is not a JSON object.
        """
        path = self.sidecar_path(feature)
        if not is_there(path):
            return None
        sidecar = read_json(path)
        if not isinstance(sidecar, dict):
            raise FormatError(path, "must hold a JSON object that describes the feature")
        return sidecar

    def is_current(self, sequence_id: str, feature: str, *, of: str) -> bool:
        """Whether a sequence has a feature that was made of another one as that is now, after its sidecar."""
        made = self.path(sequence_id, feature)
        sources = self.path(sequence_id, of), self.sidecar_path(feature)
        return made.exists() and made.stat().st_mtime >= max(path.stat().st_mtime for path in sources)

    def contents(self) -> dict[str, list[str]]:
        """Every feature in the folder and the ids that have it, by file name.

        Ids and features may both hold dots. The name is cut before a feature with a sidecar, else behind an id that has
        such a feature or that a list names, else at its first dot.
        """
        features_known = set(self._names(".json"))
        ids_known = {sequence_id for split in self.splits() for sequence_id in self._ids_or_none(split)}
        files = [list(_cuts(name)) for name in sorted(self._names(".npy"))]
        ids_known |= {one for cuts in files for one, feature in cuts if feature in features_known}
        found: dict[str, list[str]] = {}
        for cuts in files:
            cut = next((c for c in cuts if c[1] in features_known), None)
            cut = cut or next((c for c in reversed(cuts) if c[0] in ids_known), None) or next(iter(cuts), None)
            if cut is not None:
                found.setdefault(cut[1], []).append(cut[0])
        return dict(sorted(found.items()))

    def arrays(self) -> set[str]:
        """``ID.FEATURE`` of every array."""
        return set(self._names(".npy"))

    def features(self) -> list[str]:
        """Features to use when none are named: those with a sidecar, or all if there are none."""
        found = list(self.contents())
        return [feature for feature in found if (self.folder / f"{feature}.json").exists()] or found

    def header(self, sequence_id: str, feature: str) -> Header:
        """Shape and type of an array.

        Raises:
            FormatError: the file is missing, truncated, or not an array of real numbers; nothing is ever unpickled.
        """
        key = sequence_id, feature
        if key not in self._headers:
            self._headers[key] = read_header(self.path(sequence_id, feature))
        return self._headers[key]

    def adopt(self, feature: str, headers: Mapping[str, Header]) -> None:
        """Take headers that were read earlier, of arrays that are still the same."""
        self._headers |= {(sequence_id, feature): header for sequence_id, header in headers.items()}

    def open(self, sequence_id: str, feature: str) -> ArrayFile:
        """The array, to read rows of.

        Raises:
            FormatError: as ``header``; or it has changed since its header was read.
        """
        key = sequence_id, feature
        array = self._arrays.get(key)
        if array is None:
            array = ArrayFile(self.path(sequence_id, feature), self.header(sequence_id, feature))
            if len(self._arrays) >= self._max_open:
                self._arrays.popitem(last=False)
            self._arrays[key] = array
        else:
            self._arrays.move_to_end(key)
        return array

    def check_unchanged(self) -> None:
        """Look whether the arrays whose headers were read are still the same.

        Raises:
            FormatError: naming one that was written anew, or is gone.
        """
        for (sequence_id, feature), header in self._headers.items():
            check_same(f"{self.folder}/{sequence_id}.{feature}.npy", header)

    def misnamed(self) -> list[str]:
        """Names of files that cannot be shown, or listed as ids; nothing else of the store knows them."""
        return sorted(name for name in self._listed() if not is_unicode(name))

    def _names(self, suffix: str) -> list[str]:
        """Files with a suffix, without it; what is hidden is half written, or the system's."""
        names = (name for name in self._listed() if name.endswith(suffix) and name[0] != ".")
        return [name.removesuffix(suffix) for name in names if is_unicode(name)]

    def _listed(self) -> list[str]:
        with os.scandir(self.folder) as entries:  # Of a large folder much faster than paths.
            return [entry.name for entry in entries]

    def _ids_or_none(self, split: str) -> list[str]:
        try:
            return [sequence_id for _, sequence_id in self.lines(split)]
        except FormatError:
            return []


def _cuts(stem: str) -> Iterator[tuple[str, str]]:
    """Every way to read a file name as id and feature, the shortest id first."""
    parts = stem.split(".")
    for count in range(1, len(parts)):
        sequence_id, feature = ".".join(parts[:count]), ".".join(parts[count:])
        if sequence_id and feature:
            yield sequence_id, feature


def _max_open() -> int:
    """Files to keep open: of the descriptors that a process may have, we take a quarter."""
    try:
        import resource  # Only where there is such a limit.
    except ImportError:
        return _MAX_OPEN
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MAX_OPEN if limit == resource.RLIM_INFINITY else max(1, min(_MAX_OPEN, limit // 4))
