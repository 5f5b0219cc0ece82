import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generation.factories import copy_model
from transflower.core.errors import ModelError
from transflower.generation.conditions import fit_inputs, fit_prompt, rows_at
from transflower.models import InputConfig, OutputConfig

GOOD = {
    "audio": np.zeros((9, 2)),
    "style": np.array([[2]]),
    "who": np.zeros((3, 1)),
}


def model():
    return copy_model(
        {
            "audio": InputConfig(length=4),
            "style": InputConfig(mode="tile", kind="categorical"),
            "who": InputConfig(length=3, mode="single"),
            "motion": InputConfig(offset=-1),
        },
        {"motion": OutputConfig(), "light": OutputConfig()},
        rows={"audio": 0},
        dims={"audio": 2},
        num_classes=3,
    )


def test_conditions_are_cast_to_what_the_model_reads_and_others_left_out():
    fitted = fit_inputs(model(), {**GOOD, "motion": np.zeros((9, 1)), "more": np.zeros(())})
    assert {name: rows.dtype.name for name, rows in fitted.items()} == {
        "audio": "float32",
        "style": "int64",
        "who": "float32",
    }


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("audio", None, "the model also reads audio; give an array"),
        ("audio", np.zeros(9), r"'audio' has shape \[9\], the model reads \[frames, 2\]"),
        ("audio", np.zeros((9, 3)), r"'audio' has shape \[9, 3\]"),
        ("audio", np.zeros((0, 2)), "'audio' has no frames"),
        ("audio", np.array([[0, 0], [0, np.nan]]), "'audio' is nan in frame 1, column 1, not a finite number"),
        ("audio", np.array([[0, 0], [0, np.inf]]), "'audio' is inf in frame 1"),
        ("style", np.array([[3]]), "'style' is 3 in frame 0, column 0, not a class from 0 to 2"),
        ("style", np.array([[0.5]]), "'style' is 0.5"),
        ("style", np.array([[-1]]), "'style' is -1"),
        ("style", np.array([[0], [0]]), "'style' has 2 rows, the model reads 1"),
        ("who", np.zeros((2, 1)), "'who' has 2 rows, the model reads 3"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(name, rows, message):
    inputs = {key: value for key, value in {**GOOD, name: rows}.items() if value is not None}
    with pytest.raises(ModelError, match=message):
        fit_inputs(model(), inputs)


@pytest.mark.parametrize("name", ["audio", "light", "nothing"])
def test_only_outputs_that_are_inputs_can_be_prompted(name):
    with pytest.raises(ModelError, match=f"{name!r}, so it cannot go on"):
        fit_prompt(model(), {name: np.zeros((3, 1))})


def test_seeds_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match=r"'motion' has shape \[3, 2\], the model reads \[frames, 1\]"):
        fit_prompt(model(), {"motion": np.zeros((3, 2))})


KNOWN = np.array([[10.0], [11.0], [12.0]], np.float32)


def test_frames_that_are_not_known_are_filled():
    rows = rows_at(range(-2, 5), KNOWN, first=0, fill=np.array([7.0]))
    assert rows[:, 0].tolist() == [7, 7, 10, 11, 12, 7, 7]


def test_without_a_row_to_fill_with_the_nearest_known_one_is_repeated():
    assert rows_at(range(-2, 5), KNOWN, first=0, fill=None)[:, 0].tolist() == [10, 10, 10, 11, 12, 12, 12]


@given(start=st.integers(-9, 9), length=st.integers(1, 9), first=st.integers(-5, 5))
def test_every_stretch_shows_the_same_frames_and_leaves_what_is_known_alone(start, length, first):
    known = KNOWN.copy()
    rows = rows_at(range(start, start + length), known, first=first, fill=np.array([-1.0]))
    wanted = [KNOWN[f - first, 0] if 0 <= f - first < 3 else -1 for f in range(start, start + length)]
    assert rows[:, 0].tolist() == wanted
    np.testing.assert_array_equal(known, KNOWN)
