"""``python -m recipes.beat_network --freedoom DIR --soundfonts A B --songs DIR --out DIR``: train the network again."""

import sys
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from recipes.beat_network.batches import Batches
from recipes.beat_network.examples import load_example
from recipes.beat_network.grids import is_on_grid
from recipes.beat_network.network import NetworkOptions, TrainedNetwork
from recipes.beat_network.songs import (
    metronome_examples,
    midi_examples,
    noise_examples,
    recorded_examples,
    synthetic_examples,
)
from recipes.beat_network.training import TrainingOptions, train
from recipes.command import run_command
from recipes.midi import Renderer, find_songs, is_held_out
from transflower.features.audio.beat_network import WEIGHTS

_METRONOMES = 60
_NOISES = 60


@dataclass(frozen=True, kw_only=True)
class Options:
    """Train the network that hears beats."""

    freedoom: Path
    """Folder with Freedoom's WADs."""
    soundfonts: tuple[Path, ...]
    """SF2 or SF3 files to render with."""
    songs: Path
    """Folder with the wheel of immich-memories-music, unpacked."""
    out: Path
    """Folder for the weights; keeps the examples, so that another call goes on."""
    variants: int = 4
    """Of every song."""
    synthetic: int = 200
    """Number of synthetic songs."""
    network: NetworkOptions = field(default_factory=NetworkOptions)
    """The network."""
    training: TrainingOptions = field(default_factory=TrainingOptions)
    """How it learns."""
    seed: int = 0
    """Start of all randomness."""


def run(options: Options) -> str:
    """Make the examples that are not there yet, train, and write the weights; say where they are."""
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    folder = options.out / "examples"
    fonts = [
        Renderer(font, options.out / "sound", options=("-o", "synth.dynamic-sample-loading=1"))
        for font in options.soundfonts
    ]
    songs = [song for song in find_songs(options.freedoom) if not is_held_out(song) and is_on_grid(song.data)]
    midi = midi_examples(songs, fonts, folder / "midi", range(options.variants))
    synthetic = synthetic_examples(folder / "synthetic", range(options.synthetic))
    recorded = recorded_examples(options.songs, folder / "recorded", range(options.variants))
    metronomes = metronome_examples(folder / "metronome", range(_METRONOMES))
    noises = noise_examples(folder / "noise", range(_NOISES))
    examples = [load_example(path) for path in chain(midi, synthetic, recorded, metronomes)]
    batches = Batches(
        examples,
        [len(example.inputs) for example in examples],
        [load_example(path) for path in noises],
        np.random.default_rng(options.seed),
    )
    network = TrainedNetwork(options.network)
    mean = train(network, batches, options.training, options.out, report=lambda line: print(line, flush=True))
    save_file(mean.weights(), options.out / WEIGHTS)
    return f"{options.out / WEIGHTS}: the weights"


if __name__ == "__main__":
    sys.exit(run_command(Options, run, prog="python -m recipes.beat_network"))
