"""A model on stage gives the numbers that it gives for a whole stretch at once."""

from functools import cache

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.models.factories import make_batch, tiny_config, tiny_model, with_head
from transflower.models import Model

POSITIONS, LOOKAHEAD = 18, 2
"""Three windows of the tiny model, so that its caches wrap."""
CONFIG = with_head(tiny_config("causal"), target="change")


@cache
def the_model() -> Model:
    """Made once, for no example changes it."""
    return tiny_model(CONFIG)


def whole(model: Model, batch, lookahead: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Contexts ``[B, P, 1, C]`` and log densities ``[B, P]`` of all positions at once."""
    encoder = model.encoder
    inputs = {name: model.scale_input(name, rows) for name, rows in batch["inputs"].items()}
    music = encoder.music(encoder.music_tokens(inputs))
    tokens = encoder.motion_tokens(inputs, music[:, :POSITIONS])
    contexts = encoder.contexts(encoder.motion(tokens, music, lookahead=lookahead))["motion"]
    return contexts, density(model, contexts, inputs["motion"], batch["targets"]["motion"])


def density(model: Model, contexts, motion, targets) -> torch.Tensor:
    """Of given frames, without noise."""
    scaling = model.scaling("motion")
    target = scaling(targets).unsqueeze(2)
    return model.head("motion").log_prob(target, contexts, scaling.select(motion))[0]


def streamed(model: Model, batch, lookahead: int, sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """The same, by a stream that gets so many frames of music, and of motion, at a time."""
    inputs = {name: model.scale_input(name, rows) for name, rows in batch["inputs"].items()}
    stream = model.encoder.stream(len(inputs["audio"]), lookahead=lookahead)
    contexts = []
    for name in inputs:
        inputs[name] = list(inputs[name].split(1, dim=1))
    motion = torch.cat(inputs["motion"], dim=1)
    for size in [*sizes, *[1] * (POSITIONS + LOOKAHEAD)]:
        for name, frames in inputs.items():
            pushed, inputs[name] = frames[:size], frames[size:]
            if pushed:
                stream.push(name, torch.cat(pushed, dim=1))
        while len(contexts) < POSITIONS and stream.is_ready:
            contexts.append(stream.step()["motion"])
    together = torch.cat(contexts, dim=1)
    return together, density(model, together, motion, batch["targets"]["motion"])


@settings(max_examples=examples(10))
@given(
    lookahead=st.integers(0, LOOKAHEAD),
    sizes=st.lists(st.integers(1, 9), max_size=5),
    batch_size=st.sampled_from([1, 4]),
    seed=st.integers(0, 99),
)
@torch.no_grad()
def test_parallel_chunked_and_frame_by_frame_agree(lookahead, sizes, batch_size, seed):
    model = the_model()
    batch = make_batch(CONFIG, batch=4, positions=POSITIONS, seed=seed)
    contexts, log_prob = whole(model, batch, lookahead)
    rows = {side: {name: value[:batch_size] for name, value in part.items()} for side, part in batch.items()}
    found, found_log_prob = streamed(model, rows, lookahead, sizes)
    assert found.shape == (batch_size, POSITIONS, 1, 8)
    assert (found - contexts[:batch_size]).abs().max() < 1e-4
    assert (found_log_prob - log_prob[:batch_size]).abs().max() < 1e-4
