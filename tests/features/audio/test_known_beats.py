import numpy as np
import pytest

from tests.features.audio.factories import BEAT, PHASE, SURE, make_rock, peak_times
from transflower.features.audio import AudioSettings, extract
from transflower.features.audio.known_beats import known_beat_rows


def hand(rows: np.ndarray) -> np.ndarray:
    return rows[:, 1] + 1j * rows[:, 2]


def test_the_hand_is_up_at_every_known_beat() -> None:
    beats = np.array([0.5, 1.1, 1.6, 2.2, 3.0])
    rows = known_beat_rows(beats, num_rows=120, fps=30.0)
    # The tempo changes at beats, so a row near one has the hand at almost the same place.
    at = np.interp(beats, np.arange(120) / 30, np.unwrap(np.angle(hand(rows))) / (2 * np.pi))
    np.testing.assert_allclose(at - at[0], np.arange(5), atol=0.02)
    np.testing.assert_allclose(rows[:, 3], 1, atol=1e-6)
    assert np.abs(peak_times(rows[:, 0], 30)[1:5] - beats[1:]).max() < 0.02


def test_tempo_goes_on_before_the_first_and_after_the_last_beat() -> None:
    rows = known_beat_rows(np.array([2.0, 2.5, 3.1]), num_rows=300, fps=30.0)
    turns = np.diff(np.unwrap(np.angle(hand(rows)))) / (2 * np.pi) * 30
    np.testing.assert_allclose(turns[:55], 1 / 0.5, rtol=1e-4)
    np.testing.assert_allclose(turns[95:], 1 / 0.6, rtol=1e-4)


@pytest.mark.parametrize(("bpm", "danced"), ((100, 100), (140, 140), (150, 75), (200, 100)))
def test_fast_music_is_danced_at_half_its_tempo_from_its_first_beat_on(bpm: float, danced: float) -> None:
    beats = 0.4 + 60 / bpm * np.arange(40)
    rows = known_beat_rows(beats, num_rows=300, fps=30.0)
    turns = np.diff(np.unwrap(np.angle(hand(rows)))) / (2 * np.pi) * 30 * 60
    np.testing.assert_allclose(turns, danced, rtol=1e-4)
    assert np.angle(hand(rows))[12] == pytest.approx(0, abs=1e-4)


def test_features_follow_known_beats_whatever_is_heard() -> None:
    sound, _ = make_rock(120, 6)
    beats = np.arange(0.2, 6, 0.61)
    rows, heard = extract(sound, AudioSettings(), beats=beats), extract(sound, AudioSettings())
    np.testing.assert_array_equal(rows[:, :BEAT], heard[:, :BEAT])
    np.testing.assert_array_equal(rows[:, BEAT:], known_beat_rows(beats, num_rows=len(rows), fps=30.0))
    assert rows[:, SURE].min() == pytest.approx(1)
    assert np.abs(rows[:, PHASE] - heard[:, PHASE]).max() > 0.5
