"""What heads remember before some positions."""

import numpy as np
import pytest
import torch

from tests.generation.test_group_likelihood import FRAMES, INPUTS, model_of
from transflower.generation import generate
from transflower.generation.teacher_forcing import evaluated, forced_parts
from transflower.generation.true_states import true_states
from transflower.nn.noise import SharedNoise


def states(model, wanted):
    dance = {"motion": generate(model, INPUTS, num_frames=FRAMES)["motion"][0]}
    (part,) = forced_parts(model, INPUTS, dance)
    with evaluated(model):
        prepared = model.prepare_batch(part.batch, SharedNoise(torch.Generator().manual_seed(0)))
        context = model.encoder(prepared.inputs)["motion"]
        target = prepared.targets["motion"]
        return true_states(model.head("motion"), target, context, prepared.previous.get("motion"), wanted)


@pytest.mark.parametrize("flow", ["latent_ar", "recurrent"])
def test_those_before_some_positions_are_those_that_all_have(flow):
    model, wanted = model_of(flow), [0, 1, 5, 6, 12]
    whole, some = states(model, range(14)), states(model, wanted)
    assert whole is not None
    assert some is not None
    for name, rows in some.items():
        np.testing.assert_allclose(rows, whole[name][wanted], atol=1e-5)
        assert not torch.equal(rows[2], rows[3])


def test_heads_without_a_state_have_none():
    assert states(model_of("plain"), [0, 3]) is None
