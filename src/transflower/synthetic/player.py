"""Plays the score of a song in the arrangement of its style.

Shape letters: N samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from scipy.signal import oaconvolve

from transflower.synthetic.arrangement import (
    CHORDS,
    PHRASE_BEGINS,
    PHRASE_ENDS,
    Arrangement,
    DrumLayer,
    NoteLayer,
)
from transflower.synthetic.beat_grid import BeatGrid
from transflower.synthetic.curves import PHRASE_BEATS, Number
from transflower.synthetic.instruments import SAMPLE_RATE, drum, note
from transflower.synthetic.mastering import master
from transflower.synthetic.score import Score

_MARKED = 0.75
"""Share of the songs in which cymbals and toms mark the phrases; in the others only chords and energy tell."""
_STOP_FADE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Band:
    """Who plays: how exactly, on which drums, and how loud drums and notes are."""

    jitter_seconds: float = 0.0
    """Standard deviation of each sound from its time."""
    dynamics: float = 0.0
    """Standard deviation of each sound's gain, as a share of it."""
    drum_speeds: Mapping[str, float] = field(default_factory=dict)
    """How much faster than usual the sound of a drum runs: above 1 the drum is smaller."""
    drums: float = 0.62
    notes: float = 0.75


class Player:
    """Plays one song into two mono buffers, drums and notes, and mixes them."""

    def __init__(
        self,
        arrangement: Arrangement,
        grid: BeatGrid,
        *,
        num_beats: int,
        beats_per_bar: int,
        seconds: Number,
        rng: np.random.Generator,
        band: Band | None = None,
    ) -> None:
        """``beats_per_bar`` are those of the grid, on which a bar of the arrangement is played."""
        self._arrangement, self._grid, self._band = arrangement, grid, band or Band()
        self._num_beats, self._beats_per_bar = num_beats, beats_per_bar
        self._num_samples = round(seconds * SAMPLE_RATE)
        self._rng = rng
        self._key = int(rng.integers(40, 52))
        self._marks_phrases = bool(rng.random() < _MARKED)
        self._chords = arrangement.progressions[int(rng.integers(len(arrangement.progressions)))]
        self._drums = np.zeros(self._num_samples, np.float32)
        self._notes = np.zeros(self._num_samples, np.float32)

    def play(self, score: Score) -> Float[np.ndarray, "N"]:
        """The whole song, at most 1 in size."""
        for bar in range(-(-self._num_beats // self._beats_per_bar)):
            self._play_bar(bar, score)
        notes = self._room(self._notes * self._pump(score))
        mix = np.tanh(1.1 * (self._band.drums * self._drums + self._band.notes * notes))
        self._stop(mix, score)
        fade = min(round(0.05 * SAMPLE_RATE), len(mix))
        mix[len(mix) - fade :] *= np.linspace(1, 0, fade)
        return master(mix, self._rng)

    def _play_bar(self, bar: int, score: Score) -> None:
        phrase, beat_of_phrase = divmod(bar * self._beats_per_bar, PHRASE_BEATS)
        energy = score.energies[phrase]
        root, kind = self._chords[bar % len(self._chords)]
        tones = [root + tone for tone in CHORDS[kind]]
        loudness = 0.45 + 0.55 * energy
        if not score.drumless[phrase]:
            if self._marks_phrases and beat_of_phrase == 0:
                self._play_drum(bar, PHRASE_BEGINS, loudness)
            if self._marks_phrases and beat_of_phrase + self._beats_per_bar == PHRASE_BEATS:
                self._play_drum(bar, PHRASE_ENDS, loudness)
            for drum_layer in self._arrangement.drums:
                if drum_layer.above <= energy < drum_layer.below:
                    self._play_drum(bar, drum_layer, loudness)
        for note_layer in self._arrangement.notes:
            if note_layer.above <= energy < note_layer.below:
                self._play_notes(bar, note_layer, tones, loudness)

    def _play_drum(self, bar: int, layer: DrumLayer, loudness: float) -> None:
        sound = drum(layer.drum, self._band.drum_speeds.get(layer.drum, 1.0))
        for step in layer.steps:
            accent = 1.0 if step % self._arrangement.steps_per_beat == 0 else 0.6
            self._add(self._drums, bar, step, sound, layer.gain * accent * loudness)

    def _play_notes(self, bar: int, layer: NoteLayer, tones: list[int], loudness: float) -> None:
        base = self._key + 12 * layer.octave
        step_seconds = self._grid.beat_seconds * self._beats_per_bar / self._arrangement.steps
        held = round(layer.length * step_seconds, 3)
        for step, index in zip(layer.steps, layer.tones or [None] * len(layer.steps), strict=True):
            chosen = range(len(tones)) if index is None else (index,)
            for tone in chosen:
                pitch = base + tones[tone % len(tones)] + 12 * (tone // len(tones))
                self._add(self._notes, bar, step, note(layer.voice, pitch, held), layer.gain * loudness)

    def _add(self, buffer: Float[np.ndarray, "N"], bar: int, step: int, sound: np.ndarray, gain: float) -> None:
        late = self._arrangement.swing * (step % 2)
        part = (step + late) * self._beats_per_bar / self._arrangement.steps
        moment = self._grid.seconds(bar * self._beats_per_bar, part)
        if self._band.jitter_seconds:
            moment = max(0.0, moment + self._rng.normal(0, self._band.jitter_seconds))
        if self._band.dynamics:
            gain *= float(np.clip(self._rng.normal(1, self._band.dynamics), 0.3, 1.7))
        start = round(moment * SAMPLE_RATE)
        stop = min(start + len(sound), self._num_samples)
        if start < stop:
            buffer[start:stop] += np.float32(gain) * sound[: stop - start]

    def _pump(self, score: Score) -> Float[np.ndarray, "N"] | float:
        """Notes duck under the kick and swell back until the next beat."""
        if not self._arrangement.pump:
            return 1.0
        position = self._grid.beats(self._seconds())
        # The kick plays on every beat from this energy on; before, nothing ducks.
        depth = np.repeat([self._arrangement.pump * (energy >= 0.4) for energy in score.energies], PHRASE_BEATS)
        at = np.clip(position.astype(int), 0, len(depth) - 1)
        return (1 - depth[at] * np.exp(-np.mod(position, 1) / 0.22)).astype(np.float32)

    def _stop(self, mix: Float[np.ndarray, "N"], score: Score) -> None:
        """Silence the mix, in place, where everything stops."""
        for start, stop in score.stops:
            begin, end = self._grid.seconds(start, 0.0), self._grid.seconds(stop, 0.0)
            seconds = self._seconds()
            mix *= 1 - np.clip(np.minimum(seconds - begin, end - seconds) / _STOP_FADE_SECONDS, 0, 1)

    def _seconds(self) -> Float[np.ndarray, "N"]:
        return np.arange(self._num_samples) / SAMPLE_RATE

    @staticmethod
    def _room(dry: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
        """A little reverberation."""
        t = np.arange(round(0.35 * SAMPLE_RATE)) / SAMPLE_RATE
        echo = np.random.default_rng(0).standard_normal(len(t)) * np.exp(-t / 0.09)
        echo[0] = 0
        wet = oaconvolve(dry, (echo / np.linalg.norm(echo)).astype(np.float32))[: len(dry)]
        return dry + 0.18 * wet
