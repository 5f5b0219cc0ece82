import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.synthetic.arrangement import ARRANGEMENTS
from transflower.synthetic.instruments import SAMPLE_RATE, drum, note
from transflower.synthetic.songs import STYLES, make_song


@pytest.fixture(scope="module", params=STYLES)
def song(request):
    return make_song(3, 30, style=request.param)


def phrase_samples(song, phrase):
    start, stop = song.beats[[8 * phrase, 8 * phrase + 8]]
    return song.audio.mono[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)]


def test_a_song_has_the_length_tempo_and_beats_that_it_says(song):
    slowest, fastest = ARRANGEMENTS[song.style].tempo
    assert song.seconds == pytest.approx(30)
    assert slowest <= song.tempo <= fastest
    np.testing.assert_allclose(np.diff(song.beats), 60 / song.tempo)
    assert 0.4 <= song.beats[0] <= 0.8
    assert song.beats[-1] < 30 <= song.beats[-1] + 60 / song.tempo + 1e-6
    np.testing.assert_allclose(np.diff(song.downbeats), 240 / song.tempo)
    assert len(song.sections) == len(song.energies) == int(np.ceil(len(song.beats) / 8))


def test_hardly_anything_sounds_before_the_first_beat_and_something_right_on_it(song):
    first = round(song.beats[0] * SAMPLE_RATE)
    before = np.abs(song.audio.mono[: first - round(0.05 * SAMPLE_RATE)]).max()
    assert np.abs(song.audio.mono[first : first + round(0.03 * SAMPLE_RATE)]).max() > 4 * before


def test_samples_are_finite_and_do_not_clip(song):
    assert np.isfinite(song.audio.samples).all()
    assert 0.2 < np.abs(song.audio.samples).max() <= 1


def test_sound_begins_more_often_on_beats_than_between(song):
    hop = 256
    frames = np.lib.stride_tricks.sliding_window_view(song.audio.mono, 512)[::hop]
    spectrum = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(512))))
    onset = np.maximum(np.diff(spectrum, axis=0), 0).sum(axis=1)
    times = (np.arange(len(onset)) * hop + hop + 256) / SAMPLE_RATE
    phase = ((times - song.beats[0]) * song.tempo / 60) % 1
    on_beat = onset[(phase < 0.08) | (phase > 0.92)].mean()
    assert on_beat > 1.5 * onset.mean()


def test_lively_phrases_are_louder_than_calm_ones():
    for seed in range(4):
        song = make_song(seed, 60)
        whole = len(song.beats) // 8 - 1
        loudness = [np.sqrt(np.mean(phrase_samples(song, phrase) ** 2)) for phrase in range(whole)]
        energies = song.energies[:whole]
        assert loudness[np.argmax(energies)] > 1.1 * loudness[np.argmin(energies)]


def test_the_same_seed_plays_the_same_song_and_seeds_differ():
    one, again, other = make_song(1, 12), make_song(1, 12), make_song(2, 12)
    np.testing.assert_array_equal(one.audio.samples, again.audio.samples)
    assert (one.tempo, one.energies) == (again.tempo, again.energies)
    assert one.tempo != other.tempo


def test_seeds_give_all_styles_and_kinds_of_section():
    songs = [make_song(seed, 30) for seed in range(12)]
    assert {song.style for song in songs} == set(STYLES)
    assert {section for song in songs for section in song.sections} == {"intro", "verse", "chorus", "break"}


@pytest.mark.parametrize("seconds", [0.0, 1.0, 4.0, -3.0])
def test_a_song_shorter_than_a_phrase_is_refused(seconds):
    with pytest.raises(DataError, match="too short for one phrase"):
        make_song(0, seconds)


def test_sounds_start_at_once_and_end_in_silence():
    for name in ("kick", "snare", "clap", "hat", "open_hat", "conga_low", "cowbell"):
        sound = drum(name)
        assert np.abs(sound[: round(0.01 * SAMPLE_RATE)]).max() > 0.05, name
        assert np.abs(sound[-20:]).max() < 0.06, name
    bass = note("bass", 40, 0.3)
    assert np.abs(bass[-1]) < 1e-3
