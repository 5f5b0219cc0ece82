import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest
from safetensors.numpy import load

from tests.features.audio.factories import make_rock
from transflower.features.audio.beat_activations import LATER, SAMPLE_RATE, BeatActivations
from transflower.features.audio.beat_network import WEIGHTS
from transflower.synthetic.songs import make_song

RATE = BeatActivations.RATE
HOP = SAMPLE_RATE // RATE


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (0.1 * random.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


@pytest.mark.parametrize("size", (100, 400, 1777, 24000))
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    sound = noise(3)
    stream = BeatActivations()
    pieces = [stream.push(sound[start : start + size]) for start in range(0, len(sound), size)]
    np.testing.assert_allclose(np.concatenate(pieces), BeatActivations().push(sound), atol=5e-5)


def test_long_sound_is_worked_through_in_pieces_without_a_seam() -> None:
    sound = noise(11)
    stream = BeatActivations()
    halves = np.concatenate([stream.push(sound[:120_123]), stream.push(sound[120_123:])])
    np.testing.assert_allclose(halves, BeatActivations().push(sound), atol=5e-5)


def test_a_stream_continues_from_its_saved_state() -> None:
    sound = noise(4)
    first = BeatActivations()
    first.push(sound[:50_050])
    second = BeatActivations()
    second.push(noise(1, seed=1))
    second.load_state_dict(first.state_dict())
    np.testing.assert_allclose(second.push(sound[50_050:]), first.push(sound[50_050:]), atol=1e-6)


def test_frame_k_is_at_k_over_rate_and_hears_no_later_than_0_08_seconds() -> None:
    sound = noise(3)
    frame = 120
    changed = sound.copy()
    changed[round((frame / RATE + 0.08) * SAMPLE_RATE) :] = 0
    before, after = BeatActivations().push(sound), BeatActivations().push(changed)
    np.testing.assert_allclose(after[: frame + 1], before[: frame + 1], atol=1e-6)
    assert np.abs(after[frame + 3 :] - before[frame + 3 :]).max() > 1e-4
    assert len(before) == (len(sound) - 1024) // HOP + 1 - LATER


def test_silence_before_the_sound_moves_the_frames_and_changes_nothing() -> None:
    sound = noise(2)
    late = BeatActivations().push(np.concatenate([np.zeros(25 * HOP, np.float32), sound]))
    np.testing.assert_allclose(late[25:], BeatActivations().push(sound), atol=5e-5)


def test_there_is_no_beat_in_silence_or_noise() -> None:
    assert BeatActivations().push(np.zeros(5 * SAMPLE_RATE, np.float32)).max() < 0.1
    assert BeatActivations().push(noise(8))[2 * RATE :, 0].mean() < 0.15


@pytest.mark.parametrize("gain", (1.0, 0.05))
def test_beats_of_a_song_stand_out_at_any_level(gain: float) -> None:
    song = make_song(3, 20)
    sound = np.float32(gain) * song.audio.mono
    probability = BeatActivations().push(sound)[:, 0]
    period = 60 / song.tempo
    beats = song.music_beats[(song.music_beats > 4) & (song.music_beats < 19)]
    on, off = (probability[np.rint(times * RATE).astype(int)].mean() for times in (beats, beats + period / 2))
    assert on > 0.5
    assert off < 0.4 * on


def test_downbeats_are_beats_of_higher_downbeat_activation() -> None:
    song = make_song(5, 30)
    activation = BeatActivations().push(song.audio.mono)
    frames = np.rint(song.music_beats[song.music_beats < 29] * RATE).astype(int)
    is_downbeat = np.isin(song.music_beats, song.downbeats)[: len(frames)]
    late = frames > 8 * RATE
    downbeat = activation[frames, 1]
    assert downbeat[is_downbeat & late].mean() > 1.5 * downbeat[~is_downbeat & late].mean()


def test_beats_of_drums_are_found_where_they_are() -> None:
    audio, beats = make_rock(110, 15)
    probability = BeatActivations().push(audio.mono)[:, 0]
    for beat in beats[(beats > 6) & (beats < 14)]:
        near = np.arange(round(beat * RATE) - 5, round(beat * RATE) + 6)
        assert abs(near[probability[near].argmax()] / RATE - beat) < 0.04


def test_the_weights_are_small() -> None:
    data = files("transflower.features.audio").joinpath(WEIGHTS).read_bytes()
    assert len(data) <= 1_000_000
    assert sum(value.size for value in load(data).values()) <= 500_000


def test_neither_torch_nor_scipy_s_signals_are_loaded() -> None:
    code = (
        "import sys, numpy as np; from transflower.features.audio.beat_activations import BeatActivations as B;"
        "B().push(np.zeros(24000, np.float32)); sys.exit('torch' in sys.modules or 'scipy.signal' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
