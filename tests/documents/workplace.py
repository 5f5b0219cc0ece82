"""A small folder in which commands of documents run: what they call SONG.mp3, RECORDINGS, FEATURES is there."""

import itertools
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.audio.factories import encode
from tests.conftest import GOLDEN_DATA
from tests.data.sources.layouts import LAYOUTS
from tests.formats.character.characters import Character
from tests.golden.golden import read_golden
from tests.published.factories import write_checkpoint
from transflower import cli
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.formats.bvh import write_bvh
from transflower.motion.clip import Clip
from transflower.synthetic.recording import Recording, make_recording

SECONDS, FPS = 3, 30
TRAINING = (
    "--training.max_steps 1 --training.positions 4 --training.batch_size 2 --training.validate_batches 1 "
    "--training.rollouts.sequences 0 --training.accelerator cpu"
)
EVALUATION = "--split train --sequences 2 --seconds 1 --samples 1 --long 0 --draws 20"
"""Of the few recordings that there are, the training split alone has two."""
RENDERING = "--render.width 128 --render.height 128 --render.fps 2"


def shortened(command: str) -> list[str]:
    """The words of a command, in less time: a step of training, a second of evaluation, videos of a stamp's size."""
    words = shlex.split(command)
    if "--help" in words:
        return words
    if words[0] == "train":
        small = {"transflower": "transflower-tiny"}
        return [small.get(word, word) if place == 1 else word for place, word in enumerate(words)] + TRAINING.split()
    if words[:2] == ["extract", "moves"]:
        return [*words, "--kinds", "4"]
    if words[0] == "generate":
        words = [str(1) if before == "--seconds" else word for before, word in zip(["", *words], words, strict=False)]
        return [*words, *RENDERING.split()]
    if words[0] == "evaluate":
        return [*words, *EVALUATION.split()]
    # A page that opens by itself waits for somebody who looks.
    return [*words, "--no_open"] if words[0] == "view" else words


def made_by(commands: list[str]) -> set[str]:
    """Folders that commands make."""
    words = [shlex.split(command) for command in commands]
    return {after for line in words for word, after in itertools.pairwise(line) if word == "--out"}


def prepare(folder: Path) -> None:
    """All that documents speak of as if it were there."""
    takes = [_cut(make_recording(0, index, seconds=8), SECONDS) for index in range(4)]
    for number, take in enumerate(takes, start=1):
        _write(folder / "RECORDINGS" / f"take{number}", take)
    for person in ("anna", "bob"):
        for number in (1, 2):
            _write(folder / "PEOPLE" / person / f"take{number}", takes[number])
    encode(folder / "SONG.mp3", _stereo(takes[0].song.audio), "libmp3lame")
    (folder / "NOISY").mkdir()
    for take in (folder / "RECORDINGS").glob("*.wav"):
        shutil.copy(take, folder / "NOISY")
    (folder / "BEATS.txt").write_text("0.1\n0.6\n1.1\n", encoding="utf-8")
    (folder / "COUNTED").mkdir()
    shutil.copy(folder / "BEATS.txt", folder / "COUNTED" / "take1.txt")
    (folder / "SONGS").mkdir()
    for song in ("club", "waltz", "salsa"):
        shutil.copy(folder / "RECORDINGS" / "take1.wav", folder / "SONGS" / f"{song}.wav")
    shutil.copy(folder / "SONG.mp3", folder / "song.wav")
    _write_couples(folder / "COUPLES")
    shutil.copy(folder / "RECORDINGS" / "take3.bvh", folder / "LEADER.bvh")
    Character(vrm="1.0").write(folder / "CHARACTER.vrm")
    Character().write(folder / "CHARACTER.glb")
    (folder / "OWN").mkdir()
    for name, make in LAYOUTS.items():
        if name != "own":
            make(folder / {"100style": "STYLES"}.get(name, name.upper()))
    for take, name in (("take1", "salsa_anna_club"), ("take2", "waltz_ben_waltz")):
        (folder / "DANCES").mkdir(exist_ok=True)
        shutil.copy(folder / "RECORDINGS" / f"{take}.bvh", folder / "DANCES" / f"{name}.bvh")
    _write_old_features(folder / "OLD")
    _, settings, state, _ = read_golden(GOLDEN_DATA / "transflower_whole.npz")
    write_checkpoint(folder / "FILE.ckpt", {**settings, "model": "transflower", "learning_rate": 7e-5}, state)


def prepare_run(folder: Path) -> None:
    """Features and a trained model, as README makes them, in the working directory ``folder``."""
    for command in (
        "extract motion RECORDINGS --out FEATURES",
        "extract audio RECORDINGS --out FEATURES",
        "data split FEATURES --val 0.25 --test 0.25",
        "extract moves FEATURES",
        "train dancer-tiny --data.folder FEATURES --out runs/mine",
    ):
        assert cli.main(shortened(command)) == 0, command


def _cut(recording: Recording, seconds: int) -> Recording:
    clip, song = recording.clip, recording.song
    frames = seconds * FPS
    tracks = {joint: track[:frames] for joint, track in clip.translations.items()}
    audio = Audio(song.audio.samples[: seconds * song.audio.sample_rate], song.audio.sample_rate)
    return replace(
        recording, clip=Clip(clip.skeleton, clip.fps, clip.rotations[:frames], tracks), song=replace(song, audio=audio)
    )


def _stereo(audio: Audio) -> Audio:
    part = len(audio.samples) // 6  # Half a second of the song is enough to dance to.
    return Audio(np.repeat(audio.samples[:part], 2, axis=1), audio.sample_rate)


def _write(stem: Path, recording: Recording) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_bvh(stem.with_suffix(".bvh"), recording.clip)
    write_wav(stem.with_suffix(".wav"), recording.song.audio)


def _write_couples(folder: Path) -> None:
    folder.mkdir()
    for name in ("take1", "take2", "take3", "take4"):
        for suffix in (".bvh", ".wav"):
            shutil.copy(folder.parent / "RECORDINGS" / f"{name}{suffix}", folder)
    couples = {"1": "2", "2": "1", "3": "4", "4": "3"}
    lines = [f"{one},take{one}.bvh,take{one}.wav,{other}\n" for one, other in couples.items()]
    (folder / "recordings.csv").write_text("".join(["id,motion,song,partner\n", *lines]))


def _write_old_features(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for one in ("a", "b"):
        for feature, columns in (("expmap_scaled_20", 5), ("audio_feats_scaled_20", 3)):
            np.save(folder / f"{one}.{feature}.npy", rng.standard_normal((200, columns)).astype(np.float32))
    (folder / "base_filenames_train.txt").write_text("a\n")
    (folder / "base_filenames_val.txt").write_text("b\n")
