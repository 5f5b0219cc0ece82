"""``python -m benchmarks.people --model MODEL --data FEATURES``: dances in a style that people dance, beside theirs."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from benchmarks.command import print_table
from benchmarks.next_frame import next_frame_errors
from transflower.core.errors import DataError
from transflower.core.moments import CONSTANT_STD
from transflower.core.options.ranges import Count, Positive, Temperature
from transflower.data.store import Store
from transflower.evaluation.beat_lock import beat_lock
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.evaluation.frechet import movement_distance, pose_distance
from transflower.evaluation.steps import count_turns, landings
from transflower.features.audio.beat_times import heard_beats
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import MotionSidecar
from transflower.generation import SamplingOptions, generate, motion_sidecars, open_song
from transflower.generation.derived import locked_outputs
from transflower.generation.likelihood import frame_log_likelihood
from transflower.models import LoadedModel, load_model
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import lock_feet

Rows = list[Float[np.ndarray, "_ D"]]
Found = dict[str, float]
_MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class People:
    """Compare dances of a model in a style with those of people, held out and learnt from."""

    model: Path
    """Folder of a model or run that has learnt the style."""
    data: Path
    """Folder of features with styles, in which the split val holds people who were not learnt from."""
    style: str = "salsa"
    """The style."""
    seeds: Count = 3
    """Dances to each held-out song."""
    temperature: Temperature = 1.0
    """Of the dances."""
    long: Positive = 300.0
    """Seconds of one dance that is compared minute by minute."""
    out: Path | None = None
    """JSON file for the figures."""


def main(argv: Sequence[str]) -> int:
    """Dance, measure, print."""
    return print_table(
        People,
        lambda options: Comparison(load_model(options.model), options).rows(),
        argv,
        prog="python -m benchmarks.people",
    )


class Comparison:
    """Dances of people and of a model to the same songs."""

    def __init__(self, loaded: LoadedModel, options: People) -> None:
        self._loaded, self._options = loaded, options
        sidecar = motion_sidecars(loaded)["motion"]
        assert isinstance(sidecar, MotionSidecar)
        self._sidecar, self._store = sidecar, Store(options.data)
        self._learnt, self._held_out = self._ids("train"), self._ids("val")
        self._people = [self._motion(one) for one in self._learnt]
        self._std = np.concatenate(self._people).std(0)

    def rows(self) -> dict[str, Found]:
        """People who were learnt from, people who were not, and the model, by seeds and by minutes."""
        held_out = [self._motion(one) for one in self._held_out]
        found = {
            "learnt from": self._measured(self._learnt, self._people, self._locked(self._people)),
            "held out": self._measured(self._held_out, held_out, self._locked(held_out)),
        }
        found["held out"]["nats/dim"] = float(np.mean([self._log_likelihood(one) for one in self._held_out]))
        for row, ids in (("learnt from", self._learnt[: len(self._held_out)]), ("held out", self._held_out)):
            errors = [self._next_frame_errors(one) for one in ids]
            found[row] |= {f"next: {name}": float(np.mean([one[name] for one in errors])) for name in errors[0]}
        for seed in range(self._options.seeds):
            drawn = [self._draw(one, seed) for one in self._held_out]
            found[f"model, seed {seed}"] = self._measured(self._held_out, *map(list, zip(*drawn, strict=True)))
        return found | self._by_minute()

    def _by_minute(self) -> dict[str, Found]:
        one, fps = self._held_out[0], self._sidecar.fps
        frames = round(self._options.long * fps)
        song = open_song(self._loaded, one, data=self._options.data)
        repeats = -(-frames // song.frames)
        inputs = {name: np.tile(rows, (repeats, 1)) for name, rows in song.inputs.items()}
        rows, clip = self._dance(inputs, frames, seed=99)
        length = round(_MINUTE * fps)
        return {
            f"model, minute {start // length + 1}": self._measured(
                [], [rows[start : start + length]], [clip[start : start + length]]
            )
            for start in range(0, len(rows) - length + 1, length)
        }

    def _measured(self, ids: list[str], dances: Rows, clips: list[Clip]) -> Found:
        """Of features, and the same with feet that do not slide while they stand."""
        minutes = sum(clip.seconds for clip in clips) / _MINUTE
        scaled = [[self._scaled(rows) for rows in some] for some in (self._people, dances)]
        steps = [landings(clip) for clip in clips]
        found = {
            "pose distance": pose_distance(*scaled),
            "movement distance": movement_distance(*scaled),
            "std": float(np.mean([rows.std(0).mean() for rows in scaled[1]])),
            "slide (cm/s)": float(np.nanmean([100 * clip_foot_metrics(clip).skate for clip in clips])),
            "turns a minute": sum(map(count_turns, clips)) / minutes,
            "steps a minute": sum(map(len, steps)) / minutes,
        }
        if ids:
            heard = [self._beats(one) for one in ids]
            locks = [beat_lock(moments, beats) for moments, beats in zip(steps, heard, strict=True) if len(beats) > 2]
            if locks:
                # Fast music has a beat half way between those that are danced, too.
                found["lock of steps"] = float(np.mean([lock.half_beats for lock in locks]))
                found["by chance"] = float(np.mean([lock.chance for lock in locks]))
        return found

    def _ids(self, split: str) -> list[str]:
        found = [one for one in self._store.ids(split) if one.startswith(f"{self._options.style}_")]
        if not found:
            raise DataError(f"{self._options.data} has no {self._options.style}_... in the split {split}")
        return found

    def _motion(self, one: str) -> Float[np.ndarray, "_ D"]:
        return self._store.open(one, "motion").read().astype(float)

    def _scaled(self, rows: Float[np.ndarray, "_ D"]) -> Float[np.ndarray, "_ _"]:
        varies = self._std >= CONSTANT_STD
        return rows[:, varies] / self._std[varies]

    def _locked(self, dances: Rows) -> list[Clip]:
        return [lock_feet(decode_motion(rows, self._sidecar)) for rows in dances]

    def _draw(self, one: str, seed: int) -> tuple[Float[np.ndarray, "_ D"], Clip]:
        song = open_song(self._loaded, one, data=self._options.data)
        return self._dance(song.inputs, song.frames, seed=seed)

    def _dance(
        self, inputs: Mapping[str, np.ndarray], frames: int, *, seed: int
    ) -> tuple[Float[np.ndarray, "_ D"], Clip]:
        """Features as they are drawn, and the dance as files have it."""
        options = SamplingOptions(seed=seed, temperature=self._options.temperature)
        drawn = generate(self._loaded, inputs, num_frames=frames, options=options, label="dance")
        first = {name: rows[0] for name, rows in drawn.items()}
        return first["motion"].astype(float), locked_outputs(self._loaded, first, None)["motion"]

    def _log_likelihood(self, one: str) -> float:
        return -float(frame_log_likelihood(self._loaded, *self._real(one))["motion"].mean())

    def _next_frame_errors(self, one: str) -> Found:
        return next_frame_errors(self._loaded, *self._real(one))

    def _real(self, one: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """What a dance was danced to, and the dance."""
        song = open_song(self._loaded, one, data=self._options.data)
        outputs = self._loaded.model.config.outputs
        return dict(song.inputs), {name: self._store.open(one, name).read()[: song.frames] for name in outputs}

    def _beats(self, one: str) -> Float[np.ndarray, " B"]:
        sidecar = self._loaded.sidecars["audio"] or {}
        rows = self._store.open(one, "audio").read()
        return heard_beats(rows, list(sidecar["names"]), float(sidecar["fps"])).times


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
