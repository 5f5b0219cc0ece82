"""Errors cross from one process to another whole."""

import copy
import pickle

import pytest

from transflower.core.errors import DataError, FormatError, WriteError


@pytest.mark.parametrize(
    "error",
    [
        WriteError("out/a.npy", "no space left on /"),
        FormatError("a.bvh", "is no BVH"),
        FormatError("a.bvh", "is no BVH", line=3, frame=7),
        DataError("no recordings"),
    ],
)
@pytest.mark.parametrize("carried", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy])
def test_error_is_the_same_after_pickling(error, carried):
    again = carried(error)
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
