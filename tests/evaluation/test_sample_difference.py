import numpy as np
import pytest

from tests.models.factories import CONSTANT, MOTION, tiny_model
from transflower.evaluation.sample_difference import difference


def test_difference_counts_in_standard_deviations_of_the_columns_that_vary():
    model, dance = tiny_model(), np.zeros((2, 6, MOTION), np.float32)
    moved = dance.copy()
    moved[..., np.arange(MOTION) != CONSTANT] = 3 * model.scaling("motion").std
    moved[..., CONSTANT] = 1e6
    assert difference(model, {"motion": dance}, {"motion": dance}) == 0
    assert difference(model, {"motion": dance}, {"motion": moved}) == pytest.approx(3)


def test_difference_is_that_of_the_frames_that_both_have():
    model, dance = tiny_model(), np.zeros((1, 6, MOTION), np.float32)
    longer = np.concatenate([dance, dance + 9], axis=1)
    assert difference(model, {"motion": longer}, {"motion": dance}) == 0
