"""Opening what all systems are evaluated on: held-out sequences, their beats, and what is true of them.

Shape letters: T frames, D columns, B beats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.core.files import is_there
from transflower.core.memory import check_memory
from transflower.core.moments import Moments
from transflower.data.statistics import Contents, combine
from transflower.data.statistics import Moments as CountedMoments
from transflower.data.store import Store
from transflower.data.stored_motion import decode_stored
from transflower.evaluation.options import EvaluationConfig
from transflower.evaluation.system import Sample, Setting
from transflower.features.audio.beat_file import find_in, read_beats
from transflower.features.audio.beat_times import described_beats, describes_beats
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path

_USUAL_FPS = 30.0
_MOST_LEARNT = 500
"""Sequences of the training split from which deviations are measured."""
_TRAIN = "train"
_NUMBERS_A_JOINT = 20
"""That are kept of a joint of a frame: its rotation, positions, and what metrics make of them."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """The held-out part of a folder of features."""

    store: Store
    output: str
    """Which feature is evaluated."""
    sidecar: MotionSidecar | None
    """What its columns mean, where they are motion."""
    fps: float
    split: str
    ids: tuple[str, ...]
    """The recordings that are evaluated."""
    frames: int
    """Most frames of each."""

    def sample(self, one: str, rows: Float[np.ndarray, "T D"], *, frames: int | None = None) -> Sample:
        """The first frames of a sequence of the evaluated output, by default as many as all have."""
        rows = rows[: frames or self.frames].astype(float)
        path = self.store.path(one, self.output)
        return Sample(id=one, rows=rows, clip=None if self.sidecar is None else decode_stored(rows, self.sidecar, path))

    def real(self, one: str) -> Sample:
        """The real sequence of a recording."""
        return self.sample(one, self.store.open(one, self.output).read(0, self.length(one)))

    def length(self, one: str) -> int:
        """Frames of a recording that are evaluated."""
        return min(self.frames, self.store.header(one, self.output).shape[0])


def open_data(options: EvaluationConfig) -> Data:
    """Find the split, the output and the recordings that are evaluated.

    Raises:
        DataError: there are fewer than two recordings, or no such output.
    """
    store = Store(options.data)
    split = options.split or ("test" if "test" in store.splits() else "val")
    output = options.output or _output(store)
    if output not in store.contents():
        raise DataError(f"{store.folder} holds no {output}; --output is one of: {', '.join(store.contents())}")
    ids = _evenly(store.ids(split), options.sequences)
    if len(ids) < 2:
        raise DataError("one recording has neither distances nor intervals; take more --sequences or another --split")
    header, described = store.header(ids[0], output), store.sidecar(output) or {}
    if len(header.shape) != 2 or header.dtype.kind != "f":
        raise DataError(f"{store.folder}: {output} does not hold continuous columns over time; choose another --output")
    is_motion = described.get("kind") == "motion"
    sidecar = read_sidecar(store.sidecar_path(output)) if is_motion else None
    assert sidecar is None or isinstance(sidecar, MotionSidecar)
    fps = float(described.get("fps") or _USUAL_FPS)
    frames = max(1, round(options.seconds * fps))
    return Data(store=store, output=output, sidecar=sidecar, fps=fps, split=split, ids=ids, frames=frames)


def open_setting(data: Data, options: EvaluationConfig) -> Setting:
    """Read the real sequences, and what is known of their music.

    Raises:
        FormatError: a file is missing, or cannot be read.
    """
    others = [one for one in _everything(data.store) if one not in set(data.ids)]
    chosen = _evenly(others, options.samples * len(data.ids))
    wanted = [*data.ids, *(others if options.reference == "all" else chosen)]
    _check_memory(data, wanted)
    read = {one: [data.real(one)] for one in wanted}
    real = {one: read[one] for one in data.ids}
    ground_truths = {one: found for one in wanted if (found := _ground_truth(options.recordings, one)) is not None}
    beats = {one: times for one in wanted if len(times := _beats(data, options, one, ground_truths.get(one))) > 1}
    return Setting(
        data=data.store.folder,
        output=data.output,
        fps=data.fps,
        ids=data.ids,
        real=real,
        others={one: read[one] for one in chosen},
        reference=read if options.reference == "all" else real,
        moments=_moments(data),
        beats=beats,
        ground_truths=ground_truths,
        seed=options.seed,
    )


def _output(store: Store) -> str:
    kinds = {feature: (store.sidecar(feature) or {}).get("kind") for feature in store.features()}
    motions = [feature for feature, kind in kinds.items() if kind == "motion"]
    if "motion" in motions or len(motions) == 1:
        return "motion" if "motion" in motions else motions[0]
    if not kinds:
        raise DataError(f"{store.folder} holds no features; --data takes a folder that `extract` or `data import` made")
    raise DataError(f"{store.folder}: say what is evaluated by --output, one of: {', '.join(kinds)}")


def _evenly(ids: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many, from all over the list."""
    count = min(most, len(ids))
    return tuple(ids[round(index)] for index in np.linspace(0, len(ids) - 1, count)) if count else ()


def _everything(store: Store) -> list[str]:
    """The recordings of all splits, each once."""
    return list(dict.fromkeys(one for split in store.splits() for one in store.ids(split)))


def _check_memory(data: Data, ids: Sequence[str]) -> None:
    joints = 0 if data.sidecar is None else data.sidecar.skeleton.num_joints
    columns = data.store.header(ids[0], data.output).shape[1] + joints * _NUMBERS_A_JOINT
    check_memory(
        len(ids) * data.frames * columns * 8,
        what=f"evaluating on {len(ids)} recordings",
        advice="take fewer --sequences or --seconds, or --reference split",
    )


def _moments(data: Data) -> Moments:
    ids = data.store.ids(_TRAIN) if _TRAIN in data.store.splits() else data.ids
    arrays = (data.store.open(one, data.output).read().astype(float) for one in _evenly(ids, _MOST_LEARNT))
    found = combine(Contents(moments=CountedMoments.of(rows)) for rows in arrays)
    return found.mean, found.std


def _ground_truth(recordings: Path | None, one: str) -> GroundTruth | None:
    path = None if recordings is None else ground_truth_path(recordings, one)
    return GroundTruth.read(path) if path is not None and is_there(path) else None


def _beats(data: Data, options: EvaluationConfig, one: str, known: GroundTruth | None) -> Float[np.ndarray, " B"]:
    """Annotated beats; of synthetic recordings the true ones, else those that the features hold."""
    if options.beats is not None:
        path = find_in(options.beats, one)
        return np.zeros(0) if path is None else read_beats(path)
    if known is not None:
        return np.array(known.beats)
    for feature in data.store.features():
        described = data.store.sidecar(feature)
        if not describes_beats(described) or not data.store.path(one, feature).exists():
            continue
        heard = described_beats(described, data.store.open(one, feature).read())
        if heard is not None:
            return heard.times if heard.is_heard else np.zeros(0)
    return np.zeros(0)
