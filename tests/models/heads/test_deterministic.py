import pytest
import torch

from tests.models.heads.test_heads import make_batch, make_head, make_trained
from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.models.heads import DeterministicHeadConfig
from transflower.nn.noise import NoiseSource


def test_likelihood_is_refused_clearly():
    with pytest.raises(ModelError, match=r"no likelihood; .* type flow"):
        make_head("deterministic").log_prob(*make_batch())


def test_sample_ignores_noise_and_temperature():
    head = make_trained("deterministic")
    _, context, previous = make_batch()
    first, _ = head.sample(context, previous, noise=NoiseSource(0, 4), temperature=1.0)
    second, _ = head.sample(context, previous, noise=NoiseSource(1, 4), temperature=0.1)
    assert torch.equal(first, second)


@pytest.mark.parametrize("target", ("frame", "change"))
def test_logged_error_is_that_of_the_frames(target):
    head = make_trained("deterministic", target=target)
    frames, context, previous = make_batch()
    drawn, _ = head.sample(context, previous, noise=NoiseSource(0, 4))
    error = head.loss(frames, context, previous, noise=NoiseSource(0, 4))[1]["mse"]
    assert torch.allclose(error, (drawn - frames).square().mean())


@pytest.mark.parametrize("readout", ("linear", "mlp"))
@pytest.mark.parametrize(("tokens", "frames"), ((1, 1), (3, 3), (1, 3), (5, 2)))
def test_any_number_of_tokens_predicts_any_number_of_frames(readout, tokens, frames):
    config = DeterministicHeadConfig(readout=readout)
    head = config.build(target=StreamSpec(dim=4), length=frames, context_dim=6, context_length=tokens)
    drawn, _ = head.sample(torch.zeros(2, 3, tokens, 6), None, noise=NoiseSource(0, 2))
    assert drawn.shape == (2, 3, frames, 4)
