"""Streams on a GPU replay what they did in the first frames.

Without one, traces are replayed: what Python does besides tensor operations is frozen in a trace, as it is in a graph.
"""

import numpy as np
import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_map

from tests.models.factories import AUDIO, MOTION, class_model, tiny_config, tiny_model, with_head
from tests.nn.flows.factories import TINY_CONDITIONERS, tiny_conditioner, tiny_flow_config
from transflower.generation import SamplingOptions
from transflower.generation.engine import Engine
from transflower.generation.known import known_frames
from transflower.models import Model
from transflower.models import sampler as sampling
from transflower.models.heads import CNFHeadConfig, DeterministicHeadConfig
from transflower.models.inference import prepare
from transflower.nn import cuda_graphs
from transflower.nn.flows.base_distributions import BaseConfig
from transflower.nn.flows.linears import LinearConfig
from transflower.nn.flows.norms import NormConfig
from transflower.nn.flows.transforms import TransformConfig
from transflower.nn.noise import NoiseSource

DANCERS, LOOKAHEAD, FRAMES = 2, 1, 16
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


def with_flow(kind: str = "causal", **options) -> Model:
    return tiny_model(with_head(tiny_config(kind), flow=tiny_flow_config(**options)))


def with_conditioner(name: str) -> Model:
    return with_flow(conditioner=tiny_conditioner(name))


MODELS = {
    "plain": lambda: tiny_model(tiny_config("causal")),
    "windowed": tiny_model,
    "classes": class_model,
    "prepared": lambda: prepare(tiny_model(tiny_config("causal")), "fp32"),
    "latent_ar": lambda: with_flow(latent_ar=3),
    "recurrent": lambda: with_conditioner("recurrent"),
    "deterministic": lambda: tiny_model(tiny_config("causal", head=DeterministicHeadConfig())),
}


def dance(model: Model, *, frames: int = FRAMES) -> dict[str, torch.Tensor]:
    """Music comes piece by piece, and in the middle the temperature changes."""
    lookahead = LOOKAHEAD if model.history else None
    known = known_frames(model, {}, {}).repeated(DANCERS)
    engine = Engine(model, known, options=SamplingOptions(seed=0, lookahead=lookahead))
    audio = np.random.default_rng(0).standard_normal((frames + 8, AUDIO)).astype(np.float32)
    drawn: dict[str, list[torch.Tensor]] = {name: [] for name in model.config.outputs}
    for row in audio:
        engine.push("audio", row[None])
        engine.temperature = 1.0 if engine.position < frames // 2 else 0.5
        while engine.is_ready:
            for name, frame in engine.step().items():
                drawn[name].append(frame)
    return {name: torch.stack(rows, dim=1).cpu() for name, rows in drawn.items()}


@pytest.mark.parametrize("name", MODELS)
def test_replayed_frames_are_those_that_are_computed(name, monkeypatch):
    model = MODELS[name]()
    expected = dance(model)
    num_captures = 0

    def trace(function, arguments):
        nonlocal num_captures
        num_captures += 1
        traced = make_fx(lambda given: function(*given))(arguments)
        result = tree_map(torch.empty_like, traced(arguments))

        def replay_into_place(*given):
            tree_map(torch.Tensor.copy_, result, traced(given))
            return result

        return replay_into_place

    monkeypatch.setattr(cuda_graphs, "capture", trace)
    monkeypatch.setattr(sampling, "_SETTLED", 2)
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda tensor: True))
    found = dance(model)
    transformers = 2 if model.history else 0
    assert num_captures == transformers + 2 * len(model.config.outputs), "one for each temperature and output"
    for output, frames in expected.items():
        assert torch.allclose(found[output], frames, atol=1e-5), output


def test_other_options_of_a_head_are_another_routine(monkeypatch):
    head, captured = class_model().head("moves"), []

    def freeze(function, arguments):
        captured.append(None)
        return function

    monkeypatch.setattr(cuda_graphs, "capture", freeze)
    monkeypatch.setattr(sampling, "_SETTLED", 1)
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda tensor: True))
    sampler, noise, context = sampling.Sampler(head, DANCERS), NoiseSource(0, DANCERS), torch.randn(DANCERS, 1, 1, 8)
    for top_p, num_captures in ((1.0, 1), (1.0, 1), (0.5, 2), (0.5, 2), (1.0, 3)):
        for _ in range(2):
            options = head.SampleOptions(top_p=top_p)
            sampler.draw(context, None, noise=noise, temperature=1.0, options=options)
        assert len(captured) == num_captures


def test_what_cannot_be_captured_is_computed(monkeypatch, caplog):
    def refuse(function, arguments):
        raise RuntimeError("operation not permitted when stream is capturing")

    model = MODELS["plain"]()
    expected = dance(model)["motion"]
    monkeypatch.setattr(cuda_graphs, "capture", refuse)
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda tensor: True))
    assert torch.allclose(dance(model)["motion"], expected, atol=1e-5)
    assert "kernel by kernel" in caplog.text


KINDS = {"base": BaseConfig, "norm": NormConfig, "linear": LinearConfig, "transform": TransformConfig}
FLOWS = {
    **{
        f"{kind} {name}": {kind: part.registry[name]()}
        for kind, part in KINDS.items()
        for name in part.registry.names()
    },
    **{f"conditioner {name}": {"conditioner": tiny_conditioner(name)} for name in TINY_CONDITIONERS},
    "latent_ar": {"latent_ar": 3},
}
NEEDING_HOST = {"base student_t"}


@pytest.mark.parametrize("name", FLOWS)
def test_drawing_a_frame_needs_no_host_or_says_so(name, monkeypatch):
    model = with_flow(**FLOWS[name])
    assert model.head("motion").needs_host == (name in NEEDING_HOST)
    if name not in NEEDING_HOST:
        check_silence(model, monkeypatch)


def test_solvers_say_that_they_need_the_host():
    model = tiny_model(tiny_config("causal", head=CNFHeadConfig()))
    assert model.head("motion").needs_host


def check_silence(model: Model, monkeypatch) -> None:
    """Draw on the device ``meta``, whose tensors have no values to ask for, and do not mix with others."""
    model.stream(DANCERS)  # asks whether the model is initialised
    model.to("meta")
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda tensor: tensor.is_meta))
    monkeypatch.setattr(cuda_graphs, "capture", lambda function, arguments: function)
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda *devices: False)  # which knows no such device
    stream = model.stream(DANCERS, lookahead=LOOKAHEAD)
    stream.push("audio", torch.zeros(DANCERS, 2 + LOOKAHEAD, AUDIO, device="meta"))
    frame, noise = torch.zeros(DANCERS, 1, MOTION, device="meta"), NoiseSource(0, DANCERS)
    for _ in range(2):
        stream.push("motion", frame)
        frame = stream.step(noise)["motion"]
    assert frame.is_meta
    assert frame.shape == (DANCERS, 1, MOTION)


@needs_gpu
@pytest.mark.parametrize("name", sorted(MODELS.keys() - {"prepared"}))  # which cannot be moved any more
def test_a_gpu_draws_the_same_frames(name):
    model = MODELS[name]()
    expected = dance(model)
    found = dance(model.to("cuda"))
    for output, frames in expected.items():
        assert torch.allclose(found[output], frames, atol=1e-3), output
