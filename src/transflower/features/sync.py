"""How far two recordings of the same moment are apart in time: by their sounds, by a clap, or by beats.

Shape letters: N frames of an envelope, K moments, B beats, L lags, T frames of motion.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy  # scipy.signal is imported when it is first used
import scipy.fft
from jaxtyping import Float

from transflower.audio.mixing import Mixer
from transflower.audio.reading import read_pieces
from transflower.core.errors import DataError
from transflower.features.audio.levels import LevelStream
from transflower.features.audio_settings import AudioSettings
from transflower.motion.beats import beat_phases, clip_beats, hip_dips
from transflower.motion.clip import Clip
from transflower.motion.humanoid.find import find_bones
from transflower.motion.kinematics import forward

ENVELOPE_FPS = 100.0
"""Frames of an envelope per second."""
_SETTINGS = AudioSettings(fps=ENVELOPE_FPS, mels=1, n_fft=512)
_MOST_SECONDS = 2 * 3600
_LEAST_OVERLAP_SECONDS = 5.0
_SAME_PEAK_SECONDS = 0.15
"""Lags nearer than this are the same answer."""
_FEWEST_MOMENTS = 4
_CLAP_SECONDS = 30.0
"""From the start, in which hands are clapped."""
_CLAP_METRES = 0.35
"""From wrist to wrist in a clap, at most."""
_CLAP_SPEED = 1.0
"""Metres per second at which hands come together, at least."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The likeliest shift of one recording against another."""

    seconds: float
    """Second of the first at which the second one starts; negative: the second one starts first."""
    confidence: float
    """0: any other shift is as likely; 1: none is."""


def onset_envelope(sound: Path) -> Float[np.ndarray, " N"]:
    """How strong onsets are, in decibels, ``ENVELOPE_FPS`` times a second; of two hours at most.

    Raises:
        FormatError: the file cannot be read.
    """
    rows, stream, mixer = [], None, None
    for piece in read_pieces(sound):
        if stream is None or mixer is None:
            stream, mixer = LevelStream(piece.sample_rate, _SETTINGS), Mixer(piece.sample_rate)
        rows.append(stream.push(mixer.push(piece.samples))[:, -1])
        if sum(map(len, rows)) > _MOST_SECONDS * ENVELOPE_FPS:
            break
    assert stream is not None, "sound has one piece at least"
    return np.concatenate([*rows, stream.push(np.zeros(0, np.float32), last=True)[:, -1]]).astype(float)


def sound_shift(song: Float[np.ndarray, " N"], recorded: Float[np.ndarray, " M"]) -> Shift:
    """Second of a song at which a recording of it starts, from the envelopes of both: by their correlation.

    Raises:
        DataError: one of them is too short, or silent.
    """
    least = round(_LEAST_OVERLAP_SECONDS * ENVELOPE_FPS)
    if min(len(song), len(recorded)) < least:
        raise DataError(
            f"a sound is shorter than {_LEAST_OVERLAP_SECONDS:g} seconds, which is too little to find it by"
        )
    if not (np.ptp(song) > 0 and np.ptp(recorded) > 0):
        raise DataError("a sound is silent, so that nothing can be found by it")
    lags, correlation = _correlation(song, recorded, least=least)
    return _best(lags, correlation)


def clap_shift(recorded: Float[np.ndarray, " N"], clip: Clip) -> Shift:
    """Second of a sound at which motion starts, by claps of the hands in the first half minute of both.

    Raises:
        DataError: the skeleton has no hands that can be told, or nobody claps.
    """
    moments, weights = _claps(clip)
    if len(moments) == 0:
        raise DataError(f"nobody claps in the first {_CLAP_SECONDS:g} seconds of the motion")
    first = round(_CLAP_SECONDS * ENVELOPE_FPS)
    sharp = np.maximum(np.diff(recorded[:first], prepend=recorded[:1]), 0)
    hands = np.zeros(first)
    np.add.at(hands, np.minimum(np.round(moments * ENVELOPE_FPS).astype(int), first - 1), weights)
    size = len(sharp) + len(hands) - 1
    scores = scipy.fft.irfft(scipy.fft.rfft(sharp, size) * scipy.fft.rfft(hands[::-1], size), size)
    return _best(np.arange(size) - (len(hands) - 1), scores / max(scores.max(), 1e-12))


def motion_shift(clip: Clip, beats: Float[np.ndarray, " B"]) -> Shift:
    """The shift of motion to beats, by the dips of the hips or by the moments at which the body slows down.

    Whichever goes better with the beats counts: some dances bounce, and others stop.

    Raises:
        DataError: there is too little of both.
    """
    found, problem = [], DataError("no beats")
    for moments in (hip_dips(clip), clip_beats(clip)):
        try:
            found.append(beat_shift(moments, beats))
        except DataError as error:
            problem = error
    if not found:
        raise problem
    return max(found, key=lambda shift: shift.confidence)


def beat_shift(moments: Float[np.ndarray, " K"], beats: Float[np.ndarray, " B"]) -> Shift:
    """The shift, of half a beat at most, after which moments of motion are nearest to the beats of the music.

    Beats repeat, so that they tell where in a beat a dance starts, and not in which.

    Args:
        moments: seconds of the dance; as many seconds of the song, but for the shift that is looked for.
        beats: ascending seconds of the song.

    Raises:
        DataError: there are too few of either.
    """
    phases = beat_phases(moments, beats) if len(beats) > 1 else np.zeros(0)
    hands = np.exp(2j * np.pi * phases[np.isfinite(phases)])
    count = len(hands)
    if count < _FEWEST_MOMENTS:
        raise DataError(f"only {count} beats of the motion are within those of the music, which is too few")
    mean = hands.mean()
    period = float(np.median(np.diff(beats)))
    # Hands of random moments have a mean too, of a length that falls with their number.
    strength = max(0.0, (count * float(np.abs(mean)) ** 2 - 1) / (count - 1))
    return Shift(seconds=-float(np.angle(mean)) / (2 * np.pi) * period, confidence=float(np.sqrt(strength)))


def _correlation(
    song: Float[np.ndarray, " N"], recorded: Float[np.ndarray, " M"], *, least: int
) -> tuple[np.ndarray, Float[np.ndarray, " L"]]:
    """Pearson's correlation of the parts that overlap, for all lags at which these have ``least`` frames."""
    size = scipy.fft.next_fast_len(len(song) + len(recorded) - 1, real=True)

    def crossed(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        product = scipy.fft.rfft(first, size) * scipy.fft.rfft(second[::-1], size)
        return np.asarray(scipy.fft.irfft(product, size))[: len(song) + len(recorded) - 1]

    ones, others = np.ones(len(song)), np.ones(len(recorded))
    first, second = song - song.mean(), recorded - recorded.mean()
    count = np.rint(crossed(ones, others))
    sums, other_sums = crossed(first, others), crossed(ones, second)
    covariance = crossed(first, second) - sums * other_sums / np.maximum(count, 1)
    spread = crossed(first**2, others) - sums**2 / np.maximum(count, 1)
    other_spread = crossed(ones, second**2) - other_sums**2 / np.maximum(count, 1)
    lags = np.arange(len(count)) - (len(recorded) - 1)
    enough = count >= least
    scale = np.sqrt(np.maximum(spread, 1e-9 * spread.max()) * np.maximum(other_spread, 1e-9 * other_spread.max()))
    return lags[enough], (covariance / scale)[enough]


def _best(lags: np.ndarray, scores: Float[np.ndarray, " L"]) -> Shift:
    """The lag with the highest score, and how far that of the next best answer is."""
    best = int(np.argmax(scores))
    others = scores[np.abs(lags - lags[best]) > _SAME_PEAK_SECONDS * ENVELOPE_FPS]
    top, following = float(scores[best]), max(float(others.max(initial=0.0)), 0.0)
    confidence = 1 - (1 - min(top, 1.0)) / (1 - following) if top > following and following < 1 else 0.0
    part = 0.0
    if 0 < best < len(scores) - 1 and lags[best + 1] - lags[best - 1] == 2:
        before, after = scores[best - 1], scores[best + 1]
        curvature = before - 2 * scores[best] + after
        part = 0.5 * float(before - after) / float(curvature) if curvature < -1e-12 else 0.0
    return Shift(seconds=(float(lags[best]) + part) / ENVELOPE_FPS, confidence=float(np.clip(confidence, 0, 1)))


def _claps(clip: Clip) -> tuple[Float[np.ndarray, " K"], Float[np.ndarray, " K"]]:
    """When hands meet in seconds, and how fast they came together."""
    joints = find_bones(clip.skeleton).joints
    if "leftHand" not in joints or "rightHand" not in joints:
        raise DataError("the skeleton has no two hands that can be told, so that no clap can be found")
    where = forward(clip[: max(4, round(_CLAP_SECONDS * clip.fps))])[0]
    apart = np.linalg.norm(where[:, joints["leftHand"]] - where[:, joints["rightHand"]], axis=-1)
    frames, _ = scipy.signal.find_peaks(-apart)
    frames = frames[apart[frames] < _CLAP_METRES]
    back = max(1, round(0.1 * clip.fps))
    speeds = np.array([(apart[max(0, frame - back)] - apart[frame]) / (back / clip.fps) for frame in frames])
    is_fast = speeds >= _CLAP_SPEED
    return frames[is_fast] / clip.fps, speeds[is_fast]
