import numpy as np
import pytest

from transflower.synthetic.beat_grid import RegularGrid, WarpedGrid

TIMES = np.array([0.5, 1.0, 1.6, 2.0])


@pytest.mark.parametrize("grid", [RegularGrid(0.5, 0.5), WarpedGrid(TIMES)])
def test_seconds_and_beats_undo_each_other(grid):
    for beat, more in ((0, 0.0), (1, 0.25), (2, 0.9), (9, 0.5), (-3, 0.0)):
        assert grid.beats(np.array([grid.seconds(beat, more)]))[0] == pytest.approx(beat + more)


def test_a_beat_is_divided_evenly_and_the_last_tempo_goes_on():
    grid = WarpedGrid(TIMES)
    assert [grid.seconds(1, part) for part in (0.0, 0.5, 1.0)] == pytest.approx([1.0, 1.3, 1.6])
    assert grid.seconds(5, 0.0) == pytest.approx(2.8)
    assert grid.seconds(-2, 0.0) == pytest.approx(-0.5)
