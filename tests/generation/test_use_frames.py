"""Several frames of each prediction are used."""

from dataclasses import replace

import numpy as np
import pytest

from tests.generation.copied import MUSIC, column, real_inputs
from tests.generation.factories import copy_model
from tests.models.factories import tiny_config, tiny_model
from transflower.core.errors import OptionsError
from transflower.generation import SamplingOptions, generate
from transflower.models import InputConfig, OutputConfig
from transflower.nn.flows.conditioners.recurrent import RecurrentConditionerConfig


def ramp_model(**options):
    """Predicts three frames: the music of the position, and one more each."""
    return copy_model(
        {"audio": InputConfig(length=2), "motion": InputConfig(length=2, offset=-2)},
        {"motion": OutputConfig(length=3)},
        rows={"audio": 0},
        is_ramp=True,
        **options,
    )


@pytest.mark.parametrize("use_frames", [1, 2, 3])
@pytest.mark.parametrize("num_frames", [1, 7, 40])
def test_as_many_frames_of_each_prediction_are_used_as_asked(use_frames, num_frames):
    options = SamplingOptions(use_frames=use_frames)
    drawn = generate(ramp_model(), {"audio": MUSIC}, num_frames=num_frames, options=options)["motion"]
    assert column(drawn[0]) == [100 + k - k % use_frames + k % use_frames for k in range(num_frames)]
    tenfold = generate(ramp_model(), {"audio": 10 * MUSIC}, num_frames=num_frames, options=options)["motion"]
    assert column(tenfold[0]) == [1000 + 10 * (k - k % use_frames) + k % use_frames for k in range(num_frames)]


@pytest.mark.parametrize("use_frames", [1, 2, 3])
def test_the_next_prediction_goes_on_from_the_last_frame_used(use_frames):
    music, model = np.zeros((12, 1), np.float32), ramp_model(is_change=True)
    options = SamplingOptions(use_frames=use_frames)
    drawn = generate(model, {"audio": music}, num_frames=12, prompt={"motion": np.array([[5.0]])}, options=options)
    # The first frame repeats the one before it, each further one of the same prediction is one more.
    assert column(drawn["motion"][0]) == [5 + k // use_frames * (use_frames - 1) + k % use_frames for k in range(12)]


def test_more_frames_than_are_predicted_cannot_be_used():
    with pytest.raises(OptionsError, match="predicts 3 frames of 'motion' at once, use_frames is 4"):
        generate(ramp_model(), {"audio": MUSIC}, num_frames=4, options=SamplingOptions(use_frames=4))


def test_a_head_that_remembers_its_last_frame_predicts_anew_at_each():
    config = tiny_config("causal", outputs={"motion": OutputConfig(length=2)})
    flow = replace(config.head.flow, conditioner=RecurrentConditionerConfig(width=8))
    model = tiny_model(replace(config, head=replace(config.head, flow=flow)))
    generate(model, real_inputs(), num_frames=3)
    with pytest.raises(OptionsError, match="the head of 'motion' remembers"):
        generate(model, real_inputs(), num_frames=3, options=SamplingOptions(use_frames=2))
