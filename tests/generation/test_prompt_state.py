"""What heads remember of a prompt: as much as of frames that they have drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import AUDIO, MEAN, MOTION, STD, make_batch, tiny_config, tiny_model
from tests.nn.flows.factories import tiny_conditioner, tiny_flow_config
from transflower.generation import Request, SamplingOptions, Session, generate, generate_batch
from transflower.generation.engine import Engine
from transflower.generation.futures import Moment, draw_futures
from transflower.generation.known import known_frames
from transflower.models import InputConfig, OutputConfig
from transflower.models.heads import FlowHeadConfig
from transflower.nn.flows.latent_ar import LatentAR
from transflower.nn.noise import NoiseSource
from transflower.nn.state import under

DANCERS, POSITIONS = 2, 5
FLOWS = {
    "plain": tiny_flow_config(),
    "latent_ar": tiny_flow_config(latent_ar=2),
    "lstm": tiny_flow_config(conditioner=tiny_conditioner("recurrent")),
}
REMEMBERING = [(kind, flow) for kind in ("windowed", "causal") for flow in ("latent_ar", "lstm")]
RNG = np.random.default_rng(0)
AUDIO_ROWS = RNG.standard_normal((20, AUDIO)).astype(np.float32)
PROMPT = (MEAN + STD * RNG.standard_normal((9, MOTION))).astype(np.float32)


def model_of(kind, flow, **options):
    model = tiny_model(replace(tiny_config(kind, **options), target_noise=0.0, head=FlowHeadConfig(flow=FLOWS[flow])))
    for part in model.modules():
        if isinstance(part, LatentAR):
            torch.nn.init.constant_(part.raw_correlations, 0.7)
    return model


def head_state(state):
    return {name.split("head.motion.")[1]: value for name, value in state.items() if "head.motion." in name}


@pytest.mark.parametrize(("flow", "memory"), [("plain", 0), ("latent_ar", 2), ("lstm", None)])
def test_how_far_back_a_head_remembers(flow, memory):
    assert model_of("causal", flow).head("motion").state_positions == memory


@pytest.mark.parametrize(("kind", "flow"), REMEMBERING)
def test_frame_by_frame_it_is_what_is_remembered_of_all_of_them_at_once(kind, flow):
    model = model_of(kind, flow)
    batch = make_batch(model.config, batch=DANCERS, positions=POSITIONS)
    stream, motion = model.stream(DANCERS), batch["inputs"]["motion"]
    stream.push("audio", batch["inputs"]["audio"])
    for position in range(POSITIONS):
        last = position + model.spans["motion"].length
        stream.push("motion", motion[:, last - 1 : last] if position else motion[:, :last])
        stream.skip({"motion": batch["targets"]["motion"][:, position : position + 1]})
    with torch.no_grad():
        prepared = model.prepare_batch(batch, NoiseSource(0, DANCERS))
        context, previous = model.encoder(prepared.inputs)["motion"], prepared.previous.get("motion")
        _, expected = model.head("motion").log_prob(prepared.targets["motion"], context, previous)
    found = under("head.motion.", stream.state_dict())
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, atol=1e-5, rtol=1e-5)
        assert value.abs().max() > 1e-3


@pytest.mark.parametrize(("kind", "flow"), REMEMBERING)
def test_a_prompt_that_was_drawn_goes_on_as_the_uninterrupted_draw(kind, flow):
    model, num_known = model_of(kind, flow), 5
    whole = Engine(model, known_frames(model, {}, {}))
    whole.push("audio", AUDIO_ROWS)
    before = draw(whole, num_known)
    noise = {name: value for name, value in whole.state_dict().items() if name.startswith("noise.")}
    expected = draw(whole, 6)
    # The dance began in the mean pose.
    rest = np.repeat(model.scaling("motion").rest.numpy()[None], model.spans["motion"].length, axis=0)
    known = known_frames(model, {"motion": np.concatenate([rest, before])}, {})
    prompted = Engine(model, known, past={"audio": AUDIO_ROWS[:num_known]})
    prompted.push("audio", AUDIO_ROWS[num_known:])
    prompted.load_state_dict(prompted.state_dict() | noise)
    np.testing.assert_allclose(draw(prompted, 6), expected, atol=1e-4)


def draw(engine, count):
    frames = []
    while len(frames) < count:
        frames += [rows[0] for rows in engine.step().values()]
    return np.concatenate(frames)


@pytest.mark.parametrize(("kind", "flow"), [("windowed", "latent_ar"), ("causal", "lstm")])
def test_every_way_of_drawing_remembers_the_prompt(kind, flow):
    model, options = model_of(kind, flow), SamplingOptions(temperature=0.0)
    inputs, prompt = {"audio": np.repeat(AUDIO_ROWS[:1], 20, axis=0)}, {"motion": PROMPT}
    expected = generate(model, inputs, num_frames=4, prompt=prompt, options=options)["motion"]
    shorter = Request(inputs=inputs, num_frames=4, prompt={"motion": PROMPT[5:]})
    plain = Request(inputs=inputs, num_frames=4)
    wanted = Request(inputs=inputs, num_frames=4, prompt=prompt)
    found = generate_batch(model, [shorter, wanted, plain], options=options)
    session = Session(model, options=options, prompt=prompt)
    session.push("audio", inputs["audio"])
    outputs = {"motion": np.concatenate([PROMPT, PROMPT])}
    (future,) = draw_futures(
        model, [Moment(inputs=inputs, outputs=outputs, frame=9)], num_frames=4, num_samples=1, options=options
    )
    for one in (found[1]["motion"], session.pull(4)["motion"], future["motion"]):
        np.testing.assert_allclose(one, expected, atol=1e-4)


def test_a_session_goes_on_from_a_state_that_was_saved_before_its_prompt_was_read():
    model = model_of("causal", "latent_ar")
    session, other = Session(model, prompt={"motion": PROMPT}), Session(model)
    other.load_state_dict(session.state_dict())
    for one in (session, other):
        one.push("audio", AUDIO_ROWS)
    np.testing.assert_array_equal(other.pull(4)["motion"], session.pull(4)["motion"])


def test_without_a_prompt_nothing_is_remembered():
    model = model_of("causal", "latent_ar")
    # Of a prompt of one frame, what came before it is not known.
    for prompt in ({}, {"motion": PROMPT[:1]}):
        engine = Engine(model, known_frames(model, prompt, {}))
        assert engine.position == 0
        assert not any(value.any() for value in head_state(engine.state_dict()).values())


def test_an_output_ahead_of_others_remembers_its_prompt_not_what_is_drawn_for_its_frames():
    windows = {"motion": OutputConfig(offset=3), "audio": OutputConfig(offset=5)}
    inputs = {"motion": InputConfig(length=3), "audio": InputConfig(length=3)}
    model = model_of("windowed", "latent_ar", inputs=inputs, outputs=windows)
    states = []
    for seed in range(2):
        known = known_frames(model, {"motion": PROMPT}, {})
        engine = Engine(model, known, options=SamplingOptions(seed=seed))
        while engine.position < 0:
            engine.step()
        states.append(head_state(engine.state_dict()))
    for name, value in states[0].items():
        assert value.any()
        torch.testing.assert_close(states[1][name], value)


def test_frames_that_follow_a_prompt_stand_still():
    model = model_of("causal", "latent_ar")
    known = known_frames(model, {"motion": PROMPT}, {})
    np.testing.assert_array_equal(known.read("motion", range(-2, 1))[0], PROMPT[[-2, -1, -1]])
