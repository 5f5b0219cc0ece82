import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audio.factories import make_noise
from tests.examples import examples
from transflower.audio.audio import mix_down
from transflower.audio.mixing import Mixer

RATE = 8000


def mixed(samples: np.ndarray) -> np.ndarray:
    return Mixer(RATE).push(samples.astype(np.float32))


def level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples[RATE // 4 :].astype(np.float64) ** 2)))


@pytest.mark.parametrize("channels", (1, 2, 6))
def test_music_is_mixed_to_the_mean(channels: int) -> None:
    samples = make_noise(1.0, RATE, channels).samples
    np.testing.assert_array_equal(mixed(samples), samples[:, 0] if channels == 1 else mix_down(samples))


@pytest.mark.parametrize(
    "gains",
    ((1, -1), (-1, 1), (1, -0.9), (0.3, -0.3), (1, -1, 0, 0, 0, 0), (1, 1, -1, -1)),
    ids=("opposite", "other", "almost", "quiet", "surround", "pairs"),
)
def test_channels_in_opposite_phase_do_not_cancel(gains: tuple[float, ...]) -> None:
    one = make_noise(1.0, RATE, 1).samples
    samples = one * np.array(gains)
    loudness = np.abs(gains).mean() * level(one)
    assert level(mix_down(samples.astype(np.float32))) < 0.2 * loudness
    assert level(mixed(samples)) == pytest.approx(loudness, rel=1e-3)


def test_a_stereo_song_whose_one_side_was_swapped_keeps_its_middle() -> None:
    middle, side = make_noise(1.0, RATE, 1).samples[:, 0], 0.25 * make_noise(1.0, RATE, 1, seed=1).samples[:, 0]
    swapped = np.stack([middle + side, side - middle], axis=1)
    np.testing.assert_allclose(mixed(swapped)[RATE // 4 :], middle[RATE // 4 :], atol=1e-6)


def test_wide_music_that_does_not_cancel_stays_the_mean() -> None:
    left, right = make_noise(1.0, RATE, 2).samples.T
    wide = np.stack([left - 0.3 * right, right - 0.3 * left], axis=1)
    np.testing.assert_array_equal(mixed(wide), mix_down(wide))


def test_from_one_mix_to_the_other_there_is_no_click() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 100 * np.arange(6 * RATE) / RATE)).astype(np.float32)
    is_swapped = (np.arange(len(tone)) >= 2 * RATE) & (np.arange(len(tone)) < 4 * RATE)
    mono = mixed(np.stack([tone, np.where(is_swapped, -tone, tone)], axis=1))
    assert np.abs(np.diff(mono)).max() < 0.06  # the tone itself has steps of 0.04
    assert level(mono[3 * RATE : 4 * RATE]) == pytest.approx(level(tone), rel=0.02)
    np.testing.assert_array_equal(mono[5 * RATE :], tone[5 * RATE :])


def test_silence_and_dither_change_nothing() -> None:
    dither = make_noise(1.0, RATE, 1).samples * 1e-5
    samples = np.concatenate([dither * [1, -1], make_noise(0.5, RATE, 2).samples]).astype(np.float32)
    np.testing.assert_array_equal(mixed(samples), mix_down(samples))


@settings(max_examples=examples(25))
@given(
    sizes=st.lists(st.integers(0, 3000), max_size=8),
    gains=st.sampled_from([(1, -1), (1, 1), (1, -1, 0.2)]),
    saved=st.integers(0, 8),
)
def test_pieces_are_mixed_as_the_whole(sizes: list[int], gains: tuple[float, ...], saved: int) -> None:
    one = make_noise(1.0, RATE, 1).samples
    samples = (one * np.where(np.arange(RATE)[:, None] < 0.6 * RATE, gains, 1)).astype(np.float32)
    mixer, rows = Mixer(RATE), []
    for index, piece in enumerate(np.split(samples, np.cumsum(sizes).clip(max=len(samples)))):
        if index == saved:
            state = mixer.state_dict()
            mixer = Mixer(RATE)
            mixer.load_state_dict(state)
        rows.append(mixer.push(piece))
    np.testing.assert_allclose(np.concatenate(rows), mixed(samples), atol=1e-6)
