import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from transflower.generation.timeline import Timeline

KNOWN = np.array([[10.0], [11.0], [12.0]], np.float32)


def column(line: Timeline, start: int, stop: int) -> list[float]:
    return line.read(start, stop)[0, :, 0].tolist()


def test_frames_that_are_not_known_are_filled():
    line = Timeline(range(-2, 5), KNOWN, fill=np.array([7.0]))
    assert column(line, -2, 5) == [7, 7, 10, 11, 12, 7, 7]


def test_without_a_row_to_fill_with_the_nearest_known_one_is_repeated():
    assert column(Timeline(range(-2, 5), KNOWN), -2, 5) == [10, 10, 10, 11, 12, 12, 12]


@given(start=st.integers(-9, 9), length=st.integers(1, 9), first=st.integers(-5, 5))
def test_every_stretch_shows_the_same_frames(start, length, first):
    line = Timeline(range(start, start + length), KNOWN, first=first, fill=np.array([-1.0]))
    wanted = [KNOWN[f - first, 0] if 0 <= f - first < 3 else -1 for f in range(start, start + length)]
    assert column(line, start, start + length) == wanted


def test_dancers_write_their_own_rows_and_leave_what_they_were_made_of_alone():
    known = KNOWN.copy()
    line = Timeline(range(-3, 2), known, first=-3, dancers=2)
    line.write(0, torch.tensor([[1.0], [2.0]]))
    line.write(-1, torch.tensor([[3.0], [4.0]]))
    assert line.read(-2, 1)[..., 0].tolist() == [[11, 3, 1], [11, 4, 2]]
    np.testing.assert_array_equal(known, KNOWN)
