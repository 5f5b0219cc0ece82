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
class FaultReport:
    """The faults of recordings."""

    found: tuple[tuple[Path, float, tuple[Fault, ...]], ...]
    """Each file, its frame rate, and its faults."""
    written: tuple[str, ...] = ()
    """What was written."""
    problems: tuple[str, ...] = ()
    """Why other files could not be read."""

    @property
    def has_faults(self) -> bool:
        """Whether a recording has one."""
        return any(faults for _, _, faults in self.found)

    def __str__(self) -> str:
        """As text: each file with faults, then how many there are of each kind."""
        lines = [listing(str(path), _told(faults, fps)) for path, fps, faults in self.found if faults]
        counts = Counter(kind for _, _, faults in self.found for kind in {fault.kind for fault in faults})
        what = "mended" if self.written else "found"
        kinds = ", ".join(f"{kind} in {counts[kind]}" for kind in DETECTORS if counts[kind])
        lines.append(f"{len(self.found)} recordings; {what}: {kinds or 'nothing'}")
        return "\n".join([*lines, *first_few(self.written, _MOST_WRITTEN, more="and {} files more")])


def check_recordings(
    paths: Sequence[Path], options: ReadOptions, *, kinds: Sequence[str] = tuple(DETECTORS), jobs: int = -1
) -> FaultReport:
    """The faults of recordings, and of all recordings in folders.

    Raises:
        DataError: no recording is there, or none can be read.
    """
    sources = _sources(paths)
    outcomes = attempt_all(partial(_look, options=options, kinds=tuple(kinds)), sources, jobs=jobs, label="looking")
    return _report(outcomes)


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
    return _report(attempt_all(work, sources, jobs=jobs, label="cleaning"))


@dataclass(frozen=True, kw_only=True)
class _Looked:
    fps: float
    faults: tuple[Fault, ...]
    written: tuple[str, ...] = ()


def _sources(paths: Sequence[Path]) -> list[Source]:
    """All recordings, each once; those of different paths may have one name."""
    for path in paths:
        refuse_others(path)
    find = partial(
        find_sources, suffixes=readable_suffixes(), ids="path", holds=holds_motion, failed="nothing was read"
    )
    found = [find([path]) for path in paths] or [find([])]
    return list({source.path: source for sources in found for source in sources}.values())


def _look(source: Source, options: ReadOptions, kinds: tuple[str, ...]) -> _Looked:
    clip = read_recording(source.path, options).clip
    return _Looked(fps=clip.fps, faults=tuple(find_faults(clip, kinds)))


def _clean(source: Source, files: dict[Path, CleanedFile], kinds: tuple[str, ...], options: ReadOptions) -> _Looked:
    recording = read_recording(source.path, options)
    parts, mended = mend_faults(recording.clip, kinds)
    file, fps = files[source.path], recording.clip.fps
    file.path.parent.mkdir(parents=True, exist_ok=True)
    if not mended and file.path.name == source.path.name and options.fps is None:
        with atomic_path(file.path) as temporary:
            shutil.copyfile(source.path, temporary)
        file.remove_earlier([file.path])
        return _Looked(fps=fps, faults=())
    paths, written = file.parts(len(parts)), []
    for path, part in zip(paths, parts, strict=True):
        _write(path, replace(recording, clip=part.clip))
        start = f" begins at {part.first / fps:.2f} s of {source.path}" if part.first else ""
        written.append(f"{path}{start}")
    file.remove_earlier(paths)
    return _Looked(fps=fps, faults=tuple(mended), written=tuple(written))


def _write(path: Path, recording: Recording) -> None:
    known = find_format(path)
    assert known is not None
    assert known.write is not None  # others have become BVH
    known.write(path, recording)


def _report(outcomes: Sequence[Outcome[_Looked]]) -> FaultReport:
    looked = [(outcome.source.path, outcome.result) for outcome in outcomes if outcome.result]
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    if not looked:
        raise DataError(listing("no recording can be read", problems))
    return FaultReport(
        found=tuple((path, result.fps, result.faults) for path, result in looked),
        written=tuple(line for _, result in looked for line in result.written),
        problems=tuple(problems),
    )


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
