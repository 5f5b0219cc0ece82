"""Rates of modalities relative to the first output."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.core.errors import OptionsError
from transflower.core.rates import check_source_fps, count_frames, count_positions, frame_of, relative_rates
from transflower.formats.format import ReadOptions

RATES = [Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4)]


@given(rate=st.sampled_from(RATES), positions=st.integers(0, 60))
def test_frames_of_positions_are_those_that_any_of_them_has(rate, positions):
    frames = range(count_frames(positions, rate))
    own = {frame_of(position, rate) for position in range(positions)}
    assert own == set(frames if rate <= 1 else frames[:: int(rate)])
    assert count_positions(len(frames), rate) in range(positions, positions + rate.denominator)


def test_rates_are_read_off_frame_rates():
    assert relative_rates({"tokens": 7.5, "sound": 30.0}, ["tokens"]) == {"tokens": 1, "sound": 4}
    assert relative_rates({"motion": 29.97, "sound": 59.94}, ["motion"]) == {"motion": 1, "sound": 2}


def test_a_slow_modality_has_one_frame_for_several_positions():
    assert relative_rates({"motion": 30.0, "tokens": 7.5}, ["motion"]) == {"motion": 1, "tokens": Fraction(1, 4)}
    assert relative_rates({"motion": None, "tokens": 7.5}, ["motion"]) == {"motion": 1, "tokens": 1}


@pytest.mark.parametrize(
    ("fps", "outputs", "message"),
    (
        ({"motion": 30.0, "sound": 20.0}, ["motion"], "sound has 20 frames per second and motion 30, neither"),
        ({"motion": None, "sound": 30.0, "tokens": 7.5}, ["motion"], "those of motion are not known.*data.fps.motion"),
        ({"motion": 30.0, "tokens": 7.5}, ["motion", "tokens"], "outputs motion and tokens have 30 and 7.5"),
    ),
)
def test_rates_that_do_not_go_together_are_refused_in_one_sentence(fps, outputs, message):
    with pytest.raises(OptionsError, match=message):
        relative_rates(fps, outputs)


@pytest.mark.parametrize("fps", [1e-200, 1e-5, 20_000.0, float("nan"), float("inf")])
def test_frame_rates_that_no_recording_has_are_refused(fps):
    with pytest.raises(OptionsError, match="source_fps must be at least one frame a day and at most 10000"):
        check_source_fps(fps)
    with pytest.raises(OptionsError, match="source_fps"):
        ReadOptions(fps=fps)


@pytest.mark.parametrize("fps", [None, 0.017, 29.97, 1000.0])
def test_frame_rates_of_recordings_are_taken(fps):
    check_source_fps(fps)
