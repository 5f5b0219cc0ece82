import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.features.audio.onsets import OnsetEnvelope
from transflower.synthetic.genres import GENRES
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.songs import STYLES
from transflower.synthetic.wide_songs import make_wide_song


@pytest.fixture(scope="module")
def songs():
    return [make_wide_song(seed, 16, genre=genre) for seed, genre in enumerate(GENRES)]


def onsets(song):
    """Strength of the onsets, and how many beats of the music have passed at each."""
    envelope = OnsetEnvelope(SAMPLE_RATE)
    padding = np.zeros(envelope.samples_before, np.float32)
    strength = envelope.strength(np.concatenate([padding, song.audio.mono, padding]))
    seconds = np.arange(len(strength)) / envelope.rate - 0.006
    beats = np.interp(seconds, song.music_beats, np.arange(len(song.music_beats)))
    inside = (seconds > song.music_beats[0] + 0.1) & (seconds < song.music_beats[-1] - 0.1)
    return strength[inside], beats[inside]


def test_sound_begins_on_the_beats_of_every_genre(songs):
    for song in songs:
        strength, beats = onsets(song)
        away = np.abs(beats - np.round(beats)) * np.diff(song.music_beats).mean()
        assert strength[away < 0.025].mean() > 1.5 * strength[away > 0.06].mean(), song.genre


def test_fast_music_is_danced_at_half_its_tempo(songs):
    for song in songs:
        music = 60 / np.diff(song.music_beats).mean()
        assert 57 <= song.tempo <= 138
        halving = 2 if music > 140 else 1
        np.testing.assert_allclose(song.music_beats[::halving], song.beats, atol=1e-9)
    assert sum(len(song.music_beats) > 1.5 * len(song.beats) for song in songs) >= 3


def test_phrases_and_bars_begin_together_where_sections_do(songs):
    for song in songs:
        changes = [0] + [p for p in range(1, len(song.sections)) if song.energies[p] != song.energies[p - 1]]
        for phrase in changes:
            assert np.abs(song.downbeats - song.beats[8 * phrase]).min() < 1e-9, song.genre
    by_genre = {song.genre: song for song in songs}
    for genre, beats in (("waltz", 3), ("ballad_in_6_8", 2), ("drum_and_bass", 2), ("pop", 4)):
        np.testing.assert_array_equal(by_genre[genre].downbeats, by_genre[genre].beats[::beats])


def test_levels_are_those_of_music(songs):
    for song in songs:
        assert np.isfinite(song.audio.samples).all()
        assert 0.1 < np.abs(song.audio.samples).max() <= 1
        assert np.mean(np.abs(song.audio.samples) > 0.999) < 0.01


def test_some_tempi_change_and_others_do_not(songs):
    changes = np.array([np.diff(song.beats).std() / np.diff(song.beats).mean() for song in songs])
    assert 0.2 < np.mean(changes < 1e-6) < 0.8
    assert changes.max() < 0.15


def test_a_song_depends_on_its_seed_alone():
    one, again, other = (make_wide_song(seed, 14) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.audio.samples, again.audio.samples)
    assert (one.genre, one.tempo) != (other.genre, other.tempo)


def test_every_genre_is_danced_as_a_style(songs):
    assert {song.style for song in songs} == set(STYLES)


def test_a_song_shorter_than_a_phrase_is_refused():
    with pytest.raises(DataError, match="too short for one phrase"):
        make_wide_song(0, 3)
