"""Features of recordings: ours, by all cores and by one, beside loops over bvhio and librosa in the same run.

The loops use one core. Sound is compared with two: one makes what motion generators usually learn from (onsets, 20
MFCC, 12 chroma and beats at 30 frames a second, as published with AIST++ and EDGE), the other 80 mel bands, onsets and
beats, which is most like ours. Both take the beats of ``beat_track``: moments at one tempo, from onsets alone. Ours are
read by a network and a filter over tempo and phase, which also say how sure they are. No loop is quicker than decoding
and resampling, which the last row shows.
"""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import bvhio
import librosa
import numpy as np
from scipy.spatial.transform import Rotation

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.array_file import read_header
from transflower.core.errors import DataError
from transflower.features.extraction.audio import extract_audio
from transflower.features.extraction.motion import extract_motion
from transflower.features.extraction.options import AudioExtraction, MotionExtraction
from transflower.synthetic.recording import write_recordings

FPS = 30.0
_HOP = 512


@dataclass(frozen=True)
class Speed:
    """How much a way has read, in how long."""

    name: str
    recorded: float
    """Seconds of recordings."""
    taken: float
    """Seconds on the clock."""

    @property
    def ratio(self) -> float:
        """Recorded seconds in a second."""
        return self.recorded / self.taken


def run(folder: Path | None = None, *, budget: float = 60.0, copies: int = 8) -> str:
    """Measure with the BVH and sound files below ``folder``, by default with synthetic ones.

    Args:
        folder: of recordings.
        budget: seconds after which a loop begins no other file.
        copies: of every sound, so that starting processes counts little.
    """
    with tempfile.TemporaryDirectory() as place:
        if folder is None:
            folder = Path(place, "recordings")
            write_recordings(folder, songs=4, seconds=60, seed=0)
        motions = sorted(folder.rglob("*.bvh"))
        sounds = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SOUND_SUFFIXES]
        parts = []
        if motions:
            parts.append(_table("motion", _motion(motions, Path(place), budget)))
        if sounds:
            parts.append(_table("sound", _sound(sounds, Path(place), budget, copies)))
    return "\n\n".join(parts)


def _motion(paths: Sequence[Path], place: Path, budget: float) -> list[Speed]:
    copies = _copied(paths, place / "motions", 1)
    options = MotionExtraction(onto=Path("common"), fps=FPS)
    name = f"transflower, onto one skeleton, {os.cpu_count()} cores"
    ours = _ours(name, lambda out: extract_motion([copies], out, options), place / "m")
    return [ours, _loop("loop over bvhio", _mixed(paths), _by_bvhio, budget)]


def _sound(paths: Sequence[Path], place: Path, budget: float, copies: int) -> list[Speed]:
    folder, once = _copied(paths, place / "sounds", copies), _copied(paths, place / "once", 1)
    options = AudioExtraction(fps=FPS)
    cores = _ours(
        f"transflower, {os.cpu_count()} cores", lambda out: extract_audio([folder], out, options), place / "s"
    )
    one = _ours("transflower, 1 core", lambda out: extract_audio([once], out, replace(options, jobs=1)), place / "t")
    readable = [path for path in paths if path.suffix.lower() in {".wav", ".mp3", ".ogg", ".flac"}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for compile_first in (_by_librosa, _by_librosa_levels):
            compile_first(min(readable, key=lambda path: path.stat().st_size))
        return [
            cores,
            one,
            _loop("loop over librosa: onsets, MFCC, chroma, beats", readable, _by_librosa, budget),
            _loop("loop over librosa: mel spectrum, onsets, beats", readable, _by_librosa_levels, budget),
            _loop("loop over librosa: decoding alone", readable, lambda path: _loaded(path, 22050)[1], budget),
        ]


def _copied(paths: Iterable[Path], folder: Path, copies: int) -> Path:
    folder.mkdir()
    for number, path in enumerate(paths):
        for copy in range(copies):
            shutil.copy(path, folder / f"{number:04d}_{copy}{path.suffix.lower()}")
    return folder


def _ours(name: str, extract: Callable[[Path], object], out: Path) -> Speed:
    start = time.perf_counter()
    with suppress(DataError):  # Some files of a collection may be none that can be used.
        extract(out)
    taken = time.perf_counter() - start
    frames = sum(read_header(path).shape[0] for path in out.glob("*.npy"))
    return Speed(name, frames / FPS, taken)


def _mixed(paths: Sequence[Path]) -> list[Path]:
    """In an order in which the first few are of all kinds."""
    return [paths[index] for index in np.random.default_rng(0).permutation(len(paths))]


def _loop(name: str, paths: Sequence[Path], read: Callable[[Path], float], budget: float) -> Speed:
    start, seconds = time.perf_counter(), 0.0
    for path in paths:
        seconds += read(path)
        if time.perf_counter() - start > budget:
            break
    return Speed(name, seconds, time.perf_counter() - start)


def _by_bvhio(path: Path) -> float:
    """Rotation vectors of all joints and the root's position, at 30 frames a second."""
    root = bvhio.readAsHierarchy(str(path))
    text = path.read_text(errors="replace")
    frame_time = float(text.split("Frame Time:")[1].split()[0])
    num_frames = root.getKeyframeRange()[1] + 1
    joints = [joint for joint, _, _ in root.layout()]
    rows = []
    for moment in np.arange(0, num_frames * frame_time, 1 / FPS):
        root.loadPose(min(num_frames - 1, round(moment / frame_time)))
        turns = [joint.Rotation for joint in joints]
        vectors = Rotation.from_quat([[turn.x, turn.y, turn.z, turn.w] for turn in turns]).as_rotvec()
        rows.append(np.concatenate([vectors.reshape(-1), list(root.Position)]))
    np.stack(rows).astype(np.float32)
    return num_frames * frame_time


def _by_librosa(path: Path) -> float:
    rate = round(FPS * _HOP)
    samples, seconds = _loaded(path, rate)
    onsets = librosa.onset.onset_strength(y=samples, sr=rate, hop_length=_HOP)
    librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=20, hop_length=_HOP)
    librosa.feature.chroma_cens(y=samples, sr=rate, hop_length=_HOP, n_chroma=12)
    librosa.onset.onset_detect(onset_envelope=onsets, sr=rate, hop_length=_HOP)
    tempo = librosa.feature.tempo(y=samples, sr=rate)[0]
    librosa.beat.beat_track(onset_envelope=onsets, sr=rate, hop_length=_HOP, start_bpm=tempo, tightness=100)
    return seconds


def _by_librosa_levels(path: Path) -> float:
    rate = 22050
    samples, seconds = _loaded(path, rate)
    hop = round(rate / FPS)
    librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=80, hop_length=hop))
    onsets = librosa.onset.onset_strength(y=samples, sr=rate, hop_length=hop)
    librosa.beat.beat_track(onset_envelope=onsets, sr=rate, hop_length=hop)
    return seconds


def _loaded(path: Path, rate: int) -> tuple[np.ndarray, float]:
    """Samples, and how many seconds of them."""
    samples, _ = librosa.load(path, sr=rate)
    return samples, len(samples) / rate


def _table(title: str, speeds: Sequence[Speed]) -> str:
    width = max(len(speed.name) for speed in speeds)
    lines = [
        f"  {one.name:{width}}  {one.recorded / 60:8.1f} min in {one.taken:6.1f} s  "
        f"{one.ratio / 60:8.2f} hours a minute  {speeds[0].ratio / one.ratio:7.1f}x"
        for one in speeds
    ]
    return "\n".join([f"extraction of {title}; the last column is how many times as fast the first is", *lines])
