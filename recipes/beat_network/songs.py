"""Makes the examples: renders songs, disturbs half of what it renders, and keeps what the network hears of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Bool, Float, Float32

from recipes.beat_network.disturbances import disturb
from recipes.beat_network.examples import make_example
from recipes.beat_network.grids import has_clear_bars
from recipes.beat_network.variants import vary
from recipes.midi import MidiSong, Renderer, read_grid
from transflower.core.seeds import derive_seed, generator
from transflower.features.audio.beat_activations import SAMPLE_RATE
from transflower.synthetic.crowds import babble, crowd
from transflower.synthetic.noises import draw_noise
from transflower.synthetic.songs import make_song
from transflower.synthetic.wide_songs import make_wide_song

_SECONDS = 60.0
_NOISE_SECONDS = 25
_DISTURBED = 0.5
_PLAIN = 0.2
"""Share of the synthetic songs that are of the four plain styles."""


def midi_examples(
    songs: Sequence[MidiSong], renderers: Sequence[Renderer], folder: Path, variants: range
) -> Iterator[Path]:
    """Examples of every song, rendered with each soundfont in turn."""
    for variant in variants:
        for song in songs:
            path = folder / f"{song.name}_{variant}.npz"
            if not path.exists():
                rng = generator(variant, "beats", song.name)
                data = vary(song.data, rng, seconds=_SECONDS)
                sound, _ = soundfile.read(renderers[variant % len(renderers)].render(data), dtype="float32")
                grid = read_grid(data)
                _keep(path, sound, grid.beats, grid.is_downbeat, rng, knows_downbeats=has_clear_bars(song.data))
            yield path


def synthetic_examples(folder: Path, numbers: range) -> Iterator[Path]:
    """Examples of the package's synthetic songs."""
    for number in numbers:
        path = folder / f"{number}.npz"
        if not path.exists():
            rng = generator(number, "beats")
            make = make_song if rng.random() < _PLAIN else make_wide_song
            song = make(derive_seed(number, "beats"), _SECONDS)
            _keep(path, song.audio.mono, song.music_beats, np.isin(song.music_beats, song.downbeats), rng)
        yield path


def noise_examples(folder: Path, numbers: range) -> Iterator[Path]:
    """Examples of sounds without a beat."""
    for number in numbers:
        path = folder / f"{number}.npz"
        if not path.exists():
            rng = generator(number, "noise")
            make = (draw_noise, babble, crowd)[int(rng.choice(3, p=(0.6, 0.2, 0.2)))]
            sound = make(_NOISE_SECONDS * SAMPLE_RATE, rng)
            sound = 0.1 * sound / (sound.std() + 1e-3)
            make_example(sound.astype(np.float32), np.zeros(0), np.zeros(0, bool)).save(path)
        yield path


def _keep(
    path: Path,
    sound: Float32[np.ndarray, " N"],
    beats: Float[np.ndarray, "K"],
    is_downbeat: Bool[np.ndarray, "K"],
    rng: np.random.Generator,
    *,
    knows_downbeats: bool = True,
) -> None:
    if rng.random() < _DISTURBED:
        sound = disturb(sound, rng)
    make_example(sound, beats, is_downbeat, knows_downbeats=knows_downbeats).save(path)
