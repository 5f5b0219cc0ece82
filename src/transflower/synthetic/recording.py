"""A folder of synthetic songs and dances, laid out like a user's own recordings, with the ground truth beside them."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.core.files import write_json
from transflower.core.seeds import derive_seed, generator
from transflower.core.workers import map_parallel
from transflower.motion.bvh import write_bvh
from transflower.motion.clip import Clip
from transflower.synthetic.curves import Number
from transflower.synthetic.dancer import dance
from transflower.synthetic.disturbance import disturb
from transflower.synthetic.ground_truth import GroundTruth, draw_moves
from transflower.synthetic.songs import STYLES, Song, make_song


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """A song with its dance, and the ground truth of both."""

    song: Song
    clip: Clip
    ground_truth: GroundTruth


def make_recording(seed: int, index: int, *, seconds: Number, fps: Number = 30, noisy_share: float = 0.0) -> Recording:
    """Number ``index`` of the recordings of a seed; each depends on its number alone. Styles take turns.

    With chance ``noisy_share`` there is noise over the song or in its place; the dance is the same as without.
    """
    song = make_song(derive_seed(seed, "song", index), seconds, style=STYLES[index % len(STYLES)])
    moves = draw_moves(song.style, song.energies, generator(seed, "moves", index))
    performance = dance(
        moves,
        song.beats,
        style=song.style,
        energies=song.energies,
        seconds=seconds,
        fps=fps,
        rng=generator(seed, "dancer", index),
    )
    noise = generator(seed, "noise", index)
    is_noisy = bool(noise.random() < noisy_share)
    ground_truth = GroundTruth(
        style=song.style,
        tempo=song.tempo,
        beats=tuple(song.beats.tolist()),
        sections=song.sections,
        energies=song.energies,
        moves=tuple(moves),
        mirrored=performance.mirrored,
        is_noisy=is_noisy,
    )
    if is_noisy:
        samples = disturb(song.audio.mono, song.beats, noise)
        song = replace(song, audio=Audio(samples[:, None], song.audio.sample_rate))
    return Recording(song=song, clip=performance.clip, ground_truth=ground_truth)


def write_recordings(
    folder: Path | str,
    *,
    songs: int,
    seconds: Number,
    seed: int,
    jobs: int = 1,
    fps: Number = 30,
    noisy_share: float = 0.0,
) -> list[str]:
    """Write ``<id>.wav``, ``<id>.bvh`` and ``<id>.truth.json`` of every song into ``folder``; return the ids.

    The same seed gives the same bytes, however many ``jobs`` work at it; ``noisy_share`` of the songs are disturbed.

    Raises:
        DataError: no songs, or songs too short for a phrase.
    """
    if songs < 1:
        raise DataError(f"a data set needs at least 1 song, got {songs}")
    write = partial(_write_recording, Path(folder), seed=seed, seconds=seconds, fps=fps, noisy_share=noisy_share)
    list(map_parallel(write, range(songs), jobs=jobs))
    return [_name(index) for index in range(songs)]


def ground_truth_path(folder: Path | str, name: str) -> Path:
    """Where ``write_recordings`` puts the ground truth of a recording."""
    return Path(folder) / f"{name}.truth.json"


def _name(index: int) -> str:
    return f"song_{index:03d}"


def _write_recording(folder: Path, index: int, *, seed: int, seconds: Number, fps: Number, noisy_share: float) -> None:
    recording = make_recording(seed, index, seconds=seconds, fps=fps, noisy_share=noisy_share)
    stem = folder / _name(index)
    write_wav(stem.with_suffix(".wav"), recording.song.audio)
    write_bvh(stem.with_suffix(".bvh"), recording.clip)
    write_json(ground_truth_path(stem.parent, stem.name), recording.ground_truth.to_dict())
