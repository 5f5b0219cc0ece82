"""Small folders on which every command succeeds before something in them is changed."""

import contextlib
import json
import shutil
from pathlib import Path

import numpy as np
import soundfile

from tests.audio.factories import encode, make_noise
from tests.data.sources.layouts import LAYOUTS
from tests.formats.character.characters import Character
from tests.formats.corpora import finedance_rows, pickled_aist, pickled_motorica
from tests.generation.factories import make_features, make_sidecars, save_bvh, save_data, save_run, save_song
from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from tests.published.factories import golden, write_checkpoint
from tests.training.factories import experiment, write_recordings
from transflower.audio.writing import write_wav
from transflower.cli import main
from transflower.core.options import encode as encode_options
from transflower.core.options import write_yaml
from transflower.formats.bvh import write_bvh
from transflower.formats.character import open_character
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS
from transflower.synthetic.skeleton import SKELETON

SOUNDS = {"wav": "", "ogg": "", "flac": "flac", "mp3": "libmp3lame", "opus": "libopus", "m4a": "aac"}
"""Suffix, and FFmpeg's encoder where there is one."""
TRAIN = ("train", "tiny.yaml", "--data.folder", "data", "--out", "run", "--training.max_steps", "2")
TRAIN_AGAIN = ("train", "run/config.yaml", "--out", "run", "--training.max_steps", "3")


def recording(folder: Path) -> None:
    """A dance as BVH."""
    save_bvh(folder / "dance.bvh", 6)


def shown(folder: Path) -> None:
    """A dance as BVH, and its song."""
    recording(folder)
    sounds(folder, ("wav",))


def characters(folder: Path) -> None:
    """A dance as BVH, characters of every kind, and the table of one of them."""
    write_bvh(folder / "dance.bvh", make_clip(6, skeleton=SKELETON, degrees=20))
    Character(Body(names=CONVENTIONS["mixamo"]), skins=1).write(folder / "ann.glb")
    Character(Body(names=CONVENTIONS["vroid"]), skins=1, vrm="1.0").write(folder / "bob.vrm")
    write_bvh(folder / "cat.bvh", make_clip(2, skeleton=Body(legs=1.2).build()[0], degrees=0))
    open_character(folder / "cat.bvh", folder / "bones.txt")


def other_formats(folder: Path) -> None:
    """A dance in every format that motion is read from, but BVH."""
    dance = Recording(clip=make_clip(6, fps=30.0, skeleton=SKELETON, degrees=20))
    for known in FORMATS.values():
        if known.read and known.write and known.name != "bvh":
            known.write(folder / f"dance{known.suffixes[0]}", dance)
    (folder / "aist.pkl").write_bytes(pickled_aist(10))
    (folder / "dance_30fps.pkl").write_bytes(pickled_motorica(10))
    np.save(folder / "dance.npy", finedance_rows(10))


def extracted(folder: Path) -> None:
    """A dance as BVH, and a folder with features and sidecars that it could have been read for."""
    recording(folder)
    data(folder)
    sounds(folder, ("wav",))


def paired(folder: Path) -> None:
    """A song, dances as features, and the table that says what they have to do with each other."""
    data(folder)
    sounds(folder, ("wav",))
    (folder / "pairs.csv").write_text("dance,song,offset\none,song.wav,0.1\ntwo.bvh,song,-0.05\n")


def owned(folder: Path) -> None:
    """A table of recordings, and a data set with a table of cuts."""
    recording(folder)
    sounds(folder, ("wav",))
    LAYOUTS["100style"](folder / "style")
    header = "id,motion,song,offset,style,split,fps,start,stop"
    (folder / "recordings.csv").write_text(f"{header}\none,dance.bvh,song.wav,0.1,waltz,train,30,0.1,2\n")


def sounds(folder: Path, suffixes: tuple[str, ...] = tuple(SOUNDS)) -> None:
    """The same short noise in every format."""
    noise = make_noise(0.3)
    for suffix in suffixes:
        path = folder / f"song.{suffix}"
        if SOUNDS[suffix]:
            encode(path, make_noise(0.3, 48000) if suffix == "opus" else noise, SOUNDS[suffix])
        else:
            soundfile.write(path, noise.samples, noise.sample_rate)


def listening(folder: Path) -> None:
    """Sounds, and a model that dances to them."""
    sounds(folder)
    save_run(folder / "model")


def data(folder: Path) -> None:
    """Features of a few sequences, with sidecars, kinds of moves and the lists of splits."""
    save_data(folder / "data", ("one", "two", "three"))
    for number, one in enumerate(("one", "two", "three")):
        np.save(folder / "data" / f"{one}.moves.npy", np.full((24, 1), number % 2, np.int32))
    (folder / "data" / "base_filenames_train.txt").write_text("one\ntwo\n")
    (folder / "data" / "base_filenames_val.txt").write_text("three\n")


def dances(folder: Path) -> None:
    """Motion features with a sidecar, and kinds of moves that were found in them."""
    (folder / "data").mkdir()
    rng = np.random.default_rng(0)
    for one in ("one", "two"):
        np.save(folder / "data" / f"{one}.motion.npy", rng.standard_normal((40, 3)).astype(np.float32))
    (folder / "data" / "motion.json").write_text(json.dumps({"kind": "motion", "fps": 10}))


def model(folder: Path) -> None:
    """A trained model, a song as sound and as features, and a dance to begin with."""
    save_run(folder / "model")
    save_bvh(folder / "seed.bvh", 20)
    write_wav(folder / "song.wav", make_noise(0.3))
    np.save(folder / "song.npy", make_features(make_sidecars(), num_frames=6)["audio"])


def evaluated(folder: Path) -> None:
    """A model, a folder of features, a table of their recordings, and dances of another system."""
    save_run(folder / "model" / "best")
    (folder / "model" / "metrics.jsonl").write_text('{"step": 1, "val/nll": 1.5}\n{"step": 2, "val/nll": 1.25}\n')
    data(folder)
    (folder / "data" / "base_filenames_test.txt").write_text("two\nthree\n")
    (folder / "data" / "recordings.csv").write_text("id,motion,song\ntwo,two.bvh,song.wav\nthree,three.bvh,song.wav\n")
    (folder / "dances").mkdir()
    save_bvh(folder / "dances" / "two.bvh", 30)
    save_bvh(folder / "dances" / "three.bvh", 30)
    (folder / "beats").mkdir()
    (folder / "beats" / "two.txt").write_text("0.1\n0.6\n1.1\n")


def scored(folder: Path) -> None:
    """A model, a dance of a few seconds and its song, and another dance."""
    save_run(folder / "model" / "best")
    (folder / "model" / "metrics.jsonl").write_text('{"step": 1, "val/nll": 1.5}\n')
    save_bvh(folder / "dance.bvh", 75)
    save_bvh(folder / "other.bvh", 60)
    save_song(folder / "song.wav", 2.4)


def swept(folder: Path) -> None:
    """Recordings, an experiment, and a search of its options."""
    training(folder)
    space = "training.optimiser.lr: {low: 1e-3, high: 1e-1, log: true}\nmodel.inputs.motion.dropout: [0.0, 0.3]\n"
    (folder / "sweep.yaml").write_text(f"trials: 1\nseed: 3\nmetric: auto\n{space}")


def training(folder: Path) -> None:
    """Recordings and an experiment."""
    write_recordings(folder / "data")
    write_yaml(
        folder / "tiny.yaml", encode_options(experiment(folder / "data", rollouts={"sequences": 1, "frames": 4}))
    )
    text = (folder / "tiny.yaml").read_text()
    (folder / "tiny.yaml").write_text(text.replace(str(folder / "data"), "data"))
    (folder / "base.yaml").write_text("extends: tiny.yaml\ntraining:\n  batch_size: 2\n")


def run(folder: Path) -> None:
    """A run of two steps that can go on."""
    training(folder)
    with contextlib.chdir(folder):
        assert main(TRAIN) == 0
    shutil.rmtree(folder / "run" / "logs")


def checkpoint(folder: Path) -> None:
    """A checkpoint as it was published, and scalers."""
    _, settings, state, _ = golden("transflower_whole")
    write_checkpoint(folder / "old.ckpt", {**settings, "model": "transflower"}, state)
    np.savez(folder / "scaler.npz", mean=np.zeros(7, np.float32), std=np.ones(7, np.float32))
    np.save(folder / "scaler.npy", np.ones((2, 5), np.float32))
