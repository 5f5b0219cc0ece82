import numpy as np

from transflower.features.audio.decaying_sums import decaying_sums


def test_the_past_counts_less_with_each_frame_and_pieces_give_what_the_whole_gives() -> None:
    values = np.array([[1.0, 4.0], [0.0, 2.0], [3.0, 0.0]])
    whole = decaying_sums(values, np.array([8.0, 0.0]), keep=0.5)
    np.testing.assert_array_equal(whole, [[5.0, 4.0], [2.5, 4.0], [4.25, 2.0]])
    np.testing.assert_array_equal(decaying_sums(values[1:], whole[0], keep=0.5), whole[1:])
    assert decaying_sums(values[:0], whole[0], keep=0.5).shape == (0, 2)
