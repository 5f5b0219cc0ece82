"""What the beat features hear of a song."""

import numpy as np

from transflower.audio.audio import Audio
from transflower.features.audio import AudioSettings, extract, names
from transflower.synthetic.hearing import hand_agreement, is_unsure
from transflower.synthetic.songs import make_song

SETTINGS = AudioSettings()


def test_phrases_of_a_song_have_a_beat_and_those_of_noise_have_none():
    song = make_song(0, 12.0)
    assert not is_unsure(song.audio, song.beats).any()
    noise = 0.1 * np.random.default_rng(0).standard_normal((12 * 24000, 1)).astype(np.float32)
    assert is_unsure(Audio(noise, 24000), song.beats).all()


def test_the_hand_agrees_with_the_beats_of_the_song_and_with_no_others():
    song = make_song(0, 12.0)
    rows = extract(song.audio, SETTINGS)
    between = song.beats + 0.5 * np.diff(song.beats).mean()
    assert hand_agreement(rows, names(SETTINGS), song.beats, SETTINGS.fps) > 0.9
    assert hand_agreement(rows, names(SETTINGS), between, SETTINGS.fps) < 0.1


def test_a_song_without_a_hand_contradicts_nobody():
    silence = np.zeros((300, len(names(SETTINGS))), np.float32)
    assert hand_agreement(silence, names(SETTINGS), np.arange(0.5, 9.5, 0.5), SETTINGS.fps) == 1
