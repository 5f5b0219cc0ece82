"""The statistics of a folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.line_cache import settled_stamps_of
from transflower.core.progress import progress
from transflower.core.workers import map_parallel
from transflower.data.conventions import frame_rate
from transflower.data.stats.cache import StatsCache
from transflower.data.stats.measure import Outlier, SequenceStats, measure_sequence
from transflower.data.stats.options import StatsConfig
from transflower.data.store import Store
from transflower.features.sidecar import MotionSidecar, Sidecar, sidecar_from_dict
from transflower.motion.body_size import measure_body
from transflower.motion.clip import Clip
from transflower.motion.rotations import identity

_FEWEST_FOR_PROCESSES = 32
"""Sequences; for fewer, other processes take longer to start than they save."""


@dataclass(frozen=True, kw_only=True)
class FolderStats:
    """What was measured of all sequences."""

    folder: Path
    features: Mapping[str, str]
    """Feature -> what it is."""
    counts: Mapping[str, int]
    """Feature -> sequences that have it."""
    skeletons: Mapping[str, str]
    """Motion feature -> its skeleton."""
    missing: Mapping[str, Sequence[str]]
    """Feature -> ids that others have and it lacks."""
    splits: Mapping[str, Sequence[str]]
    """Split -> ids of its list that are there."""
    problems: Sequence[str]
    """What could not be read."""
    sequences: Sequence[SequenceStats]

    @property
    def outliers(self) -> list[Outlier]:
        """Of all sequences."""
        return [outlier for one in self.sequences for outlier in one.outliers]

    def numbers(self, name: str) -> dict[str, float]:
        """Id -> a number that was measured, where it could be."""
        found = {one.sequence_id: getattr(one, name) for one in self.sequences}
        return {sequence_id: float(value) for sequence_id, value in found.items() if value is not None}

    def labels(self) -> dict[str, dict[str, float]]:
        """Feature -> label -> seconds of all sequences, the most first."""
        total: dict[str, dict[str, float]] = {}
        for one in self.sequences:
            for feature, found in one.labels.items():
                sums = total.setdefault(feature, {})
                for label, seconds in found.items():
                    sums[label] = sums.get(label, 0.0) + seconds
        return {name: dict(sorted(sums.items(), key=lambda item: -item[1])) for name, sums in total.items()}

    def hours(self, ids: Iterable[str] | None = None) -> float:
        """Of these sequences, or of all."""
        seconds = self.numbers("seconds")
        return sum(seconds.values() if ids is None else (seconds.get(one, 0.0) for one in ids)) / 3600


def measure_folder(config: StatsConfig) -> FolderStats:
    """Measure every sequence of a folder.

    Raises:
        DataError: no folder, or nothing in it.
    """
    store = Store(config.folder)
    contents = store.contents()
    if not contents:
        raise DataError(f"{store.folder} holds no ID.FEATURE.npy file; make some with `transflower extract`")
    problems: list[str] = []
    sidecars = {name: _sidecar(store, name, problems) for name in contents}
    fps = {name: _fps(store, name) for name in contents}
    paths: dict[str, dict[str, Path]] = {}
    for name, ids in contents.items():
        for one in ids:
            paths.setdefault(one, {})[name] = store.path(one, name)
    about = {name: None if one is None else one.to_dict() for name, one in sidecars.items()}
    cache = StatsCache(store.folder, about={"sidecars": about, "fps": fps})
    before = {one: settled_stamps_of(found.values()) for one, found in paths.items()}
    known = {one: cache.get(one, found, before[one]) for one, found in sorted(paths.items())}
    items = [(one, paths[one]) for one, stats in known.items() if stats is None]
    measure = partial(measure_sequence, sidecars=sidecars, fps=fps)
    jobs = config.jobs if len(items) >= _FEWEST_FOR_PROCESSES else 1
    outcomes = map_parallel(measure, items, jobs=jobs)
    for stats in progress(outcomes, label="measuring", total=len(items), unit="sequence"):
        known[stats.sequence_id] = stats
        cache.add(stats, paths[stats.sequence_id], before[stats.sequence_id])
    measured = [stats for stats in known.values() if stats is not None]
    problems += [one.problem for one in measured if one.problem]
    needed = [name for name in contents if sidecars[name] is not None or store.sidecar_path(name).exists()]
    return FolderStats(
        folder=store.folder,
        features={name: _told_feature(ids, sidecars[name], fps[name]) for name, ids in contents.items()},
        counts={name: len(ids) for name, ids in contents.items()},
        skeletons={name: _told_skeleton(one) for name, one in sidecars.items() if isinstance(one, MotionSidecar)},
        missing={name: lacking for name in needed if (lacking := sorted(paths.keys() - set(contents[name])))},
        splits=_splits(store, paths.keys(), problems),
        problems=problems,
        sequences=measured,
    )


def _sidecar(store: Store, name: str, problems: list[str]) -> Sidecar | None:
    try:
        found = store.sidecar(name)
        return None if found is None or "kind" not in found else sidecar_from_dict(found, store.sidecar_path(name))
    except TransflowerError as error:
        problems.append(str(error))
        return None


def _fps(store: Store, name: str) -> float | None:
    try:
        return frame_rate(store.sidecar(name))
    except (TransflowerError, ValueError):
        return None


def _splits(store: Store, there: Iterable[str], problems: list[str]) -> dict[str, list[str]]:
    known, found = set(there), {}
    for split in store.splits():
        try:
            found[split] = [one for one in store.ids(split) if one in known]
        except FormatError as error:
            problems.append(str(error))
    return found


def _told_feature(ids: Sequence[str], sidecar: Sidecar | None, fps: float | None) -> str:
    kind = "columns of unknown meaning" if sidecar is None else sidecar.kind
    columns = len(getattr(sidecar, "names", ()))
    parts = [f"{len(ids)} files", kind, *([f"{columns} columns"] if columns else [])]
    return ", ".join([*parts, *([f"{fps:g} frames per second"] if fps else [])])


def _told_skeleton(sidecar: MotionSidecar) -> str:
    skeleton = sidecar.skeleton
    rest = Clip(skeleton, sidecar.fps, identity(1, skeleton.num_joints), {0: np.zeros((1, 3))})
    size = measure_body(rest)
    tall = f", {size.height:.2f} m tall" if size else ""
    return f"{skeleton.num_joints} joints{tall}, rotations as {sidecar.representation}"
