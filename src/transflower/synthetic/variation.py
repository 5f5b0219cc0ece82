"""Songs of one genre differ: in what plays, how loud it is, its melody and how exactly the band plays."""

from dataclasses import replace

import numpy as np

from transflower.synthetic.arrangement import Arrangement, DrumLayer, NoteLayer
from transflower.synthetic.instruments import DRUM_NAMES
from transflower.synthetic.player import Band

_LEFT_OUT = 0.1
"""Probability of each layer."""
_GAIN_SPREAD = 0.25
_MELODY = 0.5
"""Share of the songs with a melody, and with one more drum, of their own."""
_MELODY_VOICES = ("pluck", "piano", "rhodes", "saw", "square", "brass", "bell", "guitar", "strings", "organ", "clav")
_MORE_DRUMS = ("shaker", "tambourine", "cowbell", "clave", "conga_low", "conga_high", "clap", "rim", "hat", "ride")
_EXACT = 0.4
"""Share of the bands that play exactly in time, as machines do."""


def vary(arrangement: Arrangement, rng: np.random.Generator) -> Arrangement:
    """The arrangement with some layers left out, others louder or quieter, and layers of the song's own."""
    drums = [replace(layer, gain=_gain(layer.gain, rng)) for layer in arrangement.drums if _stays(rng)]
    notes = [replace(layer, gain=_gain(layer.gain, rng)) for layer in arrangement.notes if _stays(rng)]
    if rng.random() < _MELODY or not notes:
        notes.append(_melody(arrangement, rng))
    if rng.random() < _MELODY:
        drums.append(_drum_layer(arrangement, rng))
    return replace(arrangement, drums=tuple(drums), notes=tuple(notes))


def draw_band(rng: np.random.Generator) -> Band:
    """Who plays a song."""
    is_exact = rng.random() < _EXACT
    return Band(
        jitter_seconds=0.0 if is_exact else float(rng.uniform(0.001, 0.012)),
        dynamics=float(rng.uniform(0, 0.25)),
        # In coarse steps, so that the sounds are made once for many songs.
        drum_speeds={name: round(float(np.exp(rng.normal(0, 0.2))), 1) for name in DRUM_NAMES},
        drums=0.62 * float(np.exp(rng.normal(0, 0.35))),
        notes=0.75 * float(np.exp(rng.normal(0, 0.35))),
    )


def _stays(rng: np.random.Generator) -> bool:
    return bool(rng.random() >= _LEFT_OUT)


def _gain(gain: float, rng: np.random.Generator) -> float:
    return gain * float(np.exp(rng.normal(0, _GAIN_SPREAD)))


def _melody(arrangement: Arrangement, rng: np.random.Generator) -> NoteLayer:
    """Some steps of each bar, those of beats above all, and tones of the chord."""
    steps = _draw_steps(arrangement, rng)
    tones = np.clip(2 + np.cumsum(rng.integers(-2, 3, len(steps))), 0, 6)
    return NoteLayer(
        voice=str(rng.choice(_MELODY_VOICES)),
        steps=steps,
        length=int(rng.integers(1, 4)),
        gain=float(rng.uniform(0.15, 0.3)),
        octave=int(rng.integers(1, 3)),
        tones=tuple(int(tone) for tone in tones),
        above=float(rng.uniform(0, 0.7)),
    )


def _drum_layer(arrangement: Arrangement, rng: np.random.Generator) -> DrumLayer:
    return DrumLayer(
        drum=str(rng.choice(_MORE_DRUMS)),
        steps=_draw_steps(arrangement, rng),
        gain=float(rng.uniform(0.2, 0.45)),
        above=float(rng.uniform(0, 0.7)),
    )


def _draw_steps(arrangement: Arrangement, rng: np.random.Generator) -> tuple[int, ...]:
    steps = np.arange(arrangement.steps)
    chance = np.where(steps % arrangement.steps_per_beat == 0, 0.7, np.where(steps % 2 == 0, 0.4, 0.12))
    drawn = tuple(int(step) for step in steps[rng.random(len(steps)) < chance])
    return drawn or (0,)
