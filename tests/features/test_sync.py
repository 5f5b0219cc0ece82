from dataclasses import replace

import numpy as np
import pytest

from tests.audio.factories import make_noise
from tests.motion.factories import make_clip
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.features.sync import ENVELOPE_FPS, beat_shift, clap_shift, motion_shift, onset_envelope, sound_shift
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.synthetic.skeleton import SKELETON

RATE = 16000


def drums(seconds, *, seed=0):
    """Hits at random moments."""
    rng = np.random.default_rng(seed)
    samples = 0.001 * rng.standard_normal((round(seconds * RATE), 1))
    for start in np.sort(rng.uniform(0, seconds - 0.2, round(3 * seconds))):
        first = round(start * RATE)
        samples[first : first + 800] += 0.3 * rng.standard_normal((800, 1)) * np.linspace(1, 0, 800)[:, None]
    return Audio(samples.astype(np.float32), RATE)


@pytest.mark.parametrize("offset", (-2.0, 0.0, 4.73))
def test_a_recording_is_found_in_its_song_through_a_room(tmp_path, offset):
    song = drums(20.0)
    first = round(offset * RATE)
    part = song.samples[max(0, first) : first + 9 * RATE]
    part = np.concatenate([np.zeros((max(0, -first), 1), np.float32), part])
    echo = 0.1 * np.roll(part, 1500, axis=0) + 0.01 * make_noise(len(part) / RATE, RATE).samples[: len(part), :1]
    write_wav(tmp_path / "song.wav", song)
    write_wav(tmp_path / "room.wav", Audio((0.3 * part + echo).astype(np.float32), RATE))
    shift = sound_shift(onset_envelope(tmp_path / "song.wav"), onset_envelope(tmp_path / "room.wav"))
    assert shift.seconds == pytest.approx(offset, abs=0.015)
    assert shift.confidence > 0.3


def test_another_song_is_found_without_confidence(tmp_path):
    write_wav(tmp_path / "song.wav", drums(20.0))
    write_wav(tmp_path / "other.wav", drums(9.0, seed=5))
    shift = sound_shift(onset_envelope(tmp_path / "song.wav"), onset_envelope(tmp_path / "other.wav"))
    assert shift.confidence < 0.15


@pytest.mark.parametrize("shift", (-0.2, 0.0, 0.13))
def test_moments_are_moved_onto_beats(shift):
    rng = np.random.default_rng(0)
    beats = np.cumsum(0.5 + 0.01 * rng.standard_normal(60))
    moments = beats[5:50] - shift + 0.02 * rng.standard_normal(45)
    found = beat_shift(moments, beats)
    assert found.seconds == pytest.approx(shift, abs=0.02)
    assert found.confidence > 0.9


def test_random_moments_have_no_confidence():
    rng = np.random.default_rng(0)
    assert beat_shift(np.sort(rng.uniform(2, 28, 60)), np.arange(0, 30, 0.5)).confidence < 0.2


def clapping(moments, frames=600, fps=60.0):
    """Somebody whose arms hang, and whose hands meet before the chest at some moments."""
    time = np.arange(frames)[:, None] / fps
    close = np.exp(-(((time - np.array(moments)) / 0.08) ** 2)).max(axis=1)
    vectors = np.zeros((frames, SKELETON.num_joints, 3))
    for side, sign in (("Left", 1), ("Right", -1)):
        vectors[:, SKELETON.index(f"{side}Arm"), 1] = -sign * (0.3 + 0.7 * close)
        vectors[:, SKELETON.index(f"{side}ForeArm"), 1] = -sign * (0.2 + 1.4 * close)
    return Clip(SKELETON, fps, rot.from_expmap(vectors), {0: np.tile([0.0, 0.9, 0.0], (frames, 1))})


def test_motion_starts_where_its_clap_is_heard():
    envelope = np.full(1500, 20.0)
    envelope[[400, 450]] = 60.0
    found = clap_shift(envelope, clapping([1.0, 1.5]))
    assert found.seconds == pytest.approx(3.0, abs=1.5 / ENVELOPE_FPS)
    assert found.confidence > 0.3


def test_what_nothing_can_be_found_by_is_told():
    with pytest.raises(DataError, match="nobody claps"):
        clap_shift(np.zeros(1000), clapping([-9.0]))
    with pytest.raises(DataError, match="no two hands"):
        clap_shift(np.zeros(1000), make_clip(40))
    with pytest.raises(DataError, match="shorter than 5 seconds"):
        sound_shift(np.zeros(300), np.zeros(1000))
    with pytest.raises(DataError, match="is silent"):
        sound_shift(np.ones(1000), np.arange(1000.0))
    with pytest.raises(DataError, match="only 2 beats of the motion"):
        beat_shift(np.array([1.0, 2.0]), np.arange(9.0))


def test_a_dance_is_moved_onto_the_beats_of_its_song():
    # Somebody who bounces at 120 beats a minute, and came in 0.1 seconds after a beat.
    clip = make_clip(240, skeleton=SKELETON, degrees=2)
    height = 0.9 - 0.03 * np.cos(2 * np.pi * 2 * (np.arange(240) / 30 + 0.1))
    clip = replace(clip, translations={0: np.stack([0 * height, height, 0 * height], axis=1)})
    shift = motion_shift(clip, np.arange(0, 9, 0.5))
    assert shift.seconds == pytest.approx(0.1, abs=0.01)
    assert shift.confidence > 0.9
