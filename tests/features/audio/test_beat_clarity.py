import numpy as np
import pytest

from transflower.features.audio.beat_clarity import BeatClarity, whole_song_clarity
from transflower.features.audio.beat_states import RATE

FRAMES = np.arange(12 * RATE)
HAND = np.exp(2j * np.pi * FRAMES / RATE * 100 / 60)


def network(at_beats: float, at_halves: float, between: float = 0.05) -> np.ndarray:
    """Probabilities that a network might give for beats of 100 a minute."""
    turn = np.angle(HAND) / (2 * np.pi)
    probability = np.full(len(FRAMES), between)
    probability[np.abs(turn) < 0.03] = at_beats
    probability[np.abs(turn) > 0.47] = at_halves
    return probability


@pytest.mark.parametrize(("at_beats", "at_halves", "expected"), [(0.6, 0.05, 1.0), (0.05, 0.6, 1.0), (0.09, 0.08, 0.0)])
def test_music_is_clear_on_the_beat_or_off_it_and_noise_is_not(at_beats, at_halves, expected):
    probability = network(at_beats, at_halves)
    assert BeatClarity().push(HAND, probability)[-1] == pytest.approx(expected, abs=0.02)
    assert whole_song_clarity(HAND, probability)[[0, 300, -1]] == pytest.approx(expected, abs=0.02)


def test_before_anything_is_heard_nothing_is_clear_and_a_break_changes_nothing():
    probability = network(0.6, 0.05)
    probability[: 2 * RATE] = np.nan
    probability[8 * RATE :] = np.nan
    clarity = BeatClarity().push(HAND, probability)
    assert clarity[: 2 * RATE].max() == 0
    assert clarity[8 * RATE :].min() > 0.9
    assert whole_song_clarity(HAND, probability)[[0, -1]].min() > 0.9


def test_pieces_give_what_the_whole_gives_and_a_state_continues():
    probability, whole, pieces = network(0.2, 0.05), BeatClarity(), BeatClarity()
    found = []
    for piece in np.split(FRAMES, [1, 50, 51, 400]):
        found.append(pieces.push(HAND[piece], probability[piece]))
        state, pieces = pieces.state_dict(), BeatClarity()
        pieces.load_state_dict(state)
    np.testing.assert_allclose(np.concatenate(found), whole.push(HAND, probability), rtol=1e-12)
