"""Errors cross from one process to another whole."""

import copy
import pickle

import pytest

from transflower.core.errors import DataError, FormatError, FrameRateError, WriteError


@pytest.mark.parametrize(
    "error",
    [
        WriteError("out/a.npy", "no space left on /"),
        FormatError("a.bvh", "is no BVH"),
        FormatError("a.bvh", "is no BVH", line=3, frame=7),
        FrameRateError("a.npz", "has no rate; give it by {option}", line=3),
        DataError("no recordings"),
    ],
)
@pytest.mark.parametrize("carried", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy])
def test_error_is_the_same_after_pickling(error, carried):
    again = carried(error)
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_frame_rate_is_asked_for_by_the_option_of_the_command():
    error = FrameRateError("{a}.npz", "has no rate; give it by {option}", line=3)
    assert str(error) == "{a}.npz, line 3: has no rate; give it by --source_fps"
    again = error.with_option("--other_fps").with_option("--third_fps")
    assert str(again) == "{a}.npz, line 3: has no rate; give it by --third_fps"
