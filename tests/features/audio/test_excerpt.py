import numpy as np
import pytest

from tests.audio.factories import make_noise
from transflower.audio.audio import Audio
from transflower.features.audio import AudioSettings, extract, names, silence
from transflower.features.audio.beat_times import heard_beats
from transflower.features.audio.excerpt import extract_excerpt

SETTINGS = AudioSettings(mels=8)


@pytest.fixture(scope="module")
def song() -> Audio:
    return make_noise(3.0, seed=1)


def excerpt(song, offset, rows):
    return extract_excerpt([song], SETTINGS, offset=offset, rows=rows)


@pytest.mark.parametrize("offset", (0.0, 0.1, 0.7, 1.0, 2.9))
def test_whole_frames_of_offset_leave_out_so_many_rows(song, offset):
    whole, first = extract(song, SETTINGS), round(offset * 30)
    rows = len(whole) - first
    np.testing.assert_array_equal(excerpt(song, offset, rows), whole[first:])


def test_before_the_song_and_after_it_is_silence(song):
    found = excerpt(song, -4.0, 300)
    assert len(found) == 300
    np.testing.assert_array_equal(found[:88], np.tile(silence(SETTINGS), (88, 1)))
    np.testing.assert_array_equal(found[88:110, :9], np.tile(silence(SETTINGS), (22, 1))[:, :9])
    # The beat that was heard goes on for a while.
    np.testing.assert_array_equal(found[210:, :9], np.tile(silence(SETTINGS), (90, 1))[:, :9])
    # In the first rows the resampler rings before the sound, if there is a before.
    np.testing.assert_allclose(found[123:210, :9], extract(song, SETTINGS)[3:, :9], atol=0.01)


def test_a_quarter_of_an_hour_before_the_song_is_silence(song):
    np.testing.assert_array_equal(excerpt(song, -900.0, 5), np.tile(silence(SETTINGS), (5, 1)))


def test_an_offset_after_the_end_is_silence(song):
    np.testing.assert_array_equal(excerpt(song, 60.0, 5), np.tile(silence(SETTINGS), (5, 1)))


@pytest.mark.parametrize("offset", (0.517, 1.003, -0.49, -2.011))
def test_rows_are_centred_on_the_moment_whatever_part_of_a_frame_the_offset_is(offset):
    samples = np.zeros((72000, 1), np.float32)
    samples[36000:36240] = 1.0  # A click of 10 ms, 1.5 s into the song.
    level = excerpt(Audio(samples, 24000), offset, 120)[:, :8].max(1)
    times = np.arange(120) / 30 + offset
    is_near = np.abs(times - 1.505) < 0.03
    assert is_near.any()
    assert level[is_near].min() > level[~is_near].max()


@pytest.mark.parametrize("offset", (-2.513, 0.0, 0.713))
def test_given_beats_are_seconds_of_the_song(song, offset):
    beats = np.array([0.25, 0.85, 1.45, 2.15, 2.75])
    rows = extract_excerpt([song], SETTINGS, offset=offset, rows=160, beats=beats)
    found = heard_beats(rows, names(SETTINGS), SETTINGS.fps).times + offset
    inside = beats[beats > offset + 0.1]
    assert np.abs(found[:, None] - inside).min(axis=0).max() < 0.005
