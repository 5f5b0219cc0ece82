import pytest
import torch

from tests.models.encoders.factories import OUTPUTS, TINY_INPUTS, make_encoder, make_inputs, motion, rows_seen
from transflower.core.errors import ModelError, OptionsError
from transflower.models.encoders import WindowedEncoderConfig

SYNCED = ("motion", "audio", "beats")
INPUTS = {"motion": motion(-4, 4), "audio": motion(-4, 6, dim=2)}
READOUTS = [{"readout": readout, "shared": shared} for readout in ("first", "queries") for shared in (False, True)]
every_readout = pytest.mark.parametrize("readout", READOUTS)


def test_first_tokens_of_one_transformer_over_the_outputs_of_one_for_each_input():
    encoder = make_encoder("windowed", inputs=INPUTS)
    inputs = make_inputs(encoder, positions=1)
    latents = [encoder.input_encoders[name].transformer(inputs[name]) for name in INPUTS]
    expected = encoder.cross["motion"].transformer(torch.cat(latents, dim=1))[:, :2]
    assert torch.equal(encoder(inputs)["motion"][:, 0], expected)


@every_readout
def test_many_positions_at_once_are_each_alone(readout):
    encoder = make_encoder("windowed", **readout)
    inputs = make_inputs(encoder, positions=4)
    together = encoder(inputs)
    for position in range(4):
        alone = encoder(
            {
                name: rows[:, position : position + encoder.spans[name].length] if name in SYNCED else rows
                for name, rows in inputs.items()
                if name != "style"
            }
            | {"style": inputs["style"][:, :2]}
        )
        for output in OUTPUTS:
            assert (together[output][:, position] - alone[output][:, 0]).abs().max() < 1e-12


def test_position_sees_exactly_its_windows():
    encoder = make_encoder("windowed")
    inputs = make_inputs(encoder, positions=3)
    motion, audio = inputs["motion"].requires_grad_(), inputs["audio"].requires_grad_()
    contexts = encoder(inputs)
    for position in range(3):
        for output in OUTPUTS:
            context = contexts[output][:, position]
            assert rows_seen(context, motion) == list(range(position, position + 4))
            assert rows_seen(context, audio) == list(range(position, position + 6))


@pytest.mark.parametrize("tokens", (None, 5))
@every_readout
def test_every_output_gets_its_own_tokens(readout, tokens):
    encoder = make_encoder("windowed", tokens=tokens, **readout)
    contexts = encoder(make_inputs(encoder))
    for output, length in OUTPUTS.items():
        assert contexts[output].shape[2:] == encoder.context_shapes[output] == (tokens or length, 8)
    assert (contexts["motion"][:, :, 0] - contexts["face"][:, :, 0]).abs().max() > 1e-6


def test_queries_may_be_more_than_all_frames():
    encoder = make_encoder("windowed", inputs=INPUTS, readout="queries", tokens=25)
    context = encoder(make_inputs(encoder))["motion"]
    assert context.shape == (2, 3, 25, 8)
    assert len(torch.unique(context[0, 0].detach(), dim=0)) == 25


@pytest.mark.parametrize(("tokens", "shared"), ((11, False), (6, True)))
def test_first_tokens_beyond_the_inputs_are_refused(tokens, shared):
    with pytest.raises(ModelError, match=f"{tokens * (1 + shared)} context tokens.* 10 frames.*readout: queries"):
        make_encoder("windowed", inputs=INPUTS, tokens=tokens, shared=shared)


@every_readout
def test_queries_and_shared_networks_get_gradients(readout):
    encoder = make_encoder("windowed", **readout)
    contexts = encoder(make_inputs(encoder, batch=8, positions=4))
    sum(context.square().sum() for context in contexts.values()).backward()
    assert [name for name, p in encoder.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


def test_a_shared_network_is_there_once():
    assert len(make_encoder("windowed", shared=True).cross) == 1
    assert len(make_encoder("windowed").cross) == len(OUTPUTS)


@every_readout
def test_hidden_inputs_have_no_influence_on_that_output_alone(readout):
    encoder = make_encoder("windowed", hidden={"face": ("audio",)}, **readout)
    inputs = make_inputs(encoder)
    audio, motion = inputs["audio"].requires_grad_(), inputs["motion"].requires_grad_()
    contexts = encoder(inputs)
    assert rows_seen(contexts["face"], audio) == []
    assert rows_seen(contexts["motion"], audio) == list(range(8))
    assert rows_seen(contexts["face"], motion) == list(range(6))


@pytest.mark.parametrize(
    ("hidden", "message"),
    (({"voice": ("audio",)}, "output 'voice'.*motion, face"), ({"face": ("sound",)}, "input 'sound'.*motion, audio")),
)
def test_hiding_what_does_not_exist_is_refused(hidden, message):
    with pytest.raises(ModelError, match=message):
        make_encoder("windowed", inputs=INPUTS, hidden=hidden)


def test_no_tokens_are_refused():
    with pytest.raises(OptionsError, match="tokens must be at least 1"):
        WindowedEncoderConfig(tokens=0)


def test_positions_are_on_by_default():
    config = WindowedEncoderConfig()
    assert config.input.positions != "none"
    assert config.cross.positions != "none"


def test_nothing_before_its_windows_is_needed():
    assert make_encoder("windowed", inputs=TINY_INPUTS["windowed"]).history == 0


def test_lookahead_is_that_of_its_windows_and_no_other():
    encoder = make_encoder("windowed", inputs=TINY_INPUTS["windowed"])
    assert encoder.lookahead == 1
    encoder.stream(1, lookahead=1)
    with pytest.raises(ModelError, match=r"lookahead of 1 frames, 0 needs a causal one"):
        encoder.stream(1, lookahead=0)
