"""The one window formula and the leak check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_rates import RATES
from transflower.core.errors import OptionsError
from transflower.core.rates import count_frames, frame_of
from transflower.core.spans import Span, alignment, check_no_leak, count_windows, first_window, shortest_sequence

SPANS = st.builds(Span, start=st.integers(-20, 20), length=st.integers(1, 20))
PAPER = {
    "motion": Span(start=0, length=120),
    "audio": Span(start=0, length=140),
    "target": Span(start=120, length=3),
}


def test_the_papers_windows_of_1200_frames_are_1061():
    assert count_windows(1200, list(PAPER.values())) == 1061


def test_moglow_holds_119_frames_of_music_and_60_positions():
    music, target = Span(start=0, length=80), Span(start=70, length=1)
    assert music.extended(60) == Span(start=0, length=139)
    assert target.extended(60).length == 60
    assert count_windows(139, [music.extended(60), target.extended(60)]) == 1


@given(st.lists(SPANS, min_size=1, max_size=4), st.integers(0, 60))
def test_windows_are_counted_as_by_trying_every_origin(spans, num_frames):
    tried = sum(
        all(origin + span.start >= 0 and origin + span.stop <= num_frames for span in spans)
        for origin in range(-100, 100)
    )
    assert count_windows(num_frames, spans) == tried


@given(SPANS, st.integers(-30, 30), st.integers(1, 30))
def test_moved_spans_hold_as_many_windows(span, frames, num_frames):
    assert count_windows(num_frames, [span.shifted(frames)]) == count_windows(num_frames, [span])


@given(SPANS, SPANS)
def test_spans_overlap_when_they_share_a_frame(one, other):
    shared = set(range(one.start, one.stop)) & set(range(other.start, other.stop))
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)


@given(SPANS, st.integers(1, 20))
def test_an_extended_span_covers_all_its_positions(span, positions):
    frames = {frame for moved in range(positions) for frame in range(span.start + moved, span.stop + moved)}
    extended = span.extended(positions)
    assert frames == set(range(extended.start, extended.stop))


AT_RATES = st.builds(Span, start=st.integers(-9, 9), length=st.integers(1, 6), rate=st.sampled_from(RATES))


@given(AT_RATES, st.integers(1, 8))
def test_an_extended_span_covers_the_frames_of_all_positions_of_an_aligned_window(span, rounds):
    positions = rounds * span.rate.denominator
    frames = {frame_of(position, span.rate) + span.start + near for position in range(positions) for near in range(6)}
    extended = span.extended(positions)
    assert extended.start == min(frames)
    assert extended.stop == frame_of(positions - 1, span.rate) + span.stop


@given(st.lists(AT_RATES, min_size=1, max_size=3), st.integers(0, 60))
def test_windows_at_several_rates_are_counted_as_by_trying_every_aligned_origin(spans, num_positions):
    step = alignment(spans)
    tried = [
        origin
        for origin in range(-120, 120, step)
        if all(
            frame_of(origin, span.rate) + span.start >= 0
            and frame_of(origin, span.rate) + span.stop <= count_frames(num_positions, span.rate)
            for span in spans
        )
    ]
    assert count_windows(num_positions, spans) == len(tried)
    assert not tried or first_window(spans) == tried[0]
    shortest = shortest_sequence(spans)
    assert count_windows(shortest, spans) == 1
    assert count_windows(shortest - 1, spans) == 0


@pytest.mark.parametrize("length", [0, -1])
def test_a_span_without_frames_is_refused(length):
    with pytest.raises(OptionsError, match=f"at least 1 frame, got length {length}"):
        Span(start=0, length=length)


def test_an_input_that_shows_its_own_target_is_refused_by_name():
    with pytest.raises(OptionsError, match=r"'motion' shows frames \[0, 121\).*\[120, 123\)"):
        check_no_leak({"motion": Span(start=0, length=121)}, {"motion": Span(start=120, length=3)})


def test_inputs_up_to_the_target_and_other_modalities_are_fine():
    check_no_leak(
        {"motion": Span(start=0, length=120), "audio": Span(start=0, length=140)}, {"motion": Span(start=120, length=3)}
    )
