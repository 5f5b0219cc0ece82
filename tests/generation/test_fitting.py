import numpy as np
import pytest

from tests.generation.factories import copy_model
from transflower.core.errors import ModelError
from transflower.generation.fitting import fit_inputs, fit_seeds
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
def test_only_outputs_that_are_inputs_can_be_seeded(name):
    with pytest.raises(ModelError, match=f"{name!r}, so no seed"):
        fit_seeds(model(), {name: np.zeros((3, 1))})


def test_seeds_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match=r"'motion' has shape \[3, 2\], the model reads \[frames, 1\]"):
        fit_seeds(model(), {"motion": np.zeros((3, 2))})
