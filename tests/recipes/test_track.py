"""Beats that two trackers agree on."""

import numpy as np
import pytest

from recipes.dancer.track import agreement

BEATS = 0.5 + 0.6 * np.arange(50)


@pytest.mark.parametrize("others", [BEATS, BEATS + 0.04, BEATS[1::2], np.sort(np.concatenate([BEATS, BEATS + 0.3]))])
def test_trackers_agree_at_a_fixed_phase_and_in_other_octaves(others):
    assert agreement(BEATS, others) > 0.98


@pytest.mark.parametrize("others", [0.5 + 0.55 * np.arange(50), np.array([1.0]), np.zeros(0)])
def test_trackers_of_other_tempi_or_without_beats_do_not_agree(others):
    assert agreement(BEATS, others) < 0.3
