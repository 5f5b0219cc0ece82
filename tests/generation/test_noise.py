"""The pretrained dancer stays a dancer whatever it hears: upright, on the floor, about where it was."""

import numpy as np
import pytest

from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.generation import SamplingOptions, generate, open_song
from transflower.generation.derived import locked_outputs
from transflower.models import load_model
from transflower.models.pretrained import PRETRAINED
from transflower.motion.kinematics import forward

RATE, SECONDS = 22050, 3
TIMES = np.arange(SECONDS * RATE) / RATE


def noise(random):
    return 0.3 * random.standard_normal(len(TIMES))


def applause(random):
    claps = random.random(len(TIMES)) < 0.01
    return np.convolve(claps, np.exp(-np.arange(600) / 100), "same") * 0.3 * random.standard_normal(len(TIMES))


def distorted_guitar(random):
    return np.tanh(20 * sum(np.sin(2 * np.pi * pitch * TIMES) for pitch in (82.4, 123.5, 164.8)))


def hum_of_full_scale(random):
    return np.sign(np.sin(2 * np.pi * 50 * TIMES))


@pytest.fixture(scope="module")
def dancer():
    return load_model(PRETRAINED)


@pytest.mark.parametrize("sound", [noise, applause, distorted_guitar, hum_of_full_scale])
def test_the_dancer_stays_upright_and_on_the_floor(dancer, tmp_path, sound):
    samples = np.clip(sound(np.random.default_rng(0)), -1, 1).astype(np.float32)
    write_wav(tmp_path / "a.wav", Audio(samples[:, None], RATE))
    song = open_song(dancer, str(tmp_path / "a.wav"))
    drawn = generate(dancer, num_frames=song.frames, inputs=song.inputs, options=SamplingOptions(seed=0), label="")
    (clip,) = locked_outputs(dancer, {name: rows[0] for name, rows in drawn.items()}, None).values()
    positions = forward(clip)[0]
    hips, lowest = positions[:, 0], positions[..., 1].min(axis=1)
    assert 0.7 < hips[:, 1].min() < hips[:, 1].max() < 1.1
    assert -0.03 < lowest.min() < lowest.max() < 0.15
    assert np.linalg.norm(np.diff(hips[:, [0, 2]], axis=0), axis=1).sum() < SECONDS * 0.3
