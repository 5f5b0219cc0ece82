import json

import numpy as np
import pytest

from transflower.core.errors import FormatError
from transflower.core.files import write_json
from transflower.synthetic.ground_truth import (
    MOVE_NAMES,
    GroundTruth,
    draw_moves,
    move_probabilities,
    phrase_probabilities,
)
from transflower.synthetic.songs import STYLES

GROUND_TRUTH = GroundTruth(
    style="house",
    tempo=120.0,
    beats=tuple((0.5 + 0.5 * np.arange(16)).tolist()),
    sections=("intro", "verse"),
    energies=(0.2, 0.5),
    moves=("walk", "groove"),
    mirrored=(False, True),
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("energy", [0.0, 0.3, 0.5, 1.0])
def test_probabilities_sum_to_one_and_leave_no_move_out(style, energy):
    probabilities = move_probabilities(style, energy)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities.min() >= 0.03 / 24


def test_the_law_listens_to_style_and_energy():
    def chance(move, style, energy):
        return move_probabilities(style, energy)[MOVE_NAMES.index(move)]

    assert chance("mambo", "latin", 0.5) > 4 * chance("mambo", "hiphop", 0.5)
    assert chance("jump_out", "house", 1.0) > 4 * chance("jump_out", "house", 0.3)


def test_moves_are_drawn_with_the_probabilities_of_the_law():
    energies = [0.5] * 6000
    drawn = draw_moves("funk", energies, np.random.default_rng(0))
    counts = np.array([drawn.count(name) for name in MOVE_NAMES])
    expected = 6000 * move_probabilities("funk", 0.5)
    # Chi-squared with 23 degrees of freedom exceeds 50 once in a thousand times.
    assert ((counts - expected) ** 2 / expected).sum() < 50


def test_phrases_have_a_row_each():
    rows = phrase_probabilities("latin", (0.2, 0.9))
    np.testing.assert_array_equal(rows[1], move_probabilities("latin", 0.9))


def test_truth_survives_its_file(tmp_path):
    write_json(tmp_path / "a.truth.json", GROUND_TRUTH.to_dict())
    assert GroundTruth.read(tmp_path / "a.truth.json") == GROUND_TRUTH


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[]", "is not the ground truth"),
        ("3", "is not the ground truth"),
        ('{"style": "house"}', "is not the ground truth"),
        (json.dumps(GROUND_TRUTH.to_dict() | {"moves": ["walk", "moonwalk"]}), "moonwalk"),
        (json.dumps(GROUND_TRUTH.to_dict() | {"moves": 3}), "wrong kind: moves"),
        (json.dumps(GROUND_TRUTH.to_dict() | {"tempo": "fast"}), "wrong kind: tempo"),
    ],
)
def test_a_file_that_is_no_truth_is_named(tmp_path, text, message):
    path = tmp_path / "bad.truth.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        GroundTruth.read(path)
    assert str(path) in str(caught.value)


def test_a_missing_truth_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"nowhere\.truth\.json"):
        GroundTruth.read(tmp_path / "nowhere.truth.json")
