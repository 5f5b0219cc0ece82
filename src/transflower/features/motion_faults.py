"""Faults of recordings in files: finding them, and writing recordings without them."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import atomic_path, check_folder
from transflower.core.listing import first_few, listing
from transflower.features.cleaned_files import CleanedFile, plan_files
from transflower.features.extraction.sources import Source, find_sources
from transflower.features.extraction.work import Outcome, attempt_all
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import (
    find_format,
    holds_motion,
    read_recording,
    readable_suffixes,
    refuse_others,
)
from transflower.motion.faults.detectors import DETECTORS, check_mendable, find_faults, mend_faults
from transflower.motion.faults.fault import Fault

_MOST_OF_A_KIND = 5
"""Faults of one kind that are told of one recording."""
_MOST_WRITTEN = 20


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The faults of one recording."""

    fps: float
    """Its frame rate."""
    faults: tuple[Fault, ...]
    """Those that were found; of a recording that was to be cleaned, those that were mended."""
    left: tuple[Fault, ...] = ()
    """Those that mending has left."""
    written: tuple[str, ...] = ()
    """What was written."""


@dataclass(frozen=True, kw_only=True)
class FaultReport:
    """The faults of recordings."""

    looked: tuple[tuple[Path, Looked], ...]
    """Each file, and its faults."""
    is_mended: bool = False
    """Whether faults were mended, except those that are left."""
    problems: tuple[str, ...] = ()
    """Why other files could not be read or cleaned."""

    @property
    def has_faults(self) -> bool:
        """Whether a recording has one, or had one that was mended."""
        return any(one.faults or one.left for _, one in self.looked)

    def __str__(self) -> str:
        """As text: each file with faults, then how many there are of each kind."""
        lines = []
        for path, one in self.looked:
            told = [*_told(one.faults, one.fps), *(f"left: {line}" for line in _told(one.left, one.fps))]
            lines += [listing(str(path), told)] if told else []
        totals = [self._total()] if not self.is_mended else [self._total(), self._left()]
        lines.append("; ".join([f"{len(self.looked)} recordings", *filter(None, totals)]))
        written = [line for _, one in self.looked for line in one.written]
        return "\n".join([*lines, *first_few(written, _MOST_WRITTEN, more="and {} files more")])

    def _total(self) -> str:
        """In how many files each kind was found, or mended wherever it was."""
        counts = Counter(kind for _, one in self.looked for kind in _kinds(one.faults) - _kinds(one.left))
        return f"{'mended' if self.is_mended else 'found'}: {_counted(counts) or 'nothing'}"

    def _left(self) -> str:
        counts = Counter(kind for _, one in self.looked for kind in _kinds(one.left))
        return f"left: {_counted(counts)}" if counts else ""


def check_recordings(
    paths: Sequence[Path], options: ReadOptions, *, kinds: Sequence[str] = tuple(DETECTORS), jobs: int = -1
) -> FaultReport:
    """The faults of recordings, and of all recordings in folders.

    Raises:
        DataError: no recording is there, or none can be read.
    """
    sources = _sources(paths)
    outcomes = attempt_all(partial(_look, options=options, kinds=tuple(kinds)), sources, jobs=jobs, label="looking")
    return _report(outcomes, is_mended=False)


def clean_recordings(
    paths: Sequence[Path],
    out: Path,
    mend: Sequence[str],
    options: ReadOptions,
    *,
    overwrite: bool = False,
    jobs: int = -1,
) -> FaultReport:
    """Write recordings without faults of the kinds ``mend`` into ``out``, under their names; others are copied.

    Files of formats that are only read become BVH files. The originals are never touched.

    Raises:
        OptionsError: a kind that cannot be mended.
        DataError: no recording can be read, or files are there already; then nothing is written.
    """
    check_mendable(mend)
    check_folder(out)
    sources = _sources(paths)
    files = plan_files([source.path for source in sources], paths, out, overwrite=overwrite)
    work = partial(_clean, files=files, kinds=tuple(mend), options=options)
    return _report(attempt_all(work, sources, jobs=jobs, label="cleaning"), is_mended=True)


def _sources(paths: Sequence[Path]) -> list[Source]:
    """All recordings, each once; those of different paths may have one name."""
    for path in paths:
        refuse_others(path)
    find = partial(
        find_sources, suffixes=readable_suffixes(), ids="path", holds=holds_motion, failed="nothing was read"
    )
    found = [find([path]) for path in paths] or [find([])]
    return list({source.path: source for sources in found for source in sources}.values())


def _look(source: Source, options: ReadOptions, kinds: tuple[str, ...]) -> Looked:
    clip = read_recording(source.path, options).clip
    return Looked(fps=clip.fps, faults=tuple(find_faults(clip, kinds)))


def _clean(source: Source, files: dict[Path, CleanedFile], kinds: tuple[str, ...], options: ReadOptions) -> Looked:
    recording = read_recording(source.path, options)
    mending = mend_faults(recording.clip, kinds)
    file, fps = files[source.path], recording.clip.fps
    looked = Looked(fps=fps, faults=tuple(mending.mended), left=tuple(mending.left))
    file.path.parent.mkdir(parents=True, exist_ok=True)
    if not mending.is_changed and file.path.name == source.path.name and options.fps is None:
        with atomic_path(file.path) as temporary:
            shutil.copyfile(source.path, temporary)
        file.remove_earlier([file.path])
        return looked
    paths, written = file.parts(len(mending.parts)), []
    for path, part in zip(paths, mending.parts, strict=True):
        _write(path, replace(recording, clip=part.clip))
        start = f" begins at {part.first / fps:.2f} s of {source.path}" if part.first else ""
        written.append(f"{path}{start}")
    file.remove_earlier(paths)
    return replace(looked, written=tuple(written))


def _write(path: Path, recording: Recording) -> None:
    known = find_format(path)
    assert known is not None
    assert known.write is not None  # others have become BVH
    known.write(path, recording)


def _report(outcomes: Sequence[Outcome[Looked]], *, is_mended: bool) -> FaultReport:
    looked = [(outcome.source.path, outcome.result) for outcome in outcomes if outcome.result]
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    if not looked:
        raise DataError(listing(f"no recording can be {'cleaned' if is_mended else 'read'}", problems))
    return FaultReport(looked=tuple(looked), is_mended=is_mended, problems=tuple(problems))


def _kinds(faults: Sequence[Fault]) -> set[str]:
    return {fault.kind for fault in faults}


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} in {counts[kind]}" for kind in DETECTORS if counts[kind])


def _told(faults: Sequence[Fault], fps: float) -> list[str]:
    """A line for each fault, of each kind only the first few."""
    lines = []
    for kind in DETECTORS:
        same = [f"{kind}: {_when(fault, fps)}: {fault.what}" for fault in faults if fault.kind == kind]
        lines += first_few(same, _MOST_OF_A_KIND, more=f"{kind}: and {{}} more")
    return lines


def _when(fault: Fault, fps: float) -> str:
    first, last = fault.first / fps, fault.last / fps
    return f"{first:.2f} s" if last - first < 0.05 else f"{first:.2f} to {last:.2f} s"
