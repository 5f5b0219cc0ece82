import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.features.motion.rot6d import Rotation6D
from transflower.motion import rotations as rot


@given(seed=st.integers(0, 2**16), lengths=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), lean=st.floats(-5, 5))
def test_lengths_and_a_lean_of_y_towards_x_do_not_matter(seed, lengths, lean):
    rotations = rot.from_expmap(np.random.default_rng(seed).normal(size=(4, 2, 3)))
    columns = Rotation6D().encode(rotations, np.zeros((2, 6)))
    columns[..., 3:] += lean * columns[..., :3]
    columns[..., :3] *= lengths[0]
    columns[..., 3:] *= lengths[1]
    assert rot.angle_between(Rotation6D().decode(columns), rotations).max() < 1e-5


@pytest.mark.parametrize(
    "columns",
    [(0, 0, 0, 0, 0, 0), (1, 0, 0, 2, 0, 0), (0, 0, 0, 1, 0, 0), (0, 3, 0, 0, 0, 0), (0, 1, 0, 0, -1e-9, 0)],
)
def test_axes_that_say_nothing_still_give_a_rotation(columns):
    decoded = Rotation6D().decode(np.array(columns, float).reshape(1, 1, 6))
    np.testing.assert_allclose(np.linalg.norm(decoded), 1)


def test_absent_columns_are_no_rotation():
    decoded = Rotation6D().decode(np.array(Rotation6D.rest).reshape(1, 1, 6))
    np.testing.assert_allclose(decoded, rot.identity(1, 1), atol=1e-12)
