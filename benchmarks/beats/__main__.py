"""``python -m benchmarks.beats [OPTIONS]``: a table, and on demand a file with every song."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.beats.lock import WAYS, locks
from benchmarks.beats.readings import READINGS
from benchmarks.beats.scores import score
from benchmarks.beats.songs import KnownSong, midi_songs, songs_with_grids, spread, synthetic_songs
from benchmarks.beats.speed import costs, start_seconds
from benchmarks.intervals import table
from recipes.midi import Renderer
from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.files import write_json
from transflower.core.options import parse
from transflower.core.options.ranges import Count, Natural, Positive
from transflower.core.progress import progress
from transflower.evaluation.bootstrap import mean_interval

Found = dict[str, float]
AGREEMENT = ("R", "F", "near", "dance R", "dance F", "dance near")
TEMPO = ("right", "half", "double", "other", "late ms")
LOCK = ("lock", "dance lock", "near", "dips per beat")
"""Columns of the tables; what they are, `benchmarks.beats.scores` and `benchmarks.beats.lock` say."""


@dataclass(frozen=True, kw_only=True)
class BeatsBenchmark:
    """How well beats are found, and danced to, on songs whose beats are known."""

    grids: Path | None = None
    """Folder of songs with their beats beside them: NAME.ogg and NAME.json, a list of seconds."""
    half_beats: tuple[str, ...] = ()
    """Songs of `--grids` whose beats may be half a beat off in places: they are compared by half beats."""
    midi: tuple[Path, ...] = ()
    """Folders of MIDI files, and WADs of games with MIDI music; of Freedoom's songs only those that no network of
    this project has learnt from."""
    soundfont: Path | None = None
    """SF2 file for `--midi`, which FluidSynth renders."""
    synthetic: Natural = 40
    """How many synthetic songs of the four styles, and how many of all genres."""
    songs: Count | None = None
    """At most so many of each kind; by default all."""
    kinds: tuple[str, ...] = ()
    """Only these kinds; by default all."""
    readings: tuple[str, ...] = tuple(READINGS)
    """What is compared: `whole` song, `causal` as on a stage, the `combs` of version 0.1, `librosa`."""
    seconds: Positive = 90.0
    """Length of the beginning of each song that is read; the first 8 are not compared."""
    model: Path | None = None
    """Folder of a model that dances; by default none does."""
    samples: Count = 2
    """Dances to each song."""
    speed: bool = True
    """Measure what features cost."""
    seed: int = 0
    """Of the synthetic songs and the dances."""
    cache: Path = Path(tempfile.gettempdir()) / "transflower-benchmarks-midi"
    """Folder that keeps rendered sounds."""
    out: Path | None = None
    """JSON file for the scores of every song."""

    def __post_init__(self) -> None:
        unknown = [name for name in self.readings if name not in READINGS]
        if unknown:
            raise OptionsError(f"no reading is called {', '.join(unknown)}; there are: {', '.join(READINGS)}")
        if self.midi and self.soundfont is None:
            raise OptionsError("--midi is rendered with a soundfont; name one by --soundfont FILE.sf2")


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    try:
        options = parse(BeatsBenchmark, argv, prog="python -m benchmarks.beats")
        torch.set_num_threads(1)
        songs = _songs(options)
        scores = _scores(options, songs)
        for columns in (AGREEMENT, TEMPO):
            print(_summary(songs, scores, columns), end="\n\n", flush=True)
        dances = _dances(options, songs)
        if dances:
            print(_summary(songs, dances, LOCK), end="\n\n", flush=True)
        speed = _speed(options, songs[0]) if options.speed else {}
        print("".join(f"{name}: {value:.3f}\n" for name, value in speed.items()), end="")
        if options.out is not None:
            write_json(options.out, {"songs": _by_song(songs, scores, dances), "speed": speed})
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _songs(options: BeatsBenchmark) -> list[KnownSong]:
    seconds = options.seconds
    songs: list[KnownSong] = []
    if options.grids is not None:
        songs += songs_with_grids(options.grids, half_beats=options.half_beats, seconds=seconds)
    if options.midi and options.soundfont is not None:
        songs += midi_songs(options.midi, Renderer(options.soundfont, options.cache), seconds=seconds)
    count = min(options.synthetic, options.songs or options.synthetic)
    songs += synthetic_songs(count, seconds=seconds, seed=options.seed)
    songs = spread([song for song in songs if not options.kinds or song.kind in options.kinds], options.songs)
    if not songs:
        raise OptionsError("there are no songs of these kinds; add --grids, --midi or --synthetic")
    return songs


def _scores(options: BeatsBenchmark, songs: Sequence[KnownSong]) -> dict[str, list[Found]]:
    """Reading -> the scores of each song."""
    scores: dict[str, list[Found]] = {name: [] for name in options.readings}
    for song in progress(songs, label="songs", total=len(songs), unit="song"):
        sound = song.open()
        for name in options.readings:
            scores[name].append(score(READINGS[name](sound), song.beats, half_beats=song.half_beats))
    return scores


def _dances(options: BeatsBenchmark, songs: Sequence[KnownSong]) -> dict[str, list[Found]]:
    """Way of dancing -> the scores of each song."""
    if options.model is None:
        return {}
    from transflower.models import load_model

    loaded = load_model(options.model)
    return {way: locks(loaded, songs, way=way, samples=options.samples, seed=options.seed) for way in WAYS}


def _speed(options: BeatsBenchmark, song: KnownSong) -> Found:
    sound = song.open()
    read = {name: READINGS[name] for name in options.readings if name != "librosa"}
    shares = {f"{name}, share of real time": share for name, share in costs(read, sound).items()}
    return {**shares, "start (s)": start_seconds()}


def _summary(songs: Sequence[KnownSong], found: Mapping[str, Sequence[Found]], columns: Sequence[str]) -> str:
    rows: dict[str, Mapping[str, object]] = {}
    for kind in dict.fromkeys(song.kind for song in songs):
        for name, scores in found.items():
            some = [one for song, one in zip(songs, scores, strict=True) if song.kind == kind]
            means = {column: mean_interval([one[column] for one in some]) for column in columns}
            rows[f"{kind}, {name}"] = {"songs": len(some), **means}
    return table(rows)


def _by_song(
    songs: Sequence[KnownSong], scores: Mapping[str, Sequence[Found]], dances: Mapping[str, Sequence[Found]]
) -> list[dict[str, object]]:
    return [
        {
            "kind": song.kind,
            "name": song.name,
            "half_beats": song.half_beats,
            "bpm": 60 / float(np.median(np.diff(song.beats))),
            "readings": {name: _finite(some[index]) for name, some in scores.items()},
            "dances": {name: _finite(some[index]) for name, some in dances.items()},
        }
        for index, song in enumerate(songs)
    ]


def _finite(found: Found) -> dict[str, float | None]:
    return {name: value if np.isfinite(value) else None for name, value in found.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
