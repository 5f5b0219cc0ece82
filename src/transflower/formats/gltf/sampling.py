"""The animations of a glTF file, read as numbers at any moments.

Shape letters: K keys, C numbers of a value, T moments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.numbers import MOST_FPS
from transflower.formats.gltf.accessors import AccessorReader
from transflower.formats.gltf.document import GltfFile
from transflower.motion import rotations as rot

TYPES = {"translation": "VEC3", "rotation": "VEC4", "scale": "VEC3"}
"""What of a node can move -> the type of its numbers."""

_SAME_MOMENT = 1e-3
"""Share of the way between two keys at which a moment is that of the key."""
_SMALLEST = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """How one property of a node moves."""

    times: Float[np.ndarray, " K"]
    """Seconds of the keys, ascending."""
    values: Float[np.ndarray, "K C"]
    """Values at the keys; rotations are unit quaternions wxyz."""
    tangents: tuple[Float[np.ndarray, "K C"], Float[np.ndarray, "K C"]] | None
    """Into and out of each key, for a cubic spline."""
    interpolation: str
    """``LINEAR``, ``STEP`` or ``CUBICSPLINE``."""

    def at(self, moments: Float[np.ndarray, " T"]) -> Float[np.ndarray, "T C"]:
        """Values at any moments; before the first key and after the last one, those of these."""
        if len(self.times) == 1:
            return np.repeat(self.values, len(moments), axis=0)
        before = np.clip(np.searchsorted(self.times, moments, side="right") - 1, 0, len(self.times) - 2)
        spans = self.times[before + 1] - self.times[before]
        weights = np.clip((moments - self.times[before]) / spans, 0.0, 1.0)
        weights = np.where(np.abs(weights - np.round(weights)) < _SAME_MOMENT, np.round(weights), weights)
        interpolate = {"STEP": self._step, "LINEAR": self._linear, "CUBICSPLINE": self._cubic}[self.interpolation]
        return interpolate(before, weights[:, None], spans[:, None])

    def _step(self, before: np.ndarray, weights: np.ndarray, _: np.ndarray) -> Float[np.ndarray, "T C"]:
        return np.asarray(self.values[before + (weights[:, 0] == 1)])

    def _linear(self, before: np.ndarray, weights: np.ndarray, _: np.ndarray) -> Float[np.ndarray, "T C"]:
        a, b = self.values[before], self.values[before + 1]
        return rot.slerp(a, b, weights[:, 0]) if a.shape[1] == 4 else a + weights * (b - a)

    def _cubic(self, before: np.ndarray, weights: np.ndarray, spans: np.ndarray) -> Float[np.ndarray, "T C"]:
        assert self.tangents is not None
        into, out = self.tangents
        t, t2, t3 = weights, weights**2, weights**3
        values = (2 * t3 - 3 * t2 + 1) * self.values[before] + spans * (t3 - 2 * t2 + t) * out[before]
        values += (-2 * t3 + 3 * t2) * self.values[before + 1] + spans * (t3 - t2) * into[before + 1]
        return rot.normalize(values) if values.shape[1] == 4 else values


@dataclass(frozen=True, kw_only=True, eq=False)
class Animation:
    """What moves in one animation."""

    name: str
    """As the file calls it."""
    tracks: Mapping[tuple[int, str], Track]
    """(node, ``translation``, ``rotation`` or ``scale``) -> how that moves."""
    fps: float | None
    """The frame rate that we write beside an animation; None for those of other programs."""

    @property
    def start(self) -> float:
        """Seconds of the first key."""
        return min(float(track.times[0]) for track in self.tracks.values())

    @property
    def stop(self) -> float:
        """Seconds of the last key."""
        return max(float(track.times[-1]) for track in self.tracks.values())


def read_animations(file: GltfFile) -> list[Animation]:
    """Read what moves nodes in all animations; those that move none are left out.

    Raises:
        FormatError: an animation is broken.
    """
    reader = _TrackReader(file)
    found = [_read_animation(reader, entry, index) for index, entry in enumerate(file.entries("animations"))]
    return [animation for animation in found if animation.tracks]


def _read_animation(reader: "_TrackReader", entry: dict[str, Any], index: int) -> Animation:
    file, where = reader.file, f"animations[{index}]"
    channels, samplers = entry.get("channels"), entry.get("samplers")
    for part, name in ((channels, "channels"), (samplers, "samplers")):
        if not isinstance(part, list) or not all(isinstance(item, dict) for item in part):
            file.fail(f"{where} has {name} that are no list of objects")
    assert isinstance(channels, list)
    assert isinstance(samplers, list)
    tracks = {}
    for channel in channels:
        target = channel.get("target")
        path = target.get("path") if isinstance(target, dict) else None
        if not isinstance(path, str) or path not in TYPES or "node" not in target:
            continue  # weights of morph targets, and what extensions move
        file.entry("nodes", target["node"], f"{where}, a target,")
        number = channel.get("sampler")
        if type(number) is not int or not 0 <= number < len(samplers):
            file.fail(f"{where} points to a sampler that there is not")
        tracks[target["node"], path] = reader.read(samplers[number], path, f"{where}.samplers[{number}]")
    return Animation(name=file.name(entry, where), tracks=tracks, fps=_told_rate(entry))


def _told_rate(entry: dict[str, Any]) -> float | None:
    """The frame rate that we write beside an animation."""
    extras = entry.get("extras")
    fps = extras.get("fps") if isinstance(extras, dict) else None
    return float(fps) if isinstance(fps, int | float) and 1e-3 <= fps <= MOST_FPS else None


class _TrackReader:
    """Reads what channels move; samplers of the same arrays share them, however many there are."""

    def __init__(self, file: GltfFile) -> None:
        self.file = file
        self._accessors = AccessorReader(file)
        self._times: dict[int, np.ndarray] = {}
        self._values: dict[tuple[int, str, bool], tuple[np.ndarray, tuple[np.ndarray, np.ndarray] | None]] = {}

    def read(self, sampler: dict[str, Any], path: str, where: str) -> Track:
        """What a sampler says of a ``translation``, ``rotation`` or ``scale``."""
        interpolation = sampler.get("interpolation", "LINEAR")
        if interpolation not in ("LINEAR", "STEP", "CUBICSPLINE"):
            self.file.fail(f"{where} has the interpolation {interpolation!r}, which there is not")
        times = self._read_times(sampler.get("input"), where)
        is_cubic = interpolation == "CUBICSPLINE"
        values, tangents = self._read_values(sampler.get("output"), path, where, is_cubic=is_cubic)
        if len(values) != len(times):
            count = len(values) * (3 if is_cubic else 1)
            self.file.fail(f"{where} has {count} values for {len(times)} keys")
        return Track(times=times, values=values, tangents=tangents, interpolation=interpolation)

    def _read_times(self, index: object, where: str) -> np.ndarray:
        if type(index) is int and index in self._times:
            return self._times[index]
        times = self._accessors.read(index, "SCALAR", f"{where}.input")[:, 0]
        if len(times) == 0 or times[0] < 0:
            self.file.fail(f"{where} has no keys, or keys before the time 0")
        if (backwards := np.nonzero(np.diff(times) <= 0)[0]).size:
            self.file.fail(f"{where} has times that do not ascend: key {backwards[0] + 1} is not after the one before")
        assert isinstance(index, int)
        return self._times.setdefault(index, times)

    def _read_values(
        self, index: object, path: str, where: str, *, is_cubic: bool
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray] | None]:
        kind = TYPES[path]
        if type(index) is int and (index, kind, is_cubic) in self._values:
            return self._values[index, kind, is_cubic]
        values = self._accessors.read(index, kind, f"{where}.output")
        if is_cubic and len(values) % 3:
            self.file.fail(f"{where} has {len(values)} values, three a key are needed")
        if kind == "VEC4":
            values = values[:, [3, 0, 1, 2]]
        tangents = (values[0::3], values[2::3]) if is_cubic else None
        values = values[1::3] if is_cubic else values
        if kind == "VEC4" and len(values):
            lengths = np.linalg.norm(values, axis=1, keepdims=True)
            if lengths.min() < _SMALLEST:
                self.file.fail(f"{where} has the rotation 0 0 0 0, which is none, in key {int(np.argmin(lengths))}")
            values = values if is_cubic else values / lengths
        assert isinstance(index, int)
        return self._values.setdefault((index, kind, is_cubic), (values, tangents))
