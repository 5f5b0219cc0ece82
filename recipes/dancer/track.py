"""Beats of songs that nobody has counted: ``python -m recipes.dancer.track --songs FOLDER`` finds them.

They are written where two trackers agree, and are those that a dancer counts: at half the tempo of fast music.
Shape letters: K, L beats.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
from jaxtyping import Float

from recipes.command import run_command
from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.files import write_text
from transflower.features.audio import AudioSettings, extract, names
from transflower.features.audio.beat_times import heard_beats
from transflower.synthetic.given_beats import SUFFIX
from transflower.synthetic.given_songs import read_sound


@dataclass(frozen=True, kw_only=True)
class Track:
    """Find the beats of sound files, and write NAME.beats.txt beside those where two trackers agree."""

    songs: Path
    """Folder of sound files."""
    agreement: float = 0.85
    """Least length of the mean of exp(2 pi i phase) of the beats of librosa's tracker among those of the features."""
    share: float = 0.7
    """Least share of the song in which the features are sure of a beat."""


def agreement(beats: Float[np.ndarray, "K"], others: Float[np.ndarray, "L"]) -> float:
    """1 where all others have the same phase among the beats; others that come twice as fast may have two."""
    inside = others[(others >= beats[0]) & (others <= beats[-1])]
    if len(inside) < 2:
        return 0.0
    turns = 2 if np.median(np.diff(inside)) < 0.7 * np.median(np.diff(beats)) else 1
    phase = np.interp(inside, beats, np.arange(len(beats)))
    return float(np.abs(np.exp(2j * np.pi * turns * phase).mean()))


def run(options: Track) -> str:
    """A line a song."""
    lines = []
    for path in sorted(options.songs.rglob("*")):
        if path.suffix.lower() in SOUND_SUFFIXES:
            lines.append(_track(path, options))
            print(lines[-1], flush=True)
    return f"{sum(' beats' in line for line in lines)} of {len(lines)} songs have beats now"


def _track(path: Path, options: Track) -> str:
    settings = AudioSettings()
    heard = heard_beats(extract(path, settings), names(settings), settings.fps)
    if not heard.is_heard or heard.share < options.share:
        return f"{path.name}: no clear beat"
    sound = read_sound(path)
    _, others = librosa.beat.beat_track(y=sound.mono, sr=sound.sample_rate, start_bpm=heard.bpm, units="time")
    agrees = agreement(heard.times, np.asarray(others, float))
    if agrees < options.agreement:
        return f"{path.name}: trackers disagree ({agrees:.2f})"
    write_text(path.with_name(path.stem + SUFFIX), "".join(f"{time:.3f}\n" for time in heard.times))
    return f"{path.name}: {len(heard.times)} beats, {heard.bpm:.0f} bpm, {agrees:.2f}"


if __name__ == "__main__":
    sys.exit(run_command(Track, run, prog="python -m recipes.dancer.track"))
