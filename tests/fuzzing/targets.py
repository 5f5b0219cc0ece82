"""What is tried: on which files, which of them are changed, and by which commands they are then read."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzzing import seeds
from tests.fuzzing.folder import copy_folder
from tests.fuzzing.mutations.files import mutate_file
from tests.fuzzing.mutations.words import mutate_words, options_of

Words = tuple[str, ...]
FILE = "FILE"
"""In a command: the file that is changed."""
_MOTION: Words = ("extract", "motion", "dance.bvh", "--jobs", "1")
_AUDIO: Words = ("extract", "audio", "--jobs", "1")
_MOVES: Words = ("extract", "moves", "data", "--kinds", "2")
_SETTINGS: Words = ("--fps", "20", "--sample_rate", "8000", "--mels", "4", "--n_fft", "512")
"""Those of the sidecar in ``seeds.data``."""
_SHORT: Words = ("--model", "model", "--out", "out", "--seconds", "0.3", "--device", "cpu")
_FEATURES: Words = ("generate", "song.npy", *_SHORT, "--format", "bvh,npy")
_VIEW: Words = ("view", "dance.bvh", "--music", "song.wav", "--out", "out.html", "--no_open")
_EVALUATED: Words = (
    *("--data", "data", "--out", "out", "--draws", "10", "--long", "0", "--seconds", "2"),
    *("--jobs", "1"),
)
_SCORE: Words = ("score", "dance.bvh", "song.wav", "--model", "model", "--out", "out")
_COMPARE: Words = ("compare", "dance.bvh", "other.bvh", "--music", "song.wav", "--out", "out")
_SWEEP: Words = (
    "train",
    "tiny.yaml",
    "--data.folder",
    "data",
    "--sweep",
    "sweep.yaml",
    "--out",
    "run",
    "--training.max_steps",
    "1",
)
_SMALL: Words = ("--render.width", "64", "--render.height", "64", "--render.fps", "5")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Commands that succeed on the files of ``seed`` as they are."""

    seed: Callable[[Path], None]
    """Makes the files in an empty folder."""
    commands: Sequence[Words]
    """One of them is run."""
    files: Sequence[str] = ()
    """Patterns: one of the files that fit is changed. None: options are added to the command instead."""
    spared: Sequence[str] = ()
    """Options left alone, because they may well ask for hours of work, or for processes."""
    may_change: Sequence[str] = ()
    """Patterns of files that the command may write anew."""
    may_remain: Sequence[str] = ()
    """Patterns of what may be new though the command failed."""


TARGETS = {
    "bvh": Target(seed=seeds.recording, files=["*.bvh"], commands=[(*_MOTION, "--out", "out")]),
    "formats": Target(
        seed=seeds.other_formats,
        files=["*.glb", "*.vrma", "*.npz", "*.npy", "*.pkl"],
        commands=[("convert", FILE, "out.bvh"), ("convert", FILE, "out.glb")],
    ),
    "onto": Target(
        seed=seeds.characters,
        files=["*.bvh", "*.glb"],
        commands=[
            (*_MOTION, "--out", "out", "--onto", "common"),
            ("extract", "motion", "cat.bvh", *_MOTION[2:], "--out", "out", "--onto", "common", "--map", "out/tables"),
            (*_MOTION, "--out", "out", "--onto", "ann.glb"),
        ],
        may_remain=["out", "out/*"],
    ),
    "faults": Target(
        seed=seeds.characters,
        files=["*.bvh"],
        commands=[
            ("motion", "check", "dance.bvh", "--jobs", "1"),
            ("motion", "clean", "dance.bvh", "--out", "out", "--mend", "cuts,jumps,knees,flips,floor", "--jobs", "1"),
        ],
    ),
    "bvh_options": Target(seed=seeds.recording, commands=[(*_MOTION, "--out", "out")]),
    "character": Target(
        seed=seeds.characters,
        files=["ann.glb", "bob.vrm"],
        commands=[("convert", "dance.bvh", "out.glb", "--onto", FILE)],
    ),
    "bone_map": Target(
        seed=seeds.characters,
        files=["cat.bvh", "bones.txt"],
        commands=[("convert", "dance.bvh", "out.bvh", "--onto", "cat.bvh", "--map", "bones.txt")],
    ),
    "motion_sidecar": Target(
        seed=seeds.extracted,
        files=["data/motion.json"],
        commands=[(*_MOTION, "--out", "data", "--fps", "20"), ("data", "check", "data")],
    ),
    "audio_sidecar": Target(
        seed=seeds.extracted, files=["data/audio.json"], commands=[(*_AUDIO, "song.wav", "--out", "data", *_SETTINGS)]
    ),
    "pairs": Target(
        seed=seeds.paired,
        files=["pairs.csv", "pairs.csv", "data/*.json", "data/*.npy", "song.wav"],
        commands=[
            (*_AUDIO, "song.wav", "--out", "data", "--name", "sound", "--pairs", "pairs.csv", *_SETTINGS),
            ("data", "split", "data", "--overwrite", "--val", "0.4", "--test", "0", "--pairs", "pairs.csv"),
        ],
        may_change=["data/base_filenames_*.txt"],
    ),
    "import": Target(
        seed=seeds.owned,
        files=["recordings.csv", "recordings.csv", "style/Frame_Cuts.csv"],
        commands=[
            ("data", "import", "own", ".", "--table", "recordings.csv", "--out", "out", "--jobs", "1"),
            ("data", "import", "100style", "style", "--out", "out", "--jobs", "1"),
        ],
        # Some recordings may be fine where others are not.
        may_remain=["out", "out/*"],
    ),
    "sound": Target(
        seed=seeds.listening,
        files=[f"song.{suffix}" for suffix in seeds.SOUNDS],
        commands=[(*_AUDIO, FILE, "--out", "out"), ("generate", FILE, *_SHORT, "--format", "bvh")],
    ),
    "audio_options": Target(seed=seeds.sounds, commands=[(*_AUDIO, "song.wav", "--out", "out")]),
    "check": Target(seed=seeds.data, files=["data/*"], commands=[("data", "check", "data")]),
    "check_options": Target(seed=seeds.data, commands=[("data", "check", "data")]),
    "stats": Target(
        seed=seeds.data,
        files=["data/*"],
        commands=[("data", "stats", "data", "--page", "page.html"), ("data", "check", "data", "--page", "page.html")],
        may_remain=["page.html"],
    ),
    "stats_options": Target(seed=seeds.data, commands=[("data", "stats", "data")], may_remain=["*.html"]),
    "split": Target(
        seed=seeds.data,
        files=["data/*"],
        commands=[("data", "split", "data", "--overwrite", "--val", "0.3", "--test", "0.3")],
        may_change=["data/base_filenames_*.txt"],
    ),
    "split_options": Target(
        seed=seeds.data,
        commands=[("data", "split", "data", "--overwrite")],
        may_change=["data/base_filenames_*.txt"],
    ),
    "moves": Target(
        seed=seeds.dances,
        files=["data/*"],
        commands=[
            ("extract", "moves", "data", "--kinds", "2"),
            ("extract", "moves", "data", "--kinds", "2", "--overwrite"),
        ],
        may_remain=["data/moves.json", "data/*.moves.npy"],
    ),
    "moves_options": Target(seed=seeds.dances, commands=[_MOVES], may_remain=["data/*"]),
    "view": Target(seed=seeds.shown, files=["*.bvh", "song.wav"], commands=[_VIEW]),
    "view_options": Target(seed=seeds.shown, commands=[_VIEW], may_remain=["*"]),
    "model": Target(seed=seeds.model, files=["model/*"], commands=[_FEATURES]),
    "song": Target(
        seed=seeds.model,
        files=["song.*", "seed.bvh"],
        commands=[
            (*_FEATURES, "--prompt", "seed.bvh"),
            ("generate", "song.wav", *_SHORT, "--format", "bvh", "--prompt", "seed.bvh"),
        ],
    ),
    "generate_options": Target(
        seed=seeds.model,
        commands=[_FEATURES, ("generate", "song.wav", *_SHORT, *_SMALL)],
        spared=["--samples", "--render.fps"],
    ),
    "evaluate": Target(
        seed=seeds.evaluated,
        files=["data/*", "dances/*", "beats/*", "model/*.jsonl", "model/*/*"],
        commands=[
            ("evaluate", "model", *_EVALUATED, "--beats", "beats", "--no_page"),
            ("evaluate", *_EVALUATED, "--dances", "edge=dances"),
        ],
        may_remain=["out", "out/*"],
    ),
    "evaluate_options": Target(
        seed=seeds.evaluated,
        commands=[("evaluate", "model", *_EVALUATED, "--no_page")],
        spared=["--long", "--draws", "--seconds", "--samples", "--jobs"],
        may_remain=["*"],
    ),
    "score": Target(
        seed=seeds.scored,
        files=["*.bvh", "song.wav", "model/*.jsonl", "model/*/*"],
        commands=[_SCORE, (*_SCORE, "--page")],
    ),
    "score_options": Target(seed=seeds.scored, commands=[_SCORE], may_remain=["*"]),
    "compare": Target(seed=seeds.scored, files=["*.bvh", "song.wav"], commands=[_COMPARE]),
    "compare_options": Target(seed=seeds.scored, commands=[_COMPARE], may_remain=["*"]),
    "sweep": Target(seed=seeds.swept, files=["sweep.yaml"], commands=[_SWEEP], may_remain=["run", "run/*"]),
    "sweep_options": Target(
        seed=seeds.swept,
        commands=[_SWEEP],
        spared=["--sweep_jobs", "--sweep_on", "--data.num_workers", "--training.devices", "--training.nodes"],
        may_remain=["run", "run/*"],
    ),
    "experiment": Target(
        seed=seeds.training,
        files=["*.yaml"],
        commands=[("train", "base.yaml", "--data.folder", "data", "--out", "run", "--print_config")],
    ),
    "training": Target(
        seed=seeds.training, files=["*.yaml", "data/*"], commands=[seeds.TRAIN], may_remain=["run", "run/*"]
    ),
    "train_options": Target(
        seed=seeds.training,
        commands=[seeds.TRAIN, (*seeds.TRAIN, "--print_config")],
        spared=["--data.num_workers", "--training.devices", "--training.nodes", "--training.strategy"],
        may_remain=["run", "run/*"],
    ),
    "resume": Target(
        seed=seeds.run,
        files=["run/resume.ckpt", "run/resume.ckpt", "run/metrics.jsonl", "run/config.yaml", "run/*/*", "data/*"],
        commands=[seeds.TRAIN_AGAIN],
        may_change=["run/*"],
        may_remain=["run/*"],
    ),
    "published": Target(
        seed=seeds.checkpoint,
        files=["old.ckpt", "old.ckpt", "old.ckpt", "scaler.*"],
        commands=[
            ("import-checkpoint", "old.ckpt", "--out", "out"),
            ("import-checkpoint", "old.ckpt", "--out", "out", "--scalers.m", "scaler.npz", "--scalers.a", "scaler.npy"),
        ],
    ),
    "published_options": Target(seed=seeds.checkpoint, commands=[("import-checkpoint", "old.ckpt", "--out", "out")]),
}
"""By name, in the order in which they take turns."""


def make_case(target: Target, seed_folder: Path, folder: Path, *, rng: random.Random) -> tuple[list[str], str]:
    """Copy the files and change one, or the command; returns the command, and what was changed in words."""
    copy_folder(seed_folder, folder)
    words = list(rng.choice(target.commands))
    if not target.files:
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        return mutate_words(rng, words, _options(words), files=[*files, "."], spared=target.spared), "options"
    path = _pick(target, folder, rng)
    name = path.relative_to(folder)
    return _named(words, name), f"{name}: {mutate_file(rng, path)}"


def make_unchanged(target: Target, seed_folder: Path, folder: Path, *, number: int) -> tuple[list[str], str]:
    """As ``make_case``, with the command ``number`` and nothing changed."""
    copy_folder(seed_folder, folder)
    name = _pick(target, folder, random.Random(number)).relative_to(folder) if target.files else folder
    return _named(target.commands[number], name), "nothing"


def _pick(target: Target, folder: Path, rng: random.Random) -> Path:
    return rng.choice(sorted(path for path in folder.glob(rng.choice(target.files)) if path.is_file()))


def _named(words: Sequence[str], file: Path) -> list[str]:
    return [str(file) if word == FILE else word for word in words]


def _options(words: Sequence[str]) -> tuple[str, ...]:
    """Flags of the verb at the start of a command."""
    count = 2 if words[0] in {"extract", "data"} else 1
    verb = (*words[:count], "transflower-tiny") if words[0] == "train" else tuple(words[:count])
    return options_of(verb)
