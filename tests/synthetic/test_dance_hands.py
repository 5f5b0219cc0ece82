import numpy as np
import pytest

from transflower.synthetic.dance_hands import turn_hands

FPS = 30.0
NAMES = ("mel_00", "onset", "beat", "beat_cos", "beat_sin", "beat_sure")
BEATS = 0.4 + 0.7 * np.arange(60)
SECONDS = np.arange(1200) / FPS


def rows_of(opposes: np.ndarray) -> np.ndarray:
    """Features whose hand follows the beats, or those half way between them."""
    phase = (SECONDS - BEATS[0]) / 0.7 + 0.5 * opposes
    hand = 0.8 * np.exp(2j * np.pi * phase)
    away = 0.7 * (phase - np.round(phase))
    beat = 0.8 * np.exp(-0.5 * (away / 0.025) ** 2)
    other = np.random.default_rng(0).standard_normal((len(SECONDS), 2))
    return np.column_stack([other, beat, hand.real, hand.imag, np.full(len(SECONDS), 0.8)]).astype(np.float32)


def test_a_hand_on_the_beats_of_the_dance_stays():
    rows = rows_of(np.zeros(1200))
    np.testing.assert_array_equal(turn_hands(rows, NAMES, BEATS, FPS), rows)


def test_a_hand_between_the_beats_is_turned_to_them():
    turned = turn_hands(rows_of(np.ones(1200)), NAMES, BEATS, FPS)
    np.testing.assert_allclose(turned, rows_of(np.zeros(1200)), atol=1e-3)


def test_a_hand_that_slips_in_the_middle_is_turned_after_it():
    turned = turn_hands(rows_of(SECONDS > 20), NAMES, BEATS, FPS)
    wanted = rows_of(np.zeros(1200))
    away = np.abs(SECONDS - 20) > 1.5
    np.testing.assert_allclose(turned[away], wanted[away], atol=1e-3)


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_slip_for_a_moment_stays(seconds):
    rows = rows_of((SECONDS > 20) & (20 + seconds > SECONDS))
    np.testing.assert_array_equal(turn_hands(rows, NAMES, BEATS, FPS), rows)


def test_a_hand_that_says_nothing_stays():
    rows = rows_of(np.ones(1200))
    rows[:, 2:] = 0
    np.testing.assert_array_equal(turn_hands(rows, NAMES, BEATS, FPS), rows)


def test_a_hand_of_another_tempo_stays():
    rows = rows_of(np.zeros(1200))
    hand = np.exp(2j * np.pi * SECONDS / 0.35)
    rows[:, 3], rows[:, 4] = hand.real, hand.imag
    np.testing.assert_array_equal(turn_hands(rows, NAMES, BEATS, FPS), rows)
