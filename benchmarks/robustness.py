"""``python -m benchmarks.robustness [OPTIONS]``: dances to sounds that are no songs, beside the dancers' own ranges."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from benchmarks.intervals import table
from benchmarks.sounds import make_sounds
from transflower.core.errors import TransflowerError
from transflower.core.files import write_json
from transflower.core.options import parse
from transflower.core.options.ranges import Count, Positive
from transflower.features import audio as audio_features
from transflower.features.audio.beat_times import heard_beats
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.sidecar import MotionSidecar
from transflower.generation import Request, SamplingOptions, generate_batch, motion_sidecars
from transflower.generation.conditions import audio_settings
from transflower.generation.hearing import hear
from transflower.models import LoadedModel, load_model
from transflower.models.pretrained import PRETRAINED
from transflower.motion.anatomy import points
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.synthetic.recording import make_recording

Found = dict[str, float]
_MOST_SHARE = 99
"""Percent of all values that are looked at: one that is out for a moment is no fault."""
_ROOM = {"lowest (m)": 0.05, "hips, lowest (m)": 0.1, "hips, highest (m)": 0.1, "spread": 0.5, "outside": 0.01}
"""How far dances may leave the range of the dancers' own."""
_FARTHER = 1.5
"""How many times as far as the dancers a dance may go."""
_SWAY = 0.6
"""Where there is no beat, the part of the dancers' mean speed that is little."""
_SURE = 0.5


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Let a dancer dance to thirty sounds that no training song is like, and flag what no dancer does."""

    model: Path = PRETRAINED
    """Folder of a model that has learnt from the synthetic dancers."""
    seconds: Positive = 30.0
    """Length of each sound."""
    samples: Count = 2
    """Dances to each."""
    dancers: Count = 16
    """Synthetic dances whose ranges bound what is normal."""
    only: tuple[str, ...] = ()
    """Sounds whose names hold one of these words; by default all."""
    seed: int = 0
    """Start of all randomness."""
    out: Path | None = None
    """JSON file for the figures."""


def main(argv: Sequence[str]) -> int:
    """Dance, measure, print."""
    try:
        options = parse(Robustness, argv, prog="python -m benchmarks.robustness")
        torch.set_num_threads(1)
        rows = measure(load_model(options.model), options)
        print(table({name: {key: _shown(value) for key, value in row.items()} for name, row in rows.items()}))
        flagged = sum(bool(row["flags"]) for row in rows.values())
        print(f"\n{flagged} of {len(rows) - 1} sounds are flagged")
        if options.out is not None:
            write_json(options.out, rows)
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def measure(loaded: LoadedModel, options: Robustness) -> dict[str, dict[str, float | str]]:
    """Of each sound the worst of its dances; first the worst of the dancers."""
    sidecar = motion_sidecars(loaded)["motion"]
    ranges = DancersRanges(sidecar, count=options.dancers, seconds=options.seconds, seed=options.seed)
    rows: dict[str, dict[str, float | str]] = {"the dancers": {**ranges.worst, "flags": ""}}
    sounds = make_sounds(options.seconds, only=options.only, seed=options.seed)
    inputs = [hear(loaded, loaded.model.conditions, sound.audio) for sound in sounds]
    requests = [Request(inputs=some, num_frames=min(map(len, some.values()))) for some in inputs]
    drawn = generate_batch(
        loaded, requests, num_samples=options.samples, options=SamplingOptions(seed=options.seed), label="dances"
    )
    for sound, some, outputs in zip(sounds, inputs, drawn, strict=True):
        found = worst([ranges.figures(rows) for rows in outputs["motion"]])
        found["sure"] = _sure(loaded, some)
        rows[sound.name] = {**found, "flags": ", ".join(ranges.flags(found, has_beat=sound.has_beat))}
    return rows


class DancersRanges:
    """What dancers do, and what none of them does."""

    def __init__(self, sidecar: MotionSidecar, *, count: int, seconds: float, seed: int) -> None:
        self._sidecar = sidecar
        clips = [make_recording(seed, index, seconds=seconds, fps=sidecar.fps).clip for index in range(count)]
        features = [encode_motion(clip, sidecar) for clip in clips]
        pooled = np.concatenate(features).astype(float)
        self._mean, self._std = pooled.mean(0), np.maximum(pooled.std(0), 1e-6)
        self._low, self._high = pooled.min(0), pooled.max(0)
        found = [self.figures(rows) for rows in features]
        self.worst = worst(found)
        """The outermost of the dancers' figures."""
        self.speed = float(np.mean([one["speed (m/s)"] for one in found]))
        """Their mean speed."""

    def figures(self, rows: Float[np.ndarray, "T D"]) -> Found:
        """Of one dance."""
        rows = rows.astype(float)
        clip = decode_motion(rows, self._sidecar)
        varies = self._std > 1e-5
        beyond = (np.abs(rows - self._mean) / self._std)[:, varies]
        width = self._high - self._low
        is_out = (rows < self._low - 0.05 * width - 1e-6) | (rows > self._high + 0.05 * width + 1e-6)
        return {
            **_body(clip),
            "spread": float(np.percentile(beyond, _MOST_SHARE)),
            "outside": float(is_out[:, varies].mean()),
        }

    def flags(self, found: Found, *, has_beat: bool) -> list[str]:
        """What no dancer does."""
        bounds = self.worst
        low = ("lowest (m)", "hips, lowest (m)")
        high = ("hips, highest (m)", "spread", "outside")
        flags = [name for name in low if found[name] < bounds[name] - _ROOM[name]]
        flags += [name for name in high if found[name] > bounds[name] + _ROOM[name]]
        flags += [name for name in ("travel (m)", "drift (m)") if found[name] > _FARTHER * bounds[name]]
        if not has_beat:
            flags += ["speed without a beat"] if found["speed (m/s)"] > _SWAY * self.speed else []
            flags += ["sure without a beat"] if found.get("sure", 0) > _SURE else []
        return flags


def worst(found: Sequence[Mapping[str, float]]) -> Found:
    """The outermost of each figure: the lowest of heights, the largest of all others; of speeds the mean."""
    reduced = {}
    for name in found[0]:
        values = [one[name] for one in found]
        reduce = min if "lowest" in name else np.mean if "speed" in name else max
        reduced[name] = float(reduce(values))
    return reduced


def _body(clip: Clip) -> Found:
    world = forward(clip)
    hips = clip.translations[0]
    steps = np.linalg.norm(np.diff(hips[:, [0, 2]], axis=0), axis=1)
    velocities = np.diff(world[0], axis=0) * clip.fps
    return {
        "lowest (m)": float(points(clip, world)[..., 1].min()),
        "hips, lowest (m)": float(hips[:, 1].min()),
        "hips, highest (m)": float(hips[:, 1].max()),
        "travel (m)": float(steps.sum()),
        "drift (m)": float(np.linalg.norm(hips[:, [0, 2]] - hips[0, [0, 2]], axis=1).max()),
        "speed (m/s)": float(np.linalg.norm(velocities, axis=-1).mean()),
    }


def _sure(loaded: LoadedModel, inputs: Mapping[str, np.ndarray]) -> float:
    """How sure the features are of a beat, over all rows."""
    found = []
    for name, settings in audio_settings(loaded, loaded.model.conditions).items():
        heard = heard_beats(inputs[name], audio_features.names(settings), settings.fps)
        found.append(heard.share * heard.certainty)
    return max(found, default=float("nan"))


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
