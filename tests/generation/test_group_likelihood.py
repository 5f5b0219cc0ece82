"""How likely groups of columns are, given all else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.models.factories import AUDIO, CONSTANT, MOTION, tiny_config, tiny_model
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError
from transflower.generation import SamplingOptions, generate
from transflower.generation.group_likelihood import group_log_likelihood
from transflower.generation.likelihood import frame_log_likelihood
from transflower.generation.teacher_forcing import evaluated, forced_parts
from transflower.models.heads import DeterministicHeadConfig, FlowHeadConfig
from transflower.nn.flows.conditioners import ConditionerConfig
from transflower.nn.noise import SharedNoise

FRAMES = 14
INPUTS = {"audio": np.random.default_rng(0).standard_normal((FRAMES, AUDIO)).astype(np.float32)}
GROUPS = {"first": [0, CONSTANT], "others": [1, 3, 4]}
RECURRENT = ConditionerConfig.registry["recurrent"]
FLOWS = {
    "plain": tiny_flow_config(),
    "latent_ar": replace(tiny_flow_config(), latent_ar=2),
    "recurrent": replace(tiny_flow_config(), conditioner=RECURRENT(width=8)),
}


def model_of(flow, kind="causal"):
    return tiny_model(replace(tiny_config(kind), target_noise=0.0, head=FlowHeadConfig(flow=FLOWS[flow])))


@pytest.mark.parametrize(("flow", "kind"), [("latent_ar", "causal"), ("recurrent", "causal"), ("plain", "windowed")])
def test_whole_frames_have_the_density_of_the_model(flow, kind):
    model = model_of(flow, kind)
    dance = {"motion": generate(model, INPUTS, num_frames=FRAMES)["motion"][0]}
    found = group_log_likelihood(model, INPUTS, dance, GROUPS, output="motion")
    np.testing.assert_allclose(found.whole, frame_log_likelihood(model, INPUTS, dance)["motion"], atol=1e-5)
    assert found.dims == {"first": 1, "others": 3}, "the constant column has no density"


@pytest.mark.parametrize("flow", FLOWS)
def test_a_group_is_compared_with_its_most_usual_values_in_that_frame_alone(flow):
    model, frame = model_of(flow), 4
    dance = generate(model, INPUTS, num_frames=FRAMES, options=SamplingOptions(seed=1))["motion"][0]
    found = group_log_likelihood(model, INPUTS, {"motion": dance}, GROUPS, output="motion")
    usual = usual_frame(model, dance, frame)
    for name, columns in GROUPS.items():
        other = dance.copy()
        other[frame, columns] = usual[columns]
        whole = frame_log_likelihood(model, INPUTS, {"motion": other})["motion"][frame]
        wanted = (found.whole[frame] - whole) * (MOTION - 1) / found.dims[name]
        np.testing.assert_allclose(found.groups[name][frame], wanted, atol=2e-4)


def test_only_the_group_that_is_off_is_surprising_in_its_frame():
    model = model_of("plain")
    dance = generate(model, INPUTS, num_frames=FRAMES)["motion"][0]
    dance[10, 0] += 5
    found = group_log_likelihood(model, INPUTS, {"motion": dance}, GROUPS, output="motion").group_surprise
    assert found["first"][10] > 10
    assert found["first"][10] > 3 * abs(found["others"][10])


def test_what_the_model_draws_is_as_surprising_as_what_it_would_draw():
    model = model_of("latent_ar")
    inputs = {"audio": np.random.default_rng(1).standard_normal((120, AUDIO)).astype(np.float32)}
    dance = {"motion": generate(model, inputs, num_frames=120)["motion"][0]}
    found = group_log_likelihood(model, inputs, dance, GROUPS, output="motion")
    assert abs(found.surprise.mean()) < 4 * found.surprise.std() / 120**0.5
    for values in found.group_surprise.values():
        assert abs(values.mean()) < 4 * values.std() / 120**0.5


def test_a_model_without_a_density_is_refused():
    model = tiny_model(replace(tiny_config(), head=DeterministicHeadConfig()))
    with pytest.raises(ModelError, match="has no likelihood"):
        group_log_likelihood(model, INPUTS, {"motion": np.zeros((FRAMES, MOTION), np.float32)}, GROUPS, output="motion")


def usual_frame(model, dance, frame):
    """The frame of temperature 0 after the true ones: the head goes through them and remembers them, one by one."""
    with evaluated(model):
        part = next(forced_parts(model, INPUTS, {"motion": dance}))
        prepared = model.prepare_batch(part.batch, SharedNoise(None))
        context, target, previous = model.encoder(prepared.inputs)["motion"], prepared.targets["motion"], None
        head = model.head("motion")
        state = head.init_state(1)
        for index in range(frame - part.positions.start + 1):
            here = slice(index, index + 1)
            previous = prepared.previous["motion"][:, here]
            drawn, _ = head.sample(context[:, here], previous, state, noise=SharedNoise(None), temperature=0.0)
            _, state = head.log_prob(target[:, here], context[:, here], previous, state)
        return model.scaling("motion").restore(drawn[0, 0, 0]).numpy()
