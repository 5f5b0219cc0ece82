"""Streams of heads with state."""

import pytest
import torch

from tests.models.factories import make_batch, tiny_config, tiny_model, with_head
from tests.nn.flows.factories import tiny_conditioner, tiny_flow_config
from transflower.core.errors import ModelError
from transflower.models import Model, ModelStream
from transflower.nn.noise import GivenNoise

DANCERS, POSITIONS = 2, 4
CELLS = ("lstm", "gru")


def make_model(cell: str) -> Model:
    flow = tiny_flow_config(conditioner=tiny_conditioner("recurrent", cell=cell))
    return tiny_model(with_head(tiny_config(), flow=flow))


def start(model: Model, batch) -> ModelStream:
    """A stream to which all inputs, the true motion too, have been pushed."""
    stream = model.stream(DANCERS)
    for name, frames in batch["inputs"].items():
        stream.push(name, frames)
    return stream


def draw(stream: ModelStream, noise: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([stream.step(GivenNoise([drawn]))["motion"] for drawn in noise], dim=1)


@pytest.fixture(params=CELLS)
def model(request) -> Model:
    return make_model(request.param)


@pytest.fixture
def batch(model):
    return make_batch(model.config, batch=DANCERS, positions=POSITIONS)


@pytest.fixture
def noise(model) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(DANCERS, 1, 1, model.dims["motion"], generator=generator) for _ in range(POSITIONS)]


@torch.no_grad()
def test_latents_of_drawn_frames_are_their_noise_in_one_pass_over_all_positions(model, batch, noise):
    drawn = draw(start(model, batch), noise)
    inputs = {name: model.scale_input(name, frames) for name, frames in batch["inputs"].items()}
    target = model.scaling("motion")(drawn).unsqueeze(2)
    z, _, _ = model.head("motion").flow.bijection(target, model.encoder(inputs)["motion"])
    assert torch.allclose(z, torch.cat(noise, dim=1), atol=1e-4)


def test_stream_continues_exactly_where_its_state_was_taken(model, batch, noise):
    whole = start(model, batch)
    draw(whole, noise[:2])
    state = {name: value.clone() for name, value in whole.state_dict().items()}
    expected = draw(whole, noise[2:])
    continued = model.stream(DANCERS)
    continued.load_state_dict(state)
    assert torch.equal(draw(continued, noise[2:]), expected)


def test_state_of_a_head_without_state_is_refused(model, batch):
    stateless = tiny_model()
    with pytest.raises(ModelError, match="does not fit the head"):
        model.stream(DANCERS).load_state_dict(start(stateless, batch).state_dict())
