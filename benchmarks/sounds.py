"""Thirty sounds that a dancer may hear and has no training song like: noise, voices, odd rhythms, faults of recording.

Each is made by code from its name. Shape letters: N samples.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from scipy.signal import resample

from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.core.seeds import generator
from transflower.synthetic.instruments import SAMPLE_RATE, drum
from transflower.synthetic.noises import NOISES
from transflower.synthetic.songs import make_song

_Samples = Float[np.ndarray, "N"]
_Maker = Callable[[int, np.random.Generator], _Samples]
_SPOKEN = "Ladies and gentlemen, thank you for coming. Nobody sings tonight, and nobody plays. We only talk. "
_VOICE = "voice of espeak-ng"
_QUIET_SECONDS = 60
_SHORTEST_SECONDS = 8.0
_USUAL_LEVEL = 0.15


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """A sound, and whether there is a beat in it."""

    name: str
    has_beat: bool
    audio: Audio


def make_sounds(seconds: float, *, only: Sequence[str] = (), seed: int = 0) -> list[Sound]:
    """All of them, or those whose names hold one of some words, so long each.

    That with music after a minute of silence is a minute longer.
    """
    count = round(seconds * SAMPLE_RATE)
    made = {
        name: (has_beat, make(count, generator(seed, "sound", name)))
        for has_beat, kinds in ((False, _WITHOUT_BEAT), (True, _WITH_BEAT))
        for name, make in kinds.items()
        if _is_wanted(name, only)
    }
    if _is_wanted(_VOICE, only) and (spoken := _spoken(count)):
        made[_VOICE] = (False, spoken[0])
    return [
        Sound(name=name, has_beat=has_beat, audio=Audio(samples.astype(np.float32)[:, None], SAMPLE_RATE))
        for name, (has_beat, samples) in made.items()
    ]


def _is_wanted(name: str, only: Sequence[str]) -> bool:
    return not only or any(word in name for word in only)


def _spoken(count: int) -> list[_Samples]:
    """A sentence over and over, where the program is installed that reads it."""
    program = shutil.which("espeak-ng")
    if program is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        subprocess.run([program, "-w", str(path), _SPOKEN], check=True, capture_output=True)
        sound = read_audio(path)
    samples = resample(sound.mono, round(sound.seconds * SAMPLE_RATE))
    return [np.clip(_at(_USUAL_LEVEL, np.resize(samples, count)), -1, 1)]


def _at(level: float, samples: _Samples) -> _Samples:
    """With this root mean square."""
    return np.asarray(samples * (level / max(float(np.sqrt(np.mean(samples**2))), 1e-9)))


def _noise(kind: str, level: float = _USUAL_LEVEL) -> _Maker:
    return lambda count, rng: np.clip(_at(level, NOISES[kind](count, rng)), -1, 1)


def _power_law(slope: float, level: float) -> _Maker:
    """Noise whose power falls by so many powers of the frequency."""

    def make(count: int, rng: np.random.Generator) -> _Samples:
        spectrum = np.fft.rfft(rng.standard_normal(count))
        hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
        return np.clip(_at(level, np.fft.irfft(spectrum / np.maximum(hertz, 20) ** (slope / 2), count)), -1, 1)

    return make


def _crowd(count: int, rng: np.random.Generator) -> _Samples:
    return _at(_USUAL_LEVEL, sum(NOISES["speech"](count, rng) for _ in range(12)) + np.zeros(count))


def _wave(shape: Callable[[_Samples], _Samples]) -> _Maker:
    """A function of the seconds."""
    return lambda count, rng: shape(np.arange(count) / SAMPLE_RATE)


def _chord(t: _Samples) -> _Samples:
    return 0.08 * sum(np.sin(2 * np.pi * 55 * ratio * t + ratio) for ratio in (1, 1.5, 2, 2.52, 3, 4)) + 0 * t


def _long_note(t: _Samples) -> _Samples:
    return 0.2 * np.sin(2 * np.pi * 330 * t + 4 * np.sin(2 * np.pi * 5.5 * t)) * np.minimum(1, t)


def _hum(t: _Samples) -> _Samples:
    return 0.3 * np.sin(2 * np.pi * 50 * t) + 0.1 * np.sin(2 * np.pi * 150 * t) + 0.05 * np.sin(2 * np.pi * 250 * t)


def _sweep(t: _Samples) -> _Samples:
    """From 20 Hz to 10 kHz, a decade in 5 seconds, over and over."""
    period = 5 * np.log10(500)
    at = np.mod(t, period)
    return 0.3 * np.sin(2 * np.pi * 20 * 5 / np.log(10) * (10 ** (at / 5) - 1))


def _crackle(count: int, rng: np.random.Generator) -> _Samples:
    """Impulses at random times, three a second."""
    samples = np.zeros(count)
    samples[rng.integers(0, count, 3 * count // SAMPLE_RATE)] = rng.uniform(0.2, 1)
    return samples


def _struck(moments: Float[np.ndarray, "K"], count: int, kind: str = "rim") -> _Samples:
    samples = np.zeros(count + SAMPLE_RATE)
    sound = drum(kind)
    for start in np.round(moments * SAMPLE_RATE).astype(int):
        if start < count:
            samples[start : start + len(sound)] += 0.5 * sound
    return np.clip(samples[:count], -1, 1)


def _clicks(*bpm: float) -> _Maker:
    """A drum for each of some tempi."""

    def make(count: int, rng: np.random.Generator) -> _Samples:
        kinds = ("kick", "hat", "snare")
        seconds = count / SAMPLE_RATE
        struck = [_struck(np.arange(0.5, seconds, 60 / one), count, kinds[index]) for index, one in enumerate(bpm)]
        return np.sum(struck, axis=0) / 2

    return make


def _rubato(count: int, rng: np.random.Generator) -> _Samples:
    """A kick and a hat whose tempo wanders between 75 and 125 bpm."""
    seconds = count / SAMPLE_RATE
    t = np.arange(0, seconds, 0.01)
    beats = np.cumsum(0.01 * (100 + 25 * np.sin(2 * np.pi * t / 7)) / 60)
    moments = np.interp(np.arange(1, beats[-1]), beats, t)
    middles = (moments[1:] + moments[:-1]) / 2
    return _struck(moments, count, "kick") + 0.5 * _struck(middles, count, "hat")


def _song(change: Callable[[_Samples], _Samples], *, speed: float = 1.0) -> _Maker:
    """A synthetic song, played so many times as fast, and changed."""

    def make(count: int, rng: np.random.Generator) -> _Samples:
        seconds = max(_SHORTEST_SECONDS, float(np.ceil(count * speed / SAMPLE_RATE)))
        song = make_song(int(rng.integers(2**31)), seconds).audio.mono
        return change(song if speed == 1 else resample(song, round(len(song) / speed)))[:count]

    return make


def _gated(samples: _Samples) -> _Samples:
    """Stops and starts every 4 seconds."""
    return samples * (np.mod(np.arange(len(samples)) / SAMPLE_RATE, 8) < 4)


def _until_half(samples: _Samples) -> _Samples:
    return samples * (np.arange(len(samples)) < len(samples) // 2)


def _after_quiet(samples: _Samples) -> _Samples:
    return np.concatenate([np.zeros(_QUIET_SECONDS * SAMPLE_RATE), samples])


_WITHOUT_BEAT: Mapping[str, _Maker] = {
    "silence": _noise("silence"),
    "white noise, loud": lambda count, rng: np.clip(0.3 * rng.standard_normal(count), -1, 1),
    "white noise, quiet": _power_law(0, 0.003),
    "pink noise": _power_law(1, _USUAL_LEVEL),
    "brown noise, loud": _power_law(2, 0.4),
    "applause": _noise("applause"),
    "crowd": _crowd,
    "speech": _noise("speech"),
    "drone": _wave(_chord),
    "long note": _wave(_long_note),
    "hum": _wave(_hum),
    "sine sweep": _wave(_sweep),
    "square wave at full scale": _wave(lambda t: np.sign(np.sin(2 * np.pi * 110 * t))),
    "distorted guitar": _noise("guitar", 0.5),
    "offset alone": _wave(lambda t: 0.5 + 0 * t),
    "impulses at random": _crackle,
}
_WITH_BEAT: Mapping[str, _Maker] = {
    "clicks at 40 bpm": _clicks(40),
    "clicks at 240 bpm": _clicks(240),
    "three against four": _clicks(90, 120),
    "rubato": _rubato,
    "song at a third of its speed": _song(np.copy, speed=1 / 3),
    "song at twice its speed": _song(np.copy, speed=2.0),
    "song, reversed": _song(lambda samples: samples[::-1]),
    "song, distorted": _song(lambda samples: np.tanh(60 * samples)),
    "song, clipped": _song(lambda samples: np.clip(12 * samples, -1, 1)),
    "song with an offset": _song(lambda samples: 0.5 * samples + 0.4),
    "song, very quiet": _song(lambda samples: 0.01 * samples),
    "song that stops and starts": _song(_gated),
    "song that stops": _song(_until_half),
    "song after a minute of silence": lambda count, rng: _after_quiet(_song(np.copy)(count, rng)),
}
