import pytest
import torch

from tests.models.encoders.factories import OUTPUTS, TIMELESS, make_encoder, make_inputs, motion
from transflower.core.errors import OptionsError
from transflower.models.encoders import ConcatEncoderConfig

INPUTS = {"motion": motion(-4, 4), "audio": motion(-4, 6, dim=2), "person": TIMELESS["person"]}


def test_context_is_the_windows_oldest_frame_first_one_input_after_the_other():
    encoder = make_encoder("concat", inputs=INPUTS, width=None)
    inputs = make_inputs(encoder, positions=3)
    context = encoder(inputs)["motion"]
    for position in range(3):
        expected = [
            inputs["motion"][:, position : position + 4].reshape(2, 12),
            inputs["audio"][:, position : position + 6].reshape(2, 12),
            inputs["person"].reshape(2, 12),
        ]
        assert torch.equal(context[:, position, 0], torch.cat(expected, dim=1))


def test_nothing_is_learned_of_real_values():
    assert not list(make_encoder("concat", inputs=INPUTS, width=None).parameters())


def test_projection_is_linear_in_the_windows():
    plain, projected = (make_encoder("concat", inputs=INPUTS, width=width) for width in (None, 5))
    inputs = make_inputs(plain)
    expected = projected.projection(plain(inputs)["face"])
    assert torch.equal(projected(inputs)["face"], expected)
    assert projected.context_shapes == dict.fromkeys(OUTPUTS, (1, 5))


@pytest.mark.parametrize("option", ("width", "class_width"))
def test_no_channels_at_all_are_refused(option):
    with pytest.raises(OptionsError, match=option):
        ConcatEncoderConfig(**{option: 0})
