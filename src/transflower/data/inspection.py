"""The steps of a check. Each collects problems instead of stopping at the first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from transflower.core.array_file import Header
from transflower.core.errors import DataError, FormatError, OptionsError, TransflowerError
from transflower.core.files import is_there
from transflower.core.listing import name_some
from transflower.core.rates import SAME_RATE, count_frames, count_positions, relative_rates
from transflower.core.spans import Kind, Mode
from transflower.data.contents_cache import ContentsCache
from transflower.data.conventions import frame_rate, silence_row, single_shape
from transflower.data.measuring import measure_arrays
from transflower.data.report import FeatureSummary, Report
from transflower.data.split_lists import find_leaks, known_ids, read_list
from transflower.data.statistics import Contents
from transflower.data.store import Store

_ALL = "all"
_SKIPPED_AT_MOST = 0.5
_USUAL_GAP_SECONDS, _USUAL_GAP_FRAMES = 10, 3
_EXTRACTED = ("motion", "audio", "moves", "contacts")
"""Features that the command line makes."""
_RANKS: dict[Mode, tuple[int, ...]] = {"sequence": (2,), "tile": (2,), "single": (1, 2, 3)}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a feature should be."""

    mode: Mode = "sequence"
    kind: Kind = "continuous"
    num_rows: int | None = None
    """For ``single``: rows of every array; None asks only that they agree."""
    is_needed: bool = True
    """Whether every sequence must have it; otherwise it is checked where it exists."""
    fps: float | None = None
    """Frames per second, said by an option."""


class Inspection:
    """Checks lists, headers, sidecars, lengths and values, in this order."""

    def __init__(self, store: Store, expected: Mapping[str, Expected], outputs: Sequence[str] = ()) -> None:
        self.store = store
        self.expected = expected
        self.synced = [name for name, what in expected.items() if what.mode == "sequence"]
        self.needed = [name for name, what in expected.items() if what.is_needed]
        self.problems: list[TransflowerError] = []
        self.warnings: list[str] = []
        self.headers: dict[str, dict[str, Header]] = {name: {} for name in expected}
        self.dims: dict[str, int] = dict.fromkeys(expected, 0)
        self.contents: dict[str, dict[str, Contents]] = {name: {} for name in expected}
        self.caches = {name: ContentsCache(store.folder, name) for name in expected}
        self.sidecars: dict[str, dict[str, Any] | None] = {}
        self.outputs = outputs
        self.rates: dict[str, Fraction] = dict.fromkeys(expected, SAME_RATE)
        """Frames of each feature for each of the first output, or without outputs of the fastest feature."""

    def read_lists(self, splits: Sequence[str]) -> dict[str, list[str]]:
        """Usable ids of each split, without duplicates."""
        splits = splits or self.store.splits()
        if splits:
            listed = {split: self._read_list(split) for split in splits}
        else:
            found = self.store.contents()
            listed = {_ALL: sorted({one for name in self.needed for one in found.get(name, [])})}
            self.warnings.append("there is no split yet; make one with `transflower data split`")
            if not listed[_ALL]:
                self.problems.append(DataError(f"{self.store.folder} holds no {' or '.join(self.expected)}"))
        if misnamed := self.store.misnamed():
            told = name_some([repr(name) for name in misnamed])
            self.warnings.append(f"ignored: {len(misnamed)} files whose names are not UTF-8 (rename them): {told}")
        self.warnings += find_leaks(listed)
        return listed

    def read_headers(self, ids: Sequence[str]) -> None:
        """Keep the arrays whose rank and number of columns are right."""
        for name, what in self.expected.items():
            present, known = self._having(ids, name, what), self.caches[name].headers()
            self.store.adopt(name, {one: known[one] for one in present if one in known})
            headers = {one: header for one in present if (header := self._read_header(one, name, what))}
            widths = Counter(_dim(header) for header in headers.values())
            if widths:
                self.dims[name] = widths.most_common(1)[0][0]
            for one, header in headers.items():
                if (fault := self._wrong_shape(name, what, header)) is None:
                    self.headers[name][one] = header
                else:
                    self._add(one, name, fault)
            if what.mode == "single":
                self._compare_rows(name)

    def read_sidecars(self) -> None:
        """Compare sidecars with the arrays and with each other."""
        for name in self.expected:
            try:
                self.sidecars[name] = self.store.sidecar(name)
            except TransflowerError as error:
                self.sidecars[name] = None
                self.problems.append(error)
            self._compare_with_sidecar(name, self.sidecars[name] or {})
        self._compare_rates()

    def find_lengths(self, ids: Sequence[str], max_gap: int | None) -> dict[str, int]:
        """Common length of every sequence that has all the arrays that it needs.

        Arrays of a sequence begin together. Songs often end some seconds after their dances; a larger difference, or
        one at an unknown frame rate, is a sign of arrays that do not belong together.
        """
        fps = self._clock_fps()
        if max_gap is None:
            max_gap = _USUAL_GAP_FRAMES if fps is None else max(_USUAL_GAP_FRAMES, round(_USUAL_GAP_SECONDS * fps))
        lengths: dict[str, int] = {}
        gaps: dict[str, int] = {}
        # Fractions are slow, and mostly all are one.
        rates = self.rates if any(rate != SAME_RATE for rate in self.rates.values()) else {}
        for one in ids:
            rows = {name: self.headers[name][one].shape[0] for name in self.synced if one in self.headers[name]}
            if any(one not in self.headers[name] for name in self.needed):
                continue
            if not rows:  # Nothing is time-synced.
                lengths[one] = 1
                continue
            durations = {name: count / rates[name] if rates else count for name, count in rows.items()}
            shortest, longest = min(durations, key=durations.__getitem__), max(durations, key=durations.__getitem__)
            gap = int(durations[longest] - durations[shortest])
            if rates and durations[longest] - durations[shortest] < max(1 / rates[name] for name in rows):
                gap = 0  # Not a frame of the slowest.
            if gap > max_gap:
                other = self.store.path(one, shortest).name
                self._add(
                    one,
                    longest,
                    f"has {rows[longest]} frames, but {other} has {rows[shortest]}; a gap of {gap} is more than the "
                    f"{max_gap} allowed: check that both start together, then set max_length_gap to {gap} to read what "
                    "they have in common",
                )
                continue
            lengths[one] = min(count_positions(count, self.rates[name]) for name, count in rows.items())
            if gap:
                gaps[self.store.path(one, longest).name] = gap
        if gaps:
            worst = max(gaps, key=gaps.__getitem__)
            told = f"{gaps[worst]} frames" + ("" if fps is None else f", {gaps[worst] / fps:.1f} s")
            self.warnings.append(
                f"the common length is read of {len(gaps)} of {len(ids)} sequences whose features differ "
                f"by up to {told} ({worst} is longer)"
            )
        return lengths

    def read_values(self, lengths: dict[str, int]) -> None:
        """Check every value that may be read; sequences with bad values are dropped."""
        for name, what in self.expected.items():
            rows = {one: self._num_read(name, one, lengths) for one in self.headers[name]}
            cache, dim = self.caches[name], self.dims[name]
            for one, found in measure_arrays(self.store, name, rows, cache, kind=what.kind, dim=dim):
                if isinstance(found, FormatError):
                    self.problems.append(found)
                    lengths.pop(one, None)
                else:
                    self.contents[name][one] = found

    def skip_short(
        self, listed: Mapping[str, Sequence[str]], lengths: dict[str, int], min_frames: int
    ) -> dict[str, list[str]]:
        """Drop sequences that are too short, with a warning."""
        short = [one for one, frames in lengths.items() if frames < min_frames]
        total = len({one for split in listed.values() for one in split})
        if short:
            told = f"{len(short)} of {total} sequences are shorter than {min_frames} frames: {name_some(short)}"
            if len(short) > _SKIPPED_AT_MOST * total:
                remedy = "shorten the windows: training.positions, or the lengths of the model's inputs"
                self.problems.append(DataError(f"{self.store.folder}: {told}; {remedy}"))
            else:
                self.warnings.append(f"skipped: {told}")
        for one in short:
            del lengths[one]
        usable = {split: [one for one in ids if one in lengths] for split, ids in listed.items()}
        for split, ids in usable.items():
            if listed[split] and not ids and not self.problems:
                self.problems.append(DataError(f"{self.store.list_path(split)}: no sequence of this split is usable"))
        return usable

    def report(self, usable: Mapping[str, Sequence[str]], lengths: Mapping[str, int]) -> Report:
        """The report of all that was found."""
        features = {
            name: FeatureSummary(
                mode=what.mode,
                kind=what.kind,
                dim=self.dims[name],
                dtypes=tuple(sorted(map(str, {header.dtype for header in self.headers[name].values()}))),
                fps=self.fps(name),
                sidecar=self.sidecars[name],
                rate=self.rates[name],
            )
            for name, what in self.expected.items()
        }
        return Report(
            folder=self.store.folder,
            features=features,
            splits=usable,
            lengths=lengths,
            contents=self.contents,
            problems=self.problems,
            warnings=self.warnings,
        )

    def fps(self, name: str) -> float | None:
        """Frames per second of a feature, where they are known."""
        try:
            return frame_rate(self.sidecars[name]) or self.expected[name].fps
        except ValueError:
            return None  # A problem already.

    def _read_list(self, split: str) -> list[str]:
        ids = read_list(self.store, split, self.problems, self.warnings)
        return known_ids(self.store, split, ids, list(self.expected), self.problems)

    def _num_read(self, name: str, one: str, lengths: Mapping[str, int]) -> int:
        """Rows of an array that may be read."""
        count = self.headers[name][one].shape[0]
        if self.expected[name].mode == "sequence" and one in lengths:
            count = min(count, count_frames(lengths[one], self.rates[name]))
        return count

    def _add(self, sequence_id: str, feature: str, message: str) -> None:
        self.problems.append(FormatError(self.store.path(sequence_id, feature), message))

    def _having(self, ids: Sequence[str], feature: str, what: Expected) -> Sequence[str]:
        """The sequences in which a feature is checked."""
        having = (one for one in ids if is_there(self.store.path(one, feature)))
        if not what.is_needed:
            present = list(having)
            self.warnings.append(
                f"{feature} has no sidecar, as others have: checked in the {len(present)} of {len(ids)} sequences "
                "with it"
            )
            return present
        if ids and next(having, None) is None:
            there = ", ".join(self.store.contents()) or "none"
            problem = f"no sequence has {feature} (ID.{feature}.npy); the features there are: {there}"
            remedy = f"; `transflower extract {feature}` makes it" if feature in _EXTRACTED else ""
            self.problems.append(DataError(f"{self.store.folder}: {problem}{remedy}"))
            return []
        return ids

    def _read_header(self, sequence_id: str, feature: str, what: Expected) -> Header | None:
        try:
            header = self.store.header(sequence_id, feature)
        except TransflowerError as error:
            self.problems.append(error)
            return None
        if len(header.shape) not in _RANKS[what.mode]:
            wanted = (
                "[frames, columns]" if what.mode != "single" else "[rows], [rows, columns] or [choices, rows, columns]"
            )
            hint = "; is it one without time, of mode single?" if what.mode == "sequence" else ""
            self._add(sequence_id, feature, f"has shape {list(header.shape)}, a {what.mode} feature is {wanted}{hint}")
            return None
        if 0 in header.shape:
            self._add(sequence_id, feature, f"is empty: its shape is {list(header.shape)}")
            return None
        return header

    def _wrong_shape(self, name: str, what: Expected, header: Header) -> str | None:
        if _dim(header) != self.dims[name]:
            return f"has {_dim(header)} columns, most sequences have {self.dims[name]}; extract it again"
        rows = single_shape(header.shape)[1]
        if what.mode == "tile" and rows != 1:
            return f"has {rows} rows, a tile feature has one; use mode sequence or single"
        if what.mode == "single" and what.num_rows not in (None, rows):
            return f"has {rows} rows, the model reads {what.num_rows}; give that input the length {rows}"
        return None

    def _compare_rows(self, name: str) -> None:
        rows = Counter(single_shape(header.shape)[1] for header in self.headers[name].values())
        if len(rows) > 1:
            usual = rows.most_common(1)[0][0]
            for one, header in list(self.headers[name].items()):
                if (count := single_shape(header.shape)[1]) != usual:
                    self._add(one, name, f"has {count} rows, most sequences have {usual}; make them alike")
                    del self.headers[name][one]

    def _compare_with_sidecar(self, name: str, sidecar: Mapping[str, Any]) -> None:
        path, dim = self.store.folder / f"{name}.json", self.dims[name]
        names = sidecar.get("names")
        if isinstance(names, list) and dim and len(names) != dim:
            self.problems.append(FormatError(path, f"names {len(names)} columns, the arrays have {dim}; extract again"))
        try:
            found, said = frame_rate(sidecar), self.expected[name].fps
            if found and said and found != said:
                self.problems.append(FormatError(path, f"says {found:g} frames per second, and fps.{name} {said:g}"))
        except ValueError as error:
            self.problems.append(FormatError(path, str(error)))
        try:
            silence = silence_row(sidecar)
        except (TypeError, ValueError):
            self.problems.append(FormatError(path, "silence must be one row of numbers"))
            return
        if silence is not None and dim and (len(silence) != dim or not np.isfinite(silence).all()):
            self.problems.append(FormatError(path, f"silence must be {dim} finite numbers, one a column"))

    def _compare_rates(self) -> None:
        fps = {name: self.fps(name) for name in self.synced}
        if not self.outputs:
            fps = {name: found for name, found in fps.items() if found is not None}
        if not fps:
            return
        outputs = self.outputs or [max(fps, key=lambda name: fps[name] or 0)]
        try:
            self.rates |= relative_rates(fps, outputs)
        except OptionsError as error:
            self.problems.append(DataError(f"{self.store.folder}: {error}"))
        for name, rate in self.rates.items():
            if rate != SAME_RATE:
                told = f"1 frame for every {1 / rate}" if rate < 1 else f"{rate} frames for each"
                self.warnings.append(f"{name} has {told} of {outputs[0]}")

    def _clock_fps(self) -> float | None:
        """Frames per second in which lengths are counted; None where a feature's are not known."""
        fps = {name: self.fps(name) for name in self.synced}
        rates = {found and found / self.rates[name] for name, found in fps.items()}
        return rates.pop() if len(rates) == 1 else None


def _dim(header: Header) -> int:
    return single_shape(header.shape)[2]
