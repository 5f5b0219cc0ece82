"""What is measured of one sequence.

Shape letters: T frames or rows, D columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.array_file import ArrayFile
from transflower.core.errors import TransflowerError
from transflower.data.stored_motion import decode_stored
from transflower.features.audio.beat_times import HeardBeats, has_beats, heard_beats
from transflower.features.audio.silent import silent_stretches
from transflower.features.sidecar import AudioSidecar, LabelsSidecar, MotionSidecar, Sidecar
from transflower.features.sync import beat_shift
from transflower.motion.anatomy import points, read_anatomy
from transflower.motion.beats import kinematic_beats
from transflower.motion.clip import Clip
from transflower.motion.contacts import contact_and_slide
from transflower.motion.faults.detectors import DETECTORS, find_faults

_LEVELS = "mel_"
_FAR = 12.0
"""Standard deviations from the mean of its sequence beyond which a value is an outlier."""
_MOST_OUTLIERS = 5
"""Of one array."""


@dataclass(frozen=True)
class Outlier:
    """A moment that does not belong to its sequence."""

    file: str
    second: float
    what: str


@dataclass(frozen=True, kw_only=True)
class SequenceStats:
    """One sequence; None where something cannot be measured."""

    sequence_id: str
    seconds: float | None = None
    """Of its longest feature."""
    loudness: float | None = None
    """Median over time of the loudest mel band, in decibels below a sine of full scale."""
    silence: float = 0.0
    """Seconds of it."""
    bpm: float | None = None
    """Beats of the music that are danced, in a minute."""
    shift: float | None = None
    """Seconds, of half a beat at most, by which the motion would have to come later to be nearest to the beats."""
    shift_confidence: float | None = None
    """0: any other shift is as likely; 1: none is."""
    speed: float | None = None
    """Mean speed of the joints, in metres per second."""
    contacts: tuple[float, ...] = ()
    """Share of the time that each foot stands."""
    slide: float | None = None
    """Metres per second by which standing feet slide."""
    floor: float | None = None
    """Height of the lowest point of the feet, in metres."""
    labels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Feature -> label -> seconds."""
    outliers: tuple[Outlier, ...] = ()
    problem: str = ""
    """Why it could not be measured."""


def measure_sequence(
    item: tuple[str, Mapping[str, Path]], sidecars: Mapping[str, Sidecar | None], fps: Mapping[str, float | None]
) -> SequenceStats:
    """Measure one; ``item`` is its id and the array of each feature that it has."""
    sequence_id, paths = item
    try:
        return _measure(sequence_id, paths, sidecars, fps)
    except TransflowerError as error:
        return SequenceStats(sequence_id=sequence_id, problem=str(error))


def _measure(
    sequence_id: str,
    paths: Mapping[str, Path],
    sidecars: Mapping[str, Sidecar | None],
    fps: Mapping[str, float | None],
) -> SequenceStats:
    arrays = {name: ArrayFile(path).read() for name, path in paths.items()}
    lengths = [len(rows) / rate for name, rows in arrays.items() if rows.ndim == 2 and (rate := fps[name])]
    seconds = max(lengths, default=None)
    found: dict[str, object] = {"sequence_id": sequence_id, "seconds": seconds}
    outliers: list[Outlier] = []
    labels = {}
    beats: HeardBeats | None = None
    clip: Clip | None = None
    for name, rows in arrays.items():
        sidecar, file = sidecars[name], f"{sequence_id}.{name}.npy"
        if isinstance(sidecar, LabelsSidecar):
            labels[name] = _labels(rows, sidecar, seconds or 0.0)
            continue
        if rows.ndim != 2 or not len(rows) or not np.isfinite(rows).all():
            continue  # `data check` tells.
        if isinstance(sidecar, MotionSidecar) and rows.shape[1] == len(sidecar.names):
            this = decode_stored(rows, sidecar, paths[name])
            outliers += _faults(file, this)
            if clip is None:
                clip = this
                found |= _body(clip)
        elif isinstance(sidecar, AudioSidecar) and rows.shape[1] == len(sidecar.names) and "loudness" not in found:
            found |= _sound(rows, sidecar)
            beats = heard_beats(rows, sidecar.names, sidecar.fps) if has_beats(sidecar.names) else None
        elif sidecar is None and rows.dtype.kind == "f" and (rate := fps[name]):
            outliers += _far(file, rows, rate)
    if beats is not None and beats.is_heard:
        found["bpm"] = beats.bpm
    if clip is not None and beats is not None:
        found |= _sync(clip, beats)
    return SequenceStats(**found, labels=labels, outliers=tuple(outliers))  # type: ignore[arg-type]  # By name.


def _labels(rows: np.ndarray, sidecar: LabelsSidecar, seconds: float) -> dict[str, float]:
    """Seconds of each label; of numbers instead of classes, their mean."""
    if not sidecar.vocabulary or not rows.size:
        return {}
    classes, counts = np.unique(np.asarray(rows).reshape(-1), return_counts=True)
    named = {
        sidecar.vocabulary[int(index)]: seconds * count / rows.size
        for index, count in zip(classes, counts, strict=True)
        if 0 <= index < len(sidecar.vocabulary)
    }
    return {label: float(value) for label, value in named.items()}


def _sound(rows: Float[np.ndarray, "T D"], sidecar: AudioSidecar) -> dict[str, object]:
    bands = [column for column, name in enumerate(sidecar.names) if name.startswith(_LEVELS)]
    silence = sum(stop - start for start, stop in silent_stretches(rows, sidecar))
    loudness = float(np.median(rows[:, bands].max(axis=1))) if bands else None
    return {"silence": float(silence), "loudness": loudness}


def _body(clip: Clip) -> dict[str, object]:
    positions = points(clip)
    if clip.num_frames < 2:
        return {}
    speed = float(np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean() * clip.fps)
    legs = read_anatomy(clip.skeleton, np.median(positions[..., 1], axis=0)).legs
    if not legs:
        return {"speed": speed}
    feet = [positions[:, leg.extremity] for leg in legs]
    stands, slides = zip(*(contact_and_slide(foot, clip.fps) for foot in feet), strict=True)
    slid = np.concatenate([slide[stand] for stand, slide in zip(stands, slides, strict=True)])
    return {
        "speed": speed,
        "contacts": tuple(float(stand.mean()) for stand in stands),
        "slide": float(slid.mean()) if len(slid) else None,
        "floor": float(min(np.percentile(foot[..., 1], 1) for foot in feet)),
    }


def _sync(clip: Clip, beats: HeardBeats) -> dict[str, object]:
    moments = kinematic_beats(points(clip), clip.fps)
    inside = beats.times[beats.times <= clip.seconds]
    try:
        shift = beat_shift(moments, inside)
    except TransflowerError:
        return {}  # Too few beats.
    return {"shift": shift.seconds, "shift_confidence": shift.confidence}


def _faults(file: str, clip: Clip) -> list[Outlier]:
    """What was not danced, of each kind the first few."""
    found = find_faults(clip)
    first = [[fault for fault in found if fault.kind == kind][:_MOST_OUTLIERS] for kind in DETECTORS]
    return [Outlier(file, fault.first / clip.fps, fault.what) for same in first for fault in same]


def _far(file: str, rows: Float[np.ndarray, "T D"], fps: float) -> list[Outlier]:
    """Values of features of unknown meaning that lie far from all others."""
    with np.errstate(all="ignore"):
        apart = np.abs(rows - rows.mean(0)) / rows.std(0)
    places = np.argwhere(apart > _FAR)
    worst = places[np.argsort(-apart[tuple(places.T)])][:_MOST_OUTLIERS].tolist()
    return [
        Outlier(file, frame / fps, f"column {column} is {apart[frame, column]:.0f} standard deviations off")
        for frame, column in worst
    ]
