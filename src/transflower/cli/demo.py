"""``transflower demo``: the whole path, on songs and dances that are made on the spot."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from transflower.core.errors import OptionsError
from transflower.core.options import parse
from transflower.core.options.ranges import Count, Positive, Share, Temperature
from transflower.render.options import VideoConfig

if TYPE_CHECKING:
    from transflower.evaluation.synthetic import TruthFigures
    from transflower.models import LoadedModel
    from transflower.training import Experiment


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Dance at once with the dancer that comes along, then train one from nothing: within six minutes on two cores.

    It learns from songs and dances that are made on the spot, and dances to a song that was held out. Both are
    synthesised by a known law, so that the figures at the end can be held against the truth.
    """

    out: Path = Path("demo")
    """Folder of everything. Training that was stopped there goes on."""
    preset: str = "dancer-tiny"
    """What to train: a preset of `transflower train`."""
    songs: int = 48
    """Songs to synthesise, each with a dance."""
    seconds: Positive = 40.0
    """Length of each song."""
    noisy_share: Share = 0.2
    """Share of the songs with noise, applause, distorted guitars or silence over the music or in its place, so that a
    dancer has heard them. The figures are of the other songs."""
    minutes: Positive = 2.5
    """Time to train."""
    samples: Count = 4
    """Dances to each held-out song, for the figures."""
    temperature: Temperature = 1.0
    """1 draws from the model's distribution; less is calmer and more usual."""
    seed: int = 0
    """Start of all randomness. Training for so many minutes depends on the machine's speed all the same."""
    film: VideoConfig = field(default_factory=VideoConfig)
    """What the video looks like."""

    def __post_init__(self) -> None:
        if self.songs < 10:
            raise OptionsError(f"with fewer than 10 songs none can be held out, got {self.songs}")
        if self.songs > 10_000 or self.seconds > 3600:
            raise OptionsError(f"at most 10000 songs of an hour each, got {self.songs} of {self.seconds:g} seconds")


def run(argv: Sequence[str], *, prog: str) -> int:
    """Go all the way, saying what happens."""
    options = parse(Demo, argv, prog=prog)
    start = time.perf_counter()
    recordings, features = options.out / "recordings", options.out / "features"
    experiment = _experiment(options, features)
    print("[1/5] the dancer that comes with transflower dances to a new song")
    _dance_at_once(options)
    print(f"[2/5] {options.songs} songs and dances of {options.seconds:g} seconds, and their features")
    # Torch, Lightning and what they need take seconds to load, which --help must not.
    from transflower.data.synthetic.features import write_features
    from transflower.training import train

    write_features(
        recordings,
        features,
        songs=options.songs,
        seconds=options.seconds,
        seed=options.seed,
        noisy_share=options.noisy_share,
    )
    print(f"[3/5] training for {options.minutes:g} minutes")
    result = train(experiment, options.out / "run")
    print("[4/5] dancing to the songs that were held out")
    from transflower.data.store import Store
    from transflower.models import load_model

    loaded, held_out = load_model(result.folder), Store(features).ids("test")
    figures = _measure(options, loaded, held_out, recordings, features)
    print("[5/5] filming one of the dances")
    paths = _film(options, loaded, recordings / f"{held_out[0]}.wav", options.out / "dance")
    print(f"\nheld-out likelihood  {result.first_nll:.2f} nats/dim before training, {result.last_nll:.2f} after")
    print(f"{figures.text()}\n")
    print("\n".join(map(str, [*paths, options.out / "moves.png"])))
    print(f"dance to a song of your own: transflower generate SONG --model {result.folder}")
    print(f"{(time.perf_counter() - start) / 60:.1f} minutes in all")
    return 0


def _dance_at_once(options: Demo) -> None:
    """A dance before anything is learnt, to a song that is not among those that will be."""
    from transflower.audio.writing import write_wav
    from transflower.core.seeds import derive_seed
    from transflower.data.synthetic.songs import make_song
    from transflower.models import load_model
    from transflower.models.pretrained import PRETRAINED

    sound = options.out / "new_song.wav"
    options.out.mkdir(parents=True, exist_ok=True)
    write_wav(sound, make_song(derive_seed(options.seed, "new song"), options.seconds).audio)
    print("\n".join(map(str, _film(options, load_model(PRETRAINED), sound, options.out / "at_once"))))


def _experiment(options: Demo, features: Path) -> "Experiment":
    from transflower.core.options import decode, load_yaml, merge
    from transflower.models.presets import PRESETS
    from transflower.training import Experiment

    if options.preset not in PRESETS:
        raise OptionsError(f"there is no preset {options.preset!r}; choose among {', '.join(PRESETS)}")
    over = {
        "data": {"folder": str(features)},
        "training": {"max_minutes": options.minutes, "seed": options.seed},
    }
    return decode(Experiment, merge(load_yaml(PRESETS[options.preset], presets=PRESETS), over))


def _measure(
    options: Demo, loaded: "LoadedModel", held_out: Sequence[str], recordings: Path, features: Path
) -> "TruthFigures":
    """Several dances to every held-out song, against the law."""
    from transflower.data.synthetic.dataset import truth_path
    from transflower.data.synthetic.truth import Truth
    from transflower.evaluation.dances import dance_to
    from transflower.evaluation.synthetic import compare_with_truth, draw_moves_figure
    from transflower.features.motion.codec import decode_motion
    from transflower.generation import motion_sidecars

    sidecar = motion_sidecars(loaded)["motion"]
    truths = {one: Truth.read(truth_path(recordings, one)) for one in held_out}
    # To beats that are not heard nobody can dance.
    heard = [one for one in held_out if not truths[one].is_noisy] or held_out
    drawn = dance_to(
        loaded, heard, features, samples=options.samples, seed=options.seed, temperature=options.temperature
    )
    dances = [(decode_motion(rows, sidecar), truths[one]) for one in heard for rows in drawn[one]["motion"]]
    figures = compare_with_truth(dances)
    draw_moves_figure(options.out / "moves.png", figures.moves)
    return figures


def _film(options: Demo, loaded: "LoadedModel", sound: Path, out: Path) -> list[Path]:
    """A dance to a sound file that was never seen, as BVH and video."""
    from transflower.generation import DanceFiles, Wanted, dance, open_song

    song = open_song(loaded, str(sound))
    files = DanceFiles(loaded, song, out, Wanted(), overwrite=True)
    drawn = dance(loaded, song, seed=options.seed, temperature=options.temperature)
    return files.write(drawn, options.film)
