import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.synthetic.curves import Hold, Keys, Pulse, Swing, ease


@given(dwell=st.floats(0, 0.6), beat=st.integers(-16, 24))
def test_keys_are_reached_on_their_beats_and_at_rest(dwell, beat):
    values = [3.0, -1.0, 4.0, 0.5]
    curve = Keys([(0, 3.0), (1, -1.0), (2, 4.0), (3, 0.5)], period=4, dwell=dwell)
    around = curve.at(np.array([beat - 1e-3, beat, beat + 1e-3]))
    assert around == pytest.approx([values[beat % 4]] * 3, abs=1e-5)


def test_keys_between_two_beats_stay_between_their_values():
    curve = Keys([(0, 0.0), (4, 1.0)], period=8)
    values = curve.at(np.linspace(0, 4, 50))
    assert (np.diff(values) >= 0).all()
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize("curve", [Swing(2.0, 4, 1.0), Pulse(2.0, 4, 1.0), Hold(2.0)])
def test_curves_are_largest_at_their_peak_and_repeat(curve):
    beats = np.linspace(0, 4, 81)
    assert curve.at(beats).max() == pytest.approx(curve.at(np.array([1.0]))[0])
    np.testing.assert_allclose(curve.at(beats), curve.at(beats + 4), atol=1e-9)


def test_ease_starts_and_ends_at_rest():
    part = np.array([0.0, 1e-4, 0.5, 1 - 1e-4, 1.0])
    np.testing.assert_allclose(ease(part), [0, 0, 0.5, 1, 1], atol=1e-9)
