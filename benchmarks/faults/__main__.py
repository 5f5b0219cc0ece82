"""``python -m benchmarks.faults --data FEATURES [OPTIONS]``: which faults of recordings likelihood finds."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from benchmarks.faults.plant import FAULTS, plant_all
from benchmarks.faults.roc import Pair, estimate_area
from benchmarks.intervals import table
from transflower.core.errors import DataError, TransflowerError
from transflower.core.files import write_json
from transflower.core.options import parse
from transflower.core.options.ranges import Count, Natural, Positive
from transflower.core.progress import progress
from transflower.data.store import Store
from transflower.evaluation.body_parts import column_groups
from transflower.evaluation.surprise import smooth
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.generation.danced import danced, only_motion, shifted
from transflower.generation.group_likelihood import GroupLikelihood, group_log_likelihood
from transflower.generation.likelihood import frame_log_likelihood
from transflower.generation.recordings import ModelledRecording, read_recording
from transflower.models import load_model
from transflower.models.pretrained import PRETRAINED

_FIRST, _APART = 3.0, 4.0
"""Seconds of the first fault, and from one to the next."""
_BEFORE, _WINDOW = 0.5, 2.0
"""Seconds of a window before its fault, and in all."""
_MUSIC_WINDOW = 5.0
_OUT_OF_SYNC = 0.5
_WARM = 1.0

Found = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class FaultsBenchmark:
    """Areas under the ROC curves of faults that are planted in recordings, found by the likelihood of a model."""

    data: Path
    """Folder of features."""
    model: Path | None = None
    """Folder of a model or run; by default the pretrained model."""
    split: str = "val"
    """Which of its recordings: those that the model has not learnt from."""
    only: tuple[str, ...] = ("",)
    """Beginnings of the names of the recordings, such as `salsa_`; by default all."""
    sequences: Count = 8
    """Most recordings."""
    seconds: Positive = 30.0
    """Of each, from its beginning."""
    seed: Natural = 0
    """Of the faults."""
    out: Path | None = None
    """JSON file for the figures."""


def main(argv: Sequence[str]) -> int:
    """Plant, score, print."""
    try:
        options = parse(FaultsBenchmark, argv, prog="python -m benchmarks.faults")
        torch.set_num_threads(1)
        found = Benchmark(options).rows()
        print(table(found))
        if options.out is not None:
            write_json(options.out, found)
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


class Benchmark:
    """Recordings with and without faults under one model."""

    def __init__(self, options: FaultsBenchmark) -> None:
        self._options = options
        self._loaded = load_model(options.model or PRETRAINED)
        self._output, self._sidecar = only_motion(self._loaded)
        self._fps = self._sidecar.fps
        ids = [one for one in Store(options.data).ids(options.split) if one.startswith(tuple(options.only))]
        if len(ids) < 2:
            raise DataError(f"{options.data} has {len(ids)} recordings of that name in {options.split}; two are needed")
        frames = round(options.seconds * self._fps)
        self._recordings = {
            one: read_recording(self._loaded, options.data, one).first(frames) for one in ids[: options.sequences]
        }

    def rows(self) -> Found:
        """Kind of fault -> statistic -> area."""
        pairs: dict[str, dict[str, list[Pair]]] = {}
        for number, recording in enumerate(progress(list(self._recordings.values()), label="faults", unit="recording")):
            for kind, values in self._planted(recording, number).items():
                for name, pair in values.items():
                    pairs.setdefault(kind, {}).setdefault(name, []).append(pair)
        for kind, statistics in self._music().items():
            pairs[kind] = statistics
        return {
            kind: {name: str(estimate_area(some)) for name, some in statistics.items()}
            for kind, statistics in pairs.items()
        }

    def _planted(self, recording: ModelledRecording, number: int) -> dict[str, dict[str, Pair]]:
        """Values of the windows with and without each fault."""
        clip = decode_motion(recording.outputs[self._output].astype(float), self._sidecar)
        last = clip.num_frames - round((_WINDOW + _BEFORE) * self._fps)
        starts = np.arange(round(_FIRST * self._fps), last, round(_APART * self._fps)).tolist()
        clean = self._statistics(recording)
        found = {}
        for kind, (plant, seconds) in FAULTS.items():
            rng = np.random.default_rng([self._options.seed, number, list(FAULTS).index(kind)])
            rows = encode_motion(plant_all(clip, plant, seconds, starts, rng), self._sidecar)
            faulty = self._statistics(danced(self._loaded, rows, recording.inputs, song_frames=recording.song_frames))
            found[kind] = {name: (self._at(faulty[name], starts), self._at(clean[name], starts)) for name in clean}
        return found

    def _statistics(self, recording: ModelledRecording) -> dict[str, Float[np.ndarray, " T"]]:
        """Curves whose highest value within a window is its value."""
        likelihood = group_log_likelihood(
            self._loaded, recording.inputs, recording.outputs, column_groups(self._sidecar), output=self._output
        )
        return statistics(likelihood, self._fps)

    def _at(self, values: Float[np.ndarray, " T"], starts: Sequence[int]) -> Float[np.ndarray, " P"]:
        before, length = round(_BEFORE * self._fps), round(_WINDOW * self._fps)
        return np.array([values[start - before : start - before + length].max() for start in starts])

    def _music(self) -> dict[str, dict[str, list[Pair]]]:
        """Windows under their own music and under wrong music; alone, and beside the halves of the music swapped."""
        ids = list(self._recordings)
        under: dict[str, dict[str, Float[np.ndarray, " T"]]] = {}
        for index, (one, recording) in enumerate(progress(list(self._recordings.items()), label="music")):
            late, _ = shifted(self._loaded, recording, round(_OUT_OF_SYNC * self._fps))
            halves = {name: np.roll(rows, len(rows) // 2, axis=0) for name, rows in recording.inputs.items()}
            under[one] = {
                "own": self._under(recording, recording.inputs),
                "wrong song": self._under(recording, self._recordings[ids[(index + 1) % len(ids)]].inputs),
                "0.5 s late": self._under(recording, late.inputs),
                "halves": self._under(recording, halves),
            }
        found: dict[str, dict[str, list[Pair]]] = {}
        for seconds, told in ((_MUSIC_WINDOW, f"{_MUSIC_WINDOW:g} s"), (self._options.seconds, "whole")):
            for kind in ("wrong song", "0.5 s late"):
                found[f"{kind}, {told}"] = {
                    "mean": [
                        (-self._means(one[kind], seconds), -self._means(one["own"], seconds)) for one in under.values()
                    ],
                    "beside its halves swapped": [
                        (
                            self._means(_less(one["halves"], one[kind]), seconds),
                            self._means(_less(one["halves"], one["own"]), seconds),
                        )
                        for one in under.values()
                    ],
                }
        return found

    def _under(self, recording: ModelledRecording, inputs: Mapping[str, np.ndarray]) -> Float[np.ndarray, " T"]:
        """Nats per dimension of each frame under the music of another recording, as far as it goes."""
        music = {
            name: inputs[name] if (self._loaded.sidecars.get(name) or {}).get("kind") == "audio" else rows
            for name, rows in recording.inputs.items()
        }
        length = min(recording.num_frames, *(len(rows) for rows in music.values() if len(rows) > 1))
        outputs = {name: rows[:length] for name, rows in recording.outputs.items()}
        return frame_log_likelihood(self._loaded, music, outputs)[self._output].astype(float)

    def _means(self, values: Float[np.ndarray, " T"], seconds: float) -> Float[np.ndarray, " P"]:
        """Means over windows."""
        first = round(_WARM * self._fps)
        length = min(round(seconds * self._fps), len(values) - first)
        return np.array([values[a:b].mean() for a, b in pairwise(range(first, len(values) + 1, length))])


def _less(values: Float[np.ndarray, " T"], others: Float[np.ndarray, " U"]) -> Float[np.ndarray, " _"]:
    length = min(len(values), len(others))
    return values[:length] - others[:length]


def statistics(likelihood: GroupLikelihood, fps: float) -> dict[str, Float[np.ndarray, " T"]]:
    """What a fault may raise, by name."""
    roots = {name: count**0.5 for name, count in likelihood.dims.items()}
    low = [-roots[name] * smooth(values, fps) for name, values in likelihood.groups.items()]
    odd = [roots[name] * smooth(values, fps) for name, values in likelihood.group_surprise.items()]
    still = [-roots[name] * smooth(values, fps, 1.0) for name, values in likelihood.group_surprise.items()]
    return {
        "mean": -smooth(likelihood.whole, fps, _WINDOW),
        "least": -smooth(likelihood.whole, fps),
        "surprise": smooth(likelihood.surprise, fps),
        "least of a part": np.max(low, axis=0),
        "surprise of a part": np.max(odd, axis=0),
        "stillness of a part": np.max(still, axis=0),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
