import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.features.moves import encode_moves, learn_moves

FPS, FRAMES = 10.0, 20


def swing(column: int, *, phase: float = 0.0, frames: int = 200) -> np.ndarray:
    """One of three columns swings, the last never moves."""
    dance = np.full((frames, 4), 5.0)
    dance[:, column] += np.sin(2 * np.pi * np.arange(frames) / 10 + phase)
    return dance


def learn(dances, kinds: int = 3):
    return learn_moves(dances, kinds=kinds, frames=FRAMES, fps=FPS, of="motion", seed=0)


@pytest.fixture(scope="module")
def sidecar():
    return learn([swing(column, phase=phase) for column in range(3) for phase in (0.0, 1.0, 2.0)])


def test_each_way_of_moving_is_a_kind_whatever_its_phase(sidecar):
    kinds = [
        {*encode_moves(swing(column, phase=phase), sidecar)[:-FRAMES, 0].tolist()}
        for column in range(3)
        for phase in (0.5, 1.7)
    ]
    assert [len(found) for found in kinds] == [1] * 6
    assert kinds[0] == kinds[1] != kinds[2] == kinds[3] != kinds[4] == kinds[5] != kinds[0]


def test_a_frame_has_the_kind_of_what_comes_after_it(sidecar):
    dance = np.concatenate([swing(0, frames=60), swing(1, frames=60)])
    kinds = encode_moves(dance, sidecar)[:, 0]
    change = int(np.argmax(kinds == encode_moves(swing(1), sidecar)[0, 0]))
    assert 60 - FRAMES < change < 60
    assert (kinds[change : 120 - FRAMES] == kinds[change]).all()


def test_every_frame_has_a_kind_also_in_a_dance_shorter_than_a_window(sidecar):
    kinds = encode_moves(swing(0, frames=3), sidecar)
    assert kinds.shape == (3, 1)
    assert kinds.dtype == np.int64


def test_the_unit_of_a_column_does_not_matter(sidecar):
    unit = np.array([100.0, 0.01, 1.0, 1.0])
    scaled = learn([unit * swing(column, phase=phase) for column in range(3) for phase in (0.0, 1.0, 2.0)])
    named = {
        (int(encode_moves(swing(column), sidecar)[0, 0]), int(encode_moves(unit * swing(column), scaled)[0, 0]))
        for column in range(3)
    }
    assert len({one for one, _ in named}) == len({other for _, other in named}) == 3


def test_too_little_motion_is_refused():
    with pytest.raises(DataError, match="different windows of 20 frames are too few for 50 moves"):
        learn([swing(0, frames=220)], kinds=50)
    with pytest.raises(DataError, match="no column of 'motion' varies"):
        learn([np.ones((100, 3))])
