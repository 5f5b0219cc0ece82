"""A folder of synthetic songs and dances, laid out like a user's own recordings, with the ground truth beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.core.files import write_json
from transflower.core.seeds import derive_seed, generator
from transflower.core.workers import map_parallel
from transflower.formats.bvh import write_bvh
from transflower.motion.clip import Clip
from transflower.synthetic.curves import Number
from transflower.synthetic.dancer import dance
from transflower.synthetic.disturbance import disturb
from transflower.synthetic.genres import GENRES
from transflower.synthetic.ground_truth import GroundTruth, draw_moves
from transflower.synthetic.hearing import is_unsure
from transflower.synthetic.moves.idle import IDLE
from transflower.synthetic.songs import STYLES, Song, make_song
from transflower.synthetic.wide_disturbance import disturb_widely, is_unheard
from transflower.synthetic.wide_songs import make_wide_song

Variety = Literal["styles", "wide", "gaps"]
"""Songs of four styles with a steady tempo; of many genres, tempi and meters; or of these, often silent for long."""

_GENRES = tuple(GENRES)


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """A song with its dance, and the ground truth of both."""

    song: Song
    clip: Clip
    ground_truth: GroundTruth


def make_recording(
    seed: int,
    index: int,
    *,
    seconds: Number,
    fps: Number = 30,
    noisy_share: float = 0.0,
    variety: Variety = "styles",
) -> Recording:
    """Number ``index`` of the recordings of a seed; each depends on its number alone. Styles or genres take turns.

    With chance ``noisy_share`` there is noise over the song or in its place; always where the variety is gaps. The
    dance is the same as without; but of songs of many genres, the dancer sways where there is no music for long.
    """
    song_seed = derive_seed(seed, "song", index)
    if variety != "styles":
        song = make_wide_song(song_seed, seconds, genre=_GENRES[index % len(_GENRES)])
        if variety == "gaps":
            return record_widely(song, seed, index, fps=fps, noisy_share=1.0, many_gaps=True)
        return record_widely(song, seed, index, fps=fps, noisy_share=noisy_share)
    song = make_song(song_seed, seconds, style=STYLES[index % len(STYLES)])
    noise = generator(seed, "noise", index)
    is_noisy = bool(noise.random() < noisy_share)
    recording = _record(song, draw_moves(song.style, song.energies, generator(seed, "moves", index)), seed, index, fps)
    if not is_noisy:
        return recording
    return _replace_sound(recording, disturb(song.audio.mono, song.beats, noise))


def record_widely(
    song: Song, seed: int, index: int | str, *, fps: Number = 30, noisy_share: float = 0.0, many_gaps: bool = False
) -> Recording:
    """A dance to a song of any kind; ``seed`` and ``index`` say which.

    Phrases in which the beat features hear no beat are swayed through. ``many_gaps``: a song that is disturbed is
    mostly silent for long.
    """
    noise = generator(seed, "noise", index)
    is_noisy = bool(noise.random() < noisy_share)
    moves = draw_moves(song.style, song.energies, generator(seed, "moves", index))
    samples, gaps = (
        disturb_widely(song.audio.mono, song.beats, noise, many_gaps=many_gaps) if is_noisy else (song.audio.mono, [])
    )
    unheard = is_unheard(song.beats, gaps) | is_unsure(Audio(samples[:, None], song.audio.sample_rate), song.beats)
    moves = [IDLE.name if sways else move for move, sways in zip(moves, unheard, strict=True)]
    recording = _record(song, moves, seed, index, fps)
    known = replace(
        recording.ground_truth,
        genre=song.genre,
        music_beats=tuple(song.music_beats.tolist()),
        downbeats=tuple(song.downbeats.tolist()),
    )
    recording = replace(recording, ground_truth=known)
    return _replace_sound(recording, samples) if is_noisy else recording


def write_recordings(
    folder: Path | str,
    *,
    songs: int,
    seconds: Number,
    seed: int,
    jobs: int = 1,
    fps: Number = 30,
    noisy_share: float = 0.0,
    variety: Variety = "styles",
    name: str = "song",
) -> list[str]:
    """Write ``<id>.wav``, ``<id>.bvh`` and ``<id>.truth.json`` of every song into ``folder``; return the ids.

    The same seed gives the same bytes, however many ``jobs`` work at it; ``noisy_share`` of the songs are disturbed.
    Ids are ``name`` and a number.

    Raises:
        DataError: no songs, or songs too short for a phrase.
    """
    if songs < 1:
        raise DataError(f"a data set needs at least 1 song, got {songs}")
    make = partial(make_recording, seed, seconds=seconds, fps=fps, noisy_share=noisy_share, variety=variety)
    ids = [f"{name}_{index:03d}" for index in range(songs)]
    list(map_parallel(partial(_make_and_write, make, Path(folder)), list(enumerate(ids)), jobs=jobs))
    return ids


def write_recording(folder: Path, name: str, recording: Recording) -> None:
    """Write the three files of one recording."""
    write_wav(folder / f"{name}.wav", recording.song.audio)
    write_bvh(folder / f"{name}.bvh", recording.clip)
    write_json(ground_truth_path(folder, name), recording.ground_truth.to_dict())


def ground_truth_path(folder: Path | str, name: str) -> Path:
    """Where ``write_recordings`` puts the ground truth of a recording."""
    return Path(folder) / f"{name}.truth.json"


def _make_and_write(make: partial[Recording], folder: Path, numbered: tuple[int, str]) -> None:
    index, name = numbered
    write_recording(folder, name, make(index))


def _record(song: Song, moves: Sequence[str], seed: int, index: int | str, fps: Number) -> Recording:
    performance = dance(
        moves,
        song.beats,
        style=song.style,
        energies=song.energies,
        seconds=song.seconds,
        fps=fps,
        rng=generator(seed, "dancer", index),
    )
    ground_truth = GroundTruth(
        style=song.style,
        tempo=song.tempo,
        beats=tuple(song.beats.tolist()),
        sections=song.sections,
        energies=song.energies,
        moves=tuple(moves),
        mirrored=performance.mirrored,
    )
    return Recording(song=song, clip=performance.clip, ground_truth=ground_truth)


def _replace_sound(recording: Recording, samples: np.ndarray) -> Recording:
    """The recording with a disturbed song."""
    audio = Audio(samples[:, None], recording.song.audio.sample_rate)
    return replace(
        recording,
        song=replace(recording.song, audio=audio),
        ground_truth=replace(recording.ground_truth, is_noisy=True),
    )
