"""Synthetic songs: tempo, style, energy and structure vary from seed to seed.

Music is counted in phrases of eight beats (two bars); each belongs to a section and has an energy from 0 to 1, which
decides what plays and how loudly. Shape letters: K beats, P phrases, N samples.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.signal import oaconvolve

from transflower.audio.audio import Audio
from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.synthetic.arrangement import (
    ARRANGEMENTS,
    CHORDS,
    PHRASE_BEGINS,
    PHRASE_ENDS,
    STEPS,
    Arrangement,
    DrumLayer,
    NoteLayer,
)
from transflower.synthetic.curves import PHRASE_BEATS, Number
from transflower.synthetic.instruments import SAMPLE_RATE, drum, note
from transflower.synthetic.mastering import master

STYLES = tuple(ARRANGEMENTS)
"""Names of the musical styles."""

_BEATS_PER_BAR = 4
_BARS_PER_PHRASE = PHRASE_BEATS // _BEATS_PER_BAR
_ENERGIES = {"intro": (0.15, 0.35), "verse": (0.45, 0.65), "chorus": (0.8, 1.0), "break": (0.1, 0.3)}
_MARKED = 0.75
"""Share of the songs in which cymbals and toms mark the phrases; in the others only chords and energy tell."""
_NEXT = {
    "intro": ("verse", "chorus"),
    "verse": ("chorus", "break"),
    "chorus": ("verse", "break"),
    "break": ("chorus", "verse"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Song:
    """A song and everything there is to know about it."""

    audio: Audio
    style: str
    tempo: float
    """Beats per minute."""
    beats: Float[np.ndarray, "K"]
    """Seconds of every beat; the first is a downbeat, and so is every fourth after it."""
    sections: tuple[str, ...]
    """Of each phrase of eight beats; the last one may be cut short by the end of the song."""
    energies: tuple[float, ...]
    """Of each phrase, 0 to 1."""

    @property
    def downbeats(self) -> Float[np.ndarray, "D"]:
        """Seconds of the first beat of every bar."""
        return self.beats[::_BEATS_PER_BAR]

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.audio.seconds


def make_song(seed: int, seconds: Number, *, style: str | None = None) -> Song:
    """Compose and play the song of a seed; the style is drawn unless it is given.

    Raises:
        DataError: too short for a phrase.
    """
    rng = generator(seed, "song")
    drawn = str(rng.choice(STYLES))
    style = style or drawn
    arrangement = ARRANGEMENTS[style]
    tempo = float(rng.uniform(*arrangement.tempo))
    beat = 60 / tempo
    first = float(rng.uniform(0.4, 0.8))
    if seconds < first + PHRASE_BEATS * beat:
        raise DataError(f"a song of {seconds:g} s is too short for one phrase; ask for at least 7 s")
    beats = first + beat * np.arange(int(np.ceil((seconds - first) / beat - 1e-6)))
    sections, energies = _draw_structure(-(-len(beats) // PHRASE_BEATS), rng)
    samples = _Player(arrangement, beats, beat, seconds, rng).play(energies)
    return Song(
        audio=Audio(samples[:, None], SAMPLE_RATE),
        style=style,
        tempo=tempo,
        beats=beats,
        sections=tuple(sections),
        energies=tuple(energies),
    )


def _draw_structure(num_phrases: int, rng: np.random.Generator) -> tuple[list[str], list[float]]:
    """Sections of one to three phrases, each with its energy."""
    sections: list[str] = []
    energies: list[float] = []
    section = str(rng.choice(["intro", "verse"]))
    while len(sections) < num_phrases:
        length = int(rng.integers(1, 3)) if section in {"intro", "break"} else int(rng.integers(2, 4))
        energy = float(rng.uniform(*_ENERGIES[section]))
        sections += [section] * length
        energies += [energy] * length
        section = str(rng.choice(_NEXT[section]))
    return sections[:num_phrases], energies[:num_phrases]


class _Player:
    """Plays one song into two mono buffers, drums and notes, and mixes them."""

    def __init__(
        self,
        arrangement: Arrangement,
        beats: Float[np.ndarray, "K"],
        beat: float,
        seconds: Number,
        rng: np.random.Generator,
    ) -> None:
        self._arrangement, self._beats, self._beat = arrangement, beats, beat
        self._num_samples = round(seconds * SAMPLE_RATE)
        self._step = beat * _BEATS_PER_BAR / STEPS
        self._rng = rng
        self._key = int(rng.integers(40, 52))
        self._marks_phrases = bool(rng.random() < _MARKED)
        self._chords = arrangement.progressions[int(rng.integers(len(arrangement.progressions)))]
        self._drums = np.zeros(self._num_samples, np.float32)
        self._notes = np.zeros(self._num_samples, np.float32)

    def play(self, energies: list[float]) -> Float[np.ndarray, "N"]:
        """The whole song, at most 1 in size."""
        for bar in range(-(-len(self._beats) // _BEATS_PER_BAR)):
            self._play_bar(bar, energies[bar // _BARS_PER_PHRASE])
        notes = self._room(self._notes * self._pump(energies))
        mix = np.tanh(1.1 * (0.62 * self._drums + 0.75 * notes))
        fade = min(round(0.05 * SAMPLE_RATE), len(mix))
        mix[len(mix) - fade :] *= np.linspace(1, 0, fade)
        return master(mix, self._rng)

    def _play_bar(self, bar: int, energy: float) -> None:
        root, kind = self._chords[bar % len(self._chords)]
        tones = [root + tone for tone in CHORDS[kind]]
        loudness = 0.45 + 0.55 * energy
        if self._marks_phrases and bar % _BARS_PER_PHRASE == 0:
            self._play_drum(bar, PHRASE_BEGINS, loudness)
        if self._marks_phrases and bar % _BARS_PER_PHRASE == _BARS_PER_PHRASE - 1:
            self._play_drum(bar, PHRASE_ENDS, loudness)
        for drum_layer in self._arrangement.drums:
            if drum_layer.above <= energy < drum_layer.below:
                self._play_drum(bar, drum_layer, loudness)
        for note_layer in self._arrangement.notes:
            if note_layer.above <= energy < note_layer.below:
                self._play_notes(bar, note_layer, tones, loudness)

    def _play_drum(self, bar: int, layer: DrumLayer, loudness: float) -> None:
        for step in layer.steps:
            accent = 1.0 if step % 4 == 0 else 0.6
            self._add(self._drums, bar, step, drum(layer.drum), layer.gain * accent * loudness)

    def _play_notes(self, bar: int, layer: NoteLayer, tones: list[int], loudness: float) -> None:
        base = self._key + 12 * layer.octave
        held = round(layer.length * self._step, 3)
        for step, index in zip(layer.steps, layer.tones or [None] * len(layer.steps), strict=True):
            chosen = range(len(tones)) if index is None else (index,)
            for tone in chosen:
                pitch = base + tones[tone % len(tones)] + 12 * (tone // len(tones))
                self._add(self._notes, bar, step, note(layer.voice, pitch, held), layer.gain * loudness)

    def _add(self, buffer: Float[np.ndarray, "N"], bar: int, step: int, sound: np.ndarray, gain: float) -> None:
        late = self._arrangement.swing * (step % 2)
        moment = self._beats[0] + bar * _BEATS_PER_BAR * self._beat + (step + late) * self._step
        start = round(moment * SAMPLE_RATE)
        stop = min(start + len(sound), self._num_samples)
        if start < stop:
            buffer[start:stop] += np.float32(gain) * sound[: stop - start]

    def _pump(self, energies: list[float]) -> Float[np.ndarray, "N"] | float:
        """Notes duck under the kick and swell back until the next beat."""
        if not self._arrangement.pump:
            return 1.0
        position = (np.arange(self._num_samples) / SAMPLE_RATE - self._beats[0]) / self._beat
        # The kick plays on every beat from this energy on; before, nothing ducks.
        depth = np.repeat([self._arrangement.pump * (energy >= 0.4) for energy in energies], PHRASE_BEATS)
        at = np.clip(position.astype(int), 0, len(depth) - 1)
        return (1 - depth[at] * np.exp(-np.mod(position, 1) / 0.22)).astype(np.float32)

    @staticmethod
    def _room(dry: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
        """A little reverberation."""
        t = np.arange(round(0.35 * SAMPLE_RATE)) / SAMPLE_RATE
        echo = np.random.default_rng(0).standard_normal(len(t)) * np.exp(-t / 0.09)
        echo[0] = 0
        wet = oaconvolve(dry, (echo / np.linalg.norm(echo)).astype(np.float32))[: len(dry)]
        return dry + 0.18 * wet
