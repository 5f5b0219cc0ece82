import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.factories import make_noise
from transflower.audio.resampling import Resampler


@given(rate=st.sampled_from((8000, 11025, 24000, 44100, 48000)), sizes=st.lists(st.integers(0, 3000), max_size=8))
def test_pieces_give_the_same_samples_as_the_whole(rate: int, sizes: list[int]) -> None:
    sound = make_noise(0.5, rate, channels=1).mono
    whole = Resampler(rate, 24000).push(sound, last=True)
    pieces = np.split(sound, np.cumsum(sizes).clip(max=len(sound)))
    stream = Resampler(rate, 24000)
    resampled = [stream.push(piece) for piece in pieces] + [stream.push(sound[:0], last=True)]
    np.testing.assert_array_equal(np.concatenate(resampled), whole)


@pytest.mark.parametrize("rate", (11025, 44100, 48000, 96000))
def test_sine_stays_in_place(rate: int) -> None:
    wave = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    resampled = Resampler(rate, 24000).push(wave, last=True)
    assert len(resampled) == 24000
    expected = np.sin(2 * np.pi * 440 * np.arange(24000) / 24000)
    np.testing.assert_allclose(resampled[2400:-2400], expected[2400:-2400], atol=1e-4)


def test_equal_rates_change_nothing() -> None:
    sound = make_noise(0.1, 24000, channels=1).mono
    np.testing.assert_array_equal(Resampler(24000, 24000).push(sound, last=True), sound)


@given(rate=st.sampled_from((8000, 11025, 24000, 44100, 44101)), cut=st.integers(0, 80_000), more=st.integers(1, 2000))
def test_a_restored_resampler_goes_on_where_the_other_was(rate: int, cut: int, more: int) -> None:
    sound = make_noise(2.0, rate, channels=1).mono
    one, other = Resampler(rate, 24000), Resampler(rate, 24000)
    one.push(sound[:cut])
    other.load_state_dict(one.state_dict())
    pieces = sound[cut : cut + more], sound[cut + more :]
    expected = np.concatenate([one.push(pieces[0]), one.push(pieces[1], last=True)])
    found = np.concatenate([other.push(pieces[0]), other.push(pieces[1], last=True)])
    np.testing.assert_allclose(found, expected, atol=1e-5)
