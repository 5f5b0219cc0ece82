"""Make what a dancer for any music learns from: songs, a dance to each, and their features.

A given song is a sound file with ``NAME.beats.txt`` beside it: a beat a line, seconds and, if known, its number in the
bar. A training reads OUT/features, with ``--data.variants.audio audio_causal`` both readings of the beat.
"""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recipes.command import run_command
from recipes.dancer.faded import fade_features
from recipes.dancer.people import read_people, write_people
from recipes.dancer.styles import label_styles
from recipes.dancer.takes import Take, file_takes, midi_takes
from recipes.dancer.writing import write_takes
from recipes.midi import Renderer
from transflower.core.errors import ModelError, OptionsError
from transflower.core.files import atomic_folder
from transflower.core.options.ranges import Count, Natural, Positive, Share
from transflower.data.contacts_extraction import extract_contacts
from transflower.data.verb_options import ContactsExtraction
from transflower.features.sidecar import MovesSidecar, sidecar_from_dict
from transflower.models import load_model
from transflower.synthetic.features import extract_features
from transflower.synthetic.recording import write_recordings


@dataclass(frozen=True, kw_only=True)
class DancerData:
    """Make songs of many genres, and dances to them and to songs that are given with their beats."""

    out: Path
    """Folder to be made, with the folders recordings and features."""
    songs: Count = 900
    """Songs to synthesise."""
    steady_songs: Count = 900
    """Songs of the four styles at a steady tempo to synthesise beside them, undisturbed."""
    gap_songs: Natural = 0
    """Songs of many genres to synthesise that often stop for long, or never begin: there dancers sway."""
    given: tuple[Path, ...] = ()
    """Folders of sound files, each file with NAME.beats.txt beside it."""
    midi: tuple[Path, ...] = ()
    """MIDI files, folders of them, and WADs; songs that benchmarks test on are left out."""
    soundfonts: tuple[Path, ...] = ()
    """SF2 files that play the MIDI songs, in turn."""
    takes: Count = 3
    """Parts of each given song, and variants of each MIDI song, that are danced to, each by another dancer."""
    people: Path | None = None
    """Table of recordings of dances without music, with their styles, and which two are a couple: songs are composed to
    the beat of their feet. Those of the split val are held out."""
    songs_for_people: Count = 10
    """Songs for each of these dances."""
    seconds: Positive = 60.0
    """Length of each recording."""
    noisy_share: Share = 0.4
    """Share of the recordings that are disturbed."""
    moves_of: Path | None = None
    """Model whose kinds of moves are looked for, to train on from it; without one they are found anew."""
    seed: int = 0
    """Start of all randomness."""
    jobs: int = -1
    """Files worked on at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        if self.midi and not self.soundfonts:
            raise OptionsError("MIDI songs need --soundfonts, SF2 files that play them")


def run(options: DancerData) -> str:
    """Make both folders, and say what is in them."""
    takes = _takes(options)
    recordings, features = options.out / "recordings", options.out / "features"
    with atomic_folder(recordings) as folder:
        write = partial(write_recordings, folder, seconds=options.seconds, seed=options.seed, jobs=options.jobs)
        composed = write(songs=options.songs, noisy_share=options.noisy_share, variety="wide")
        if options.gap_songs:
            composed += write(songs=options.gap_songs, variety="gaps", name="gaps")
        steady = write(songs=options.steady_songs, name="steady")
        others = write_takes(
            folder,
            takes,
            seconds=options.seconds,
            seed=options.seed,
            jobs=options.jobs,
            noisy_share=options.noisy_share,
        )
        people = [] if options.people is None else read_people(options.people, seed=options.seed)
        danced = write_people(folder, people, num_songs=options.songs_for_people, seed=options.seed, jobs=options.jobs)
    moves = None if options.moves_of is None else _moves_of(options.moves_of)
    extract_features(recordings, features, seed=options.seed, jobs=options.jobs, with_causal=True, moves=moves)
    fade_features(features)
    label_styles(features, danced)
    extract_contacts(ContactsExtraction(folder=features))
    kinds = f"{len(composed)} songs of many genres, {len(steady)} of four styles and {len(others)} parts of others"
    return f"{features}: dances to {kinds}" + (f", and {len(danced)} dances of people" if danced else "")


def _moves_of(model: Path) -> MovesSidecar:
    """The kinds of moves that a model has learnt.

    Raises:
        ModelError: it has learnt none.
    """
    tree = load_model(model).sidecars.get("moves")
    if tree is None:
        raise ModelError(f"{model} has learnt no kinds of moves")
    sidecar = sidecar_from_dict(tree, model)
    assert isinstance(sidecar, MovesSidecar)
    return sidecar


def _takes(options: DancerData) -> list[Take]:
    takes = [take for folder in options.given for take in file_takes(folder, count=options.takes)]
    renderers = [Renderer(soundfont, options.out / "midi") for soundfont in options.soundfonts]
    return takes + [take for path in options.midi for take in midi_takes(path, renderers, count=options.takes)]


if __name__ == "__main__":
    sys.exit(run_command(DancerData, run, prog="python -m recipes.dancer"))
