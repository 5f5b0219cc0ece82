import numpy as np
import pytest

from transflower.core.errors import DataError
from transflower.evaluation.move_coverage import move_coverage, total_variation
from transflower.evaluation.move_recognition import UNRECOGNISED
from transflower.synthetic.ground_truth import move_probabilities


def test_coverage_of_dances_from_the_true_distribution_is_as_good_as_chance_allows():
    rng = np.random.default_rng(0)
    probabilities = np.tile(move_probabilities("house", 0.6), (40, 1))
    danced = [np.repeat(rng.choice(24, size=40, p=probabilities[0]), 2) for _ in range(20)]
    result = move_coverage(danced, [probabilities] * 20)
    assert result.moves_seen >= 22
    assert result.total_variation == pytest.approx(result.total_variation_by_chance, abs=0.03)
    assert result.unrecognised_share == 0
    assert sum(result.frequencies.values()) == pytest.approx(1)
    assert sum(result.expected.values()) == pytest.approx(1)


def test_coverage_shows_a_collapse_and_unrecognised_bars():
    probabilities = np.tile(move_probabilities("house", 0.6), (10, 1))
    result = move_coverage([np.array([3] * 15 + [UNRECOGNISED] * 5)], [probabilities])
    assert result.moves_seen == 1
    assert result.unrecognised_share == 0.25
    assert result.total_variation > 0.8 > result.total_variation_by_chance
    assert move_coverage([np.full(20, UNRECOGNISED)], [probabilities]).total_variation == 1


def test_coverage_counts_move_changes_at_phrase_ends():
    even = np.ones((4, 24)) / 24
    always_the_same, always_another = np.full(8, 3), np.repeat([3, 4, 5, 6], 2)
    assert move_coverage([always_the_same], [even]).changes == 0
    assert move_coverage([always_another], [even]).changes == 1
    assert move_coverage([always_the_same, always_another], [even, even]).changes == 0.5
    assert move_coverage([always_another], [even]).expected_changes == pytest.approx(23 / 24)
    certain = np.eye(24)[[3, 3, 5, 5]]
    assert move_coverage([always_the_same], [certain]).expected_changes == pytest.approx(1 / 3)


def test_coverage_counts_no_change_to_or_from_unrecognised_bars():
    even = np.ones((4, 24)) / 24
    assert move_coverage([np.array([3, 3, UNRECOGNISED, 4, 4, 4, 4, UNRECOGNISED])], [even]).changes == 0
    assert np.isnan(move_coverage([np.array([3, UNRECOGNISED, 4, 4])], [even]).changes)
    assert np.isnan(move_coverage([np.array([3, 3])], [even]).expected_changes)


@pytest.mark.parametrize("danced", [[], [np.zeros(0, int)]])
def test_coverage_needs_a_bar(danced):
    with pytest.raises(DataError, match="no whole bar"):
        move_coverage(danced, [np.ones((1, 24)) / 24] * len(danced))


def test_the_distance_of_distributions_is_taken_of_many_at_once():
    shares, expected = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0]]), np.array([[0.5, 0.5]] * 3)
    assert total_variation(shares, expected).tolist() == [0.5, 0.0, 1.0]
