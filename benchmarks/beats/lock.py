"""Whether a dancer's hips dip on the beat: dances to songs from files, and live without lookahead."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from benchmarks.beats.scores import FIRST_SECONDS, danced
from benchmarks.beats.songs import KnownSong
from transflower.audio.audio import Audio
from transflower.evaluation.beat_lock import beat_lock
from transflower.features.motion.codec import decode_motion
from transflower.generation import Request, SamplingOptions, generate_batch, motion_sidecars
from transflower.generation.hearing import hear
from transflower.models import LoadedModel
from transflower.motion.beats import hip_dips
from transflower.motion.clip import Clip

WAYS = ("file", "live")
"""Of dancing: with the whole song known, and as on a stage that reacts at once."""


def locks(
    loaded: LoadedModel, songs: Sequence[KnownSong], *, way: str, samples: int, seed: int
) -> list[dict[str, float]]:
    """Of each song the means over its dances."""
    requests = [_request(loaded, song.open(), way) for song in songs]
    options = SamplingOptions(seed=seed, lookahead=None if way == "file" else 0)
    drawn = generate_batch(loaded, requests, num_samples=samples, options=options, label=way)
    sidecar = motion_sidecars(loaded)["motion"]
    return [
        _mean([dance_lock(decode_motion(rows, sidecar), song) for rows in outputs["motion"]])
        for song, outputs in zip(songs, drawn, strict=True)
    ]


def dance_lock(clip: Clip, song: KnownSong) -> dict[str, float]:
    """The lock of a dance to all beats, to those that are danced, and how many dips there are for each of these."""
    dips = hip_dips(clip)
    dips = dips[dips >= FIRST_SECONDS]
    to_all = beat_lock(dips, song.beats)
    beats = max(danced(song.beats), key=lambda some: _lock(dips, some))
    in_time = int(np.count_nonzero((beats >= FIRST_SECONDS) & (beats <= clip.seconds)))
    return {
        "lock": to_all.half_beats if song.half_beats else to_all.lock,
        "dance lock": to_all.half_beats if song.half_beats else _lock(dips, beats),
        "near": to_all.near,
        "dips per beat": len(dips) / max(1, in_time),
    }


def _lock(dips: Float[np.ndarray, " K"], beats: Float[np.ndarray, " L"]) -> float:
    """0 where no hips dip: such a dance keeps no beat."""
    found = beat_lock(dips, beats)
    return found.lock if found.moments else 0.0


def _request(loaded: LoadedModel, sound: Audio, way: str) -> Request:
    inputs = hear(loaded, loaded.model.conditions, sound, reading="whole" if way == "file" else "causal")
    return Request(inputs=inputs, num_frames=min(map(len, inputs.values())))


def _mean(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}
