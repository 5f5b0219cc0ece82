"""Sounds with known onsets and beats."""

import numpy as np

from transflower.audio.audio import Audio

ONSET, BEAT, PHASE, SURE = -5, -4, slice(-3, -1), -1
"""Columns of the features."""


def make_clicks(times: np.ndarray, seconds: float, sample_rate: int = 24000, hertz: float = 1000.0) -> Audio:
    """Short decaying tones that start at ``times``."""
    at = np.arange(round(0.03 * sample_rate)) / sample_rate
    click = 0.7 * np.sin(2 * np.pi * hertz * at) * np.exp(-120 * at)
    samples = np.zeros(round(seconds * sample_rate) + len(click))
    for start in np.rint(np.asarray(times) * sample_rate).astype(int):
        samples[start : start + len(click)] += click[: len(samples) - start]
    return Audio(samples[: round(seconds * sample_rate), None].astype(np.float32), sample_rate)


def make_rock(bpm: float, seconds: float, *, seed: int = 0, sample_rate: int = 24000) -> tuple[Audio, np.ndarray]:
    """Kick on 1 and 3, snare on 2 and 4, hats on every half-beat, a bass line; and the times of the beats."""
    random = np.random.default_rng(seed)
    period, first = 60 / bpm, random.uniform(0.1, 0.6)
    beats = np.arange(first, seconds, period)
    at = np.arange(round(0.25 * sample_rate)) / sample_rate
    noise = random.standard_normal(len(at))
    kick = np.sin(2 * np.pi * (50 * at + 3 * (1 - np.exp(-30 * at)))) * np.exp(-14 * at)
    snare = 0.5 * noise * np.exp(-22 * at)
    hat = 0.15 * np.diff(noise, prepend=0) * np.exp(-60 * at)
    samples = np.zeros(round((seconds + 1) * sample_rate))

    def play(sound: np.ndarray, time: float) -> None:
        start = round((time + random.normal(0, 0.003)) * sample_rate)
        samples[max(0, start) : max(0, start) + len(sound)] += sound * random.uniform(0.8, 1.1)

    for number, beat in enumerate(beats):
        play(snare if number % 2 else kick, beat)
        play(hat, beat)
        play(hat, beat + period / 2)
        pitch = random.choice([55.0, 65.4, 73.4, 82.4])
        play(0.2 * np.tanh(3 * np.sin(2 * np.pi * pitch * at)) * np.exp(-4 * at), beat + random.choice([0, period / 2]))
    samples = samples[: round(seconds * sample_rate)]
    return Audio((0.7 * samples / np.abs(samples).max()).astype(np.float32)[:, None], sample_rate), beats


def peak_times(activation: np.ndarray, fps: float, threshold: float = 0.2) -> np.ndarray:
    """Times of local maxima, between the frames by a parabola."""
    before, here, after = activation[:-2], activation[1:-1], activation[2:]
    peaks = np.flatnonzero((here > threshold) & (here > before) & (here >= after))
    bend = before[peaks] - 2 * here[peaks] + after[peaks]
    return (peaks + 1 + 0.5 * (before[peaks] - after[peaks]) / bend) / fps


def f_measure(found: np.ndarray, true: np.ndarray, *, since: float = 5.0, tolerance: float = 0.07) -> float:
    """Harmonic mean of precision and recall of beats, after the first seconds."""
    found, true = found[found >= since], true[true >= since]
    if len(found) == 0:
        return 0.0
    distance = np.abs(found[:, None] - true)
    hits = min((distance.min(axis=0) <= tolerance).sum(), (distance.min(axis=1) <= tolerance).sum())
    return float(2 * hits / (len(found) + len(true)))
