"""Real recordings are described for the page, whatever their skeletons."""

import json

import pytest

from transflower.core.errors import FormatError
from transflower.formats.registry import read_recording
from transflower.viewer import ShownDance
from transflower.viewer.description import describe


@pytest.mark.real_data
def test_every_recording_is_described(real_bvh):
    try:
        clip = read_recording(real_bvh).clip
    except FormatError as error:
        pytest.skip(str(error))
    told = describe(ShownDance(name="dancer", clip=clip))
    assert json.dumps(told, allow_nan=False)
    joints = {told["hips"], *told["ends"], *(foot["joint"] for foot in told["contacts"])}
    assert joints <= set(clip.skeleton.names)
    for foot in told["contacts"]:
        edges = [edge for span in foot["spans"] for edge in span]
        assert edges == sorted(edges)
