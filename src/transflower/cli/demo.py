"""``transflower demo``: the whole path, on synthetic songs and dances."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from transflower.core.errors import OptionsError
from transflower.core.files import check_folder
from transflower.core.options import encode, load_yaml, parse, write_yaml
from transflower.core.options.differences import differences
from transflower.core.options.ranges import Positive, Samples, Share, Temperature
from transflower.render.options import VideoConfig

if TYPE_CHECKING:
    from transflower.evaluation.ground_truth_metrics import GroundTruthMetrics
    from transflower.models import LoadedModel
    from transflower.training import Experiment

_OPTIONS = "demo.yaml"
_MADE_BY = ("preset", "songs", "seconds", "noisy_share", "seed")
"""Options by which recordings and a model are made; others may change from call to call."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Dance with the pretrained models, then train a model from scratch: about five minutes on two cores.

    It is trained on synthetic songs and dances, and then dances to songs that were held out. The true distribution of
    the synthetic dances is known, so the metrics at the end are compared with it.
    """

    out: Path = Path("demo")
    """Folder of all files. A training that was stopped there is resumed."""
    preset: str = "dancer-tiny"
    """What to train: a preset of `transflower train`."""
    songs: int = 48
    """Songs to synthesise, each with a dance."""
    seconds: Positive = 40.0
    """Length of each song."""
    noisy_share: Share = 0.2
    """Share of the songs with noise, applause, distorted guitars or silence over the music or in its place, so that the
    model learns to cope with them. The metrics are of the other songs."""
    minutes: Positive = 2.5
    """Time to train."""
    samples: Samples = 4
    """Dances to each held-out song, for the metrics."""
    temperature: Temperature = 1.0
    """1 draws from the model's distribution; less is calmer and more usual."""
    seed: int = 0
    """Seed of all randomness. The result of training still depends on the speed of the machine."""
    render: VideoConfig = field(default_factory=VideoConfig)
    """What the video looks like."""

    def __post_init__(self) -> None:
        if self.songs < 10:
            raise OptionsError(f"with fewer than 10 songs none can be held out, got {self.songs}")
        if self.songs > 10_000 or self.seconds > 3600:
            raise OptionsError(f"at most 10000 songs of an hour each, got {self.songs} of {self.seconds:g} seconds")


def run(argv: Sequence[str], *, prog: str) -> int:
    """Run all steps and print what each does."""
    options = parse(Demo, argv, prog=prog)
    _check_early(options)
    start = time.perf_counter()
    recordings, features = options.out / "recordings", options.out / "features"
    experiment = _experiment(options, features)
    options.out.mkdir(parents=True, exist_ok=True)
    write_yaml(options.out / _OPTIONS, encode(options))
    print("[1/5] the pretrained models dance to a new song, as synthetic dancers do and as people do")
    _dance_pretrained(options)
    print(f"[2/5] {options.songs} songs and dances of {options.seconds:g} seconds, and their features")
    # Torch and Lightning take seconds to import, so they are not imported for --help.
    from transflower.synthetic.features import write_features
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
    metrics = _measure(options, loaded, held_out, recordings, features)
    print("[5/5] rendering one of the dances")
    paths = _render(options, loaded, recordings / f"{held_out[0]}.wav", options.out / "dance")
    name, label, unit = ("nll", "likelihood", " nats/dim") if "nll" in result.last else ("loss", "loss", "")
    print(f"\nheld-out {label}: {result.first[name]:.2f}{unit} before training, {result.last[name]:.2f} after")
    print(f"{metrics.text()}\n")
    print("\n".join(map(str, [*paths, options.out / "moves.png"])))
    print(f"dance to a song of your own: transflower generate SONG --model {result.folder}")
    print(f"{(time.perf_counter() - start) / 60:.1f} minutes in all")
    return 0


def _check_early(options: Demo) -> None:
    """Tell the mistakes that can be seen before torch is loaded."""
    from transflower.models.presets import PRESETS
    from transflower.training.run_path import check_run_path

    if options.preset not in PRESETS:
        raise OptionsError(f"there is no preset {options.preset!r}; choose among {', '.join(PRESETS)}")
    check_folder(options.out)
    check_run_path(options.out / "run")
    _check_same(options)


def _check_same(options: Demo) -> None:
    """Refuse a folder whose recordings and model were made by other options: they would be replaced."""
    path = options.out / _OPTIONS
    if not path.exists():
        return
    different = differences(load_yaml(path), encode(options))
    changes = ", ".join(f"{name} ({different[name]})" for name in _MADE_BY if name in different)
    if changes:
        raise OptionsError(
            f"{options.out} holds a demo with other options: {changes}; go on with its own, or name another --out"
        )


def _dance_pretrained(options: Demo) -> None:
    """A dance of each model of the package, to a song that is not among the recordings."""
    from transflower.audio.writing import write_wav
    from transflower.core.seeds import derive_seed
    from transflower.models import load_model
    from transflower.models.pretrained import PRETRAINED, SALSA
    from transflower.synthetic.songs import make_song

    sound = options.out / "new_song.wav"
    write_wav(sound, make_song(derive_seed(options.seed, "new song"), options.seconds).audio)
    for model, folder in ((PRETRAINED, "at_once"), (SALSA, "salsa")):
        print("\n".join(map(str, _render(options, load_model(model), sound, options.out / folder))))


def _experiment(options: Demo, features: Path) -> "Experiment":
    from transflower.core.options import decode, merge
    from transflower.models.presets import PRESETS
    from transflower.training import Experiment

    over = {
        "data": {"folder": str(features)},
        "training": {"max_minutes": options.minutes, "seed": options.seed},
    }
    return decode(Experiment, merge(load_yaml(PRESETS[options.preset], presets=PRESETS), over))


def _measure(
    options: Demo, loaded: "LoadedModel", held_out: Sequence[str], recordings: Path, features: Path
) -> "GroundTruthMetrics":
    """Metrics of several dances to every held-out song, against the ground truth."""
    from transflower.evaluation.dances import dance_to
    from transflower.evaluation.ground_truth_metrics import compare_with_ground_truth, draw_moves_chart
    from transflower.features.motion.codec import decode_motion
    from transflower.generation import motion_sidecars
    from transflower.synthetic.ground_truth import GroundTruth
    from transflower.synthetic.recording import ground_truth_path

    sidecar = motion_sidecars(loaded)["motion"]
    ground_truths = {one: GroundTruth.read(ground_truth_path(recordings, one)) for one in held_out}
    # Songs whose beats may not be heard are left out.
    heard = [one for one in held_out if not ground_truths[one].is_noisy] or held_out
    drawn = dance_to(
        loaded, heard, features, samples=options.samples, seed=options.seed, temperature=options.temperature
    )
    dances = [(decode_motion(rows, sidecar), ground_truths[one]) for one in heard for rows in drawn[one]["motion"]]
    metrics = compare_with_ground_truth(dances)
    draw_moves_chart(options.out / "moves.png", metrics.moves)
    return metrics


def _render(options: Demo, loaded: "LoadedModel", sound: Path, out: Path) -> list[Path]:
    """A dance to a sound file that was never seen, as BVH and video."""
    from transflower.generation import DanceFiles, SamplingOptions, Wanted, generate, open_song

    song = open_song(loaded, str(sound))
    files = DanceFiles(loaded, song, out, Wanted(), overwrite=True)
    sampling = SamplingOptions(seed=options.seed, temperature=options.temperature)
    drawn = generate(loaded, song.inputs, num_frames=song.frames, options=sampling, label=song.name)
    return files.write(drawn, options.render)
