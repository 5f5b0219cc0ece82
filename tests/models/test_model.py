from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import CONSTANT, MEAN, MOTION, STD, make_batch, tiny_config, tiny_model, with_head
from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import Span, StreamSpec
from transflower.models import InputConfig, Model, ModelConfig, OutputConfig
from transflower.models.heads import DeterministicHeadConfig
from transflower.models.history_noise import HistoryNoise
from transflower.nn.noise import GivenNoise, NoiseSource, SharedNoise

every_kind = pytest.mark.parametrize("kind", ("windowed", "causal"))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def push_spans(stream, batch, spans):
    for name, span in spans.items():
        stream.push(name, batch["inputs"][name][:, : span.length])


def test_spans_are_relative_to_the_first_frame_of_the_output():
    config = tiny_config()
    assert config.spans == {"motion": Span(start=-3, length=3), "audio": Span(start=-3, length=5)}
    assert config.target_spans == {"motion": Span(start=0, length=1)}


def test_an_input_that_shows_its_own_target_is_refused():
    with pytest.raises(OptionsError, match="'motion' shows frames"):
        ModelConfig(inputs={"motion": InputConfig(length=4)}, outputs={"motion": OutputConfig(offset=3)})


@pytest.mark.parametrize("name", ("npz.acts", "keys", "", "a b"))
def test_a_name_that_parts_of_a_model_cannot_have_is_refused(name):
    with pytest.raises(OptionsError, match="plain word"):
        ModelConfig(inputs={name: InputConfig()}, outputs={"motion": OutputConfig()})


def test_a_model_must_see_data_before_it_is_used():
    model = tiny_model(initialised=False)
    with pytest.raises(ModelError, match="initialise"):
        model.loss(make_batch(model.config))


def test_initialising_leaves_the_mode_as_it_was():
    model = tiny_model(initialised=False).train()
    model.initialise(make_batch(model.config))
    assert model.training


def test_an_output_that_never_varies_is_refused():
    streams = {"motion": StreamSpec(dim=MOTION), "audio": StreamSpec(dim=3)}
    still = {"motion": (MEAN, np.zeros(MOTION)), "audio": (np.zeros(3), np.ones(3))}
    with pytest.raises(ModelError, match="'motion' varies"):
        Model(tiny_config(), streams, still)


@every_kind
def test_constant_columns_are_left_out_of_the_density_and_come_back_in_samples(kind):
    config = tiny_config(kind)
    model = tiny_model(config)
    batch = make_batch(config)
    stream = model.stream(4)
    push_spans(stream, batch, config.spans)
    drawn = stream.step(NoiseSource(0, 4))["motion"]
    assert model.dims == {"motion": MOTION - 1}
    assert drawn.shape == (4, 1, MOTION)
    assert (drawn[..., CONSTANT] == MEAN[CONSTANT]).all()


@every_kind
def test_log_prob_does_not_depend_on_the_scale_of_the_features(kind):
    # Densities are those of standardised features: the same recording in other units has the same likelihood.
    config = tiny_config(kind)
    batch = make_batch(config, positions=3)
    other = {side: {n: (3 * x if n == "motion" else x) for n, x in group.items()} for side, group in batch.items()}
    model, scaled = tiny_model(config), tiny_model(config)
    for scaling in (scaled.input_scalings["motion"], scaled.target_scalings["motion"]):
        scaling.mean *= 3
        scaling.std *= 3
    expected = model.log_prob(batch, generator=seeded())["motion"]
    assert torch.allclose(scaled.log_prob(other, generator=seeded())["motion"], expected, atol=1e-4)


@every_kind
def test_loss_is_minus_the_log_prob_in_nats_a_dimension(kind):
    config = tiny_config(kind)
    model, batch = tiny_model(config), make_batch(config, positions=3)
    loss, metrics = model.loss(batch, generator=seeded())
    log_prob = model.log_prob(batch, generator=seeded())["motion"]
    assert log_prob.shape == (4, 3)
    assert loss.item() == pytest.approx(-log_prob.mean().item() / (MOTION - 1), rel=1e-5)
    assert metrics["nll"].item() == pytest.approx(loss.item(), rel=1e-5)


def test_several_positions_are_the_single_ones_side_by_side():
    config = tiny_config(target_noise=0.0)
    model, batch = tiny_model(config), make_batch(config, positions=3)
    together = model.log_prob(batch)["motion"]
    for position in range(3):
        window = {
            "inputs": {n: x[:, position : position + config.spans[n].length] for n, x in batch["inputs"].items()},
            "targets": {n: x[:, position : position + 1] for n, x in batch["targets"].items()},
        }
        assert torch.allclose(model.log_prob(window)["motion"][:, 0], together[:, position], atol=1e-5)


def test_a_target_of_several_frames_is_cut_for_every_position():
    config = replace(tiny_config(), outputs={"motion": OutputConfig(length=2, offset=3)})
    model, batch = tiny_model(config), make_batch(config, positions=3)
    prepared = model.prepare_batch(batch, SharedNoise(seeded()))
    raw = model.scaling("motion")(batch["targets"]["motion"])
    assert prepared.targets["motion"].shape == (4, 3, 2, MOTION - 1)
    assert torch.allclose(prepared.targets["motion"][:, 1, 1], raw[:, 2], atol=0.1)


def test_the_same_generator_gives_the_same_loss_and_evaluation_never_clamps():
    config = tiny_config(history_noise=HistoryNoise(sigma_max=0.1))
    model, batch = tiny_model(config), make_batch(config)
    batch["targets"]["motion"][0, 0, 0] = 1e3
    assert torch.equal(model.loss(batch, generator=seeded())[0], model.loss(batch, generator=seeded())[0])
    evaluated, metrics = model.loss(batch, generator=seeded())
    trained, trained_figures = model.train().loss(batch, generator=seeded())
    assert "clamped" not in metrics
    assert trained_figures["clamped"].item() > 0
    assert trained < evaluated


def test_the_change_is_taken_from_the_noised_frame_that_the_encoder_sees():
    config = tiny_config("causal", history_noise=HistoryNoise(sigma_max=0.5))
    model, batch = tiny_model(config).train(), make_batch(config)
    prepared = model.prepare_batch(batch, SharedNoise(seeded()))
    plain = model.scale_input("motion", batch["inputs"]["motion"])
    varying = model.scaling("motion").select(prepared.inputs["motion"])
    assert not torch.allclose(prepared.inputs["motion"], plain, atol=0.1)
    assert torch.equal(prepared.previous["motion"], varying)


def test_the_target_comes_back_to_the_data_from_where_the_history_was_pushed():
    noise = HistoryNoise(sigma_max=0.5, decay=0.75)
    config = replace(tiny_config("causal", target_noise=0.0, clamp=1e6), outputs={"motion": OutputConfig(length=2)})
    noisy_config = replace(config, history_noise=noise)
    model, batch = tiny_model(noisy_config).train(), make_batch(config)
    prepared = model.prepare_batch(batch, SharedNoise(seeded()))
    plain = tiny_model(config).prepare_batch(batch, SharedNoise(seeded()))
    offset = prepared.previous["motion"] - plain.previous["motion"]
    for frame, left in enumerate((0.75, 0.75**2)):
        pushed = prepared.targets["motion"][:, :, frame] - plain.targets["motion"][:, :, frame]
        assert torch.allclose(pushed, left * offset, atol=1e-5)


def test_history_dropout_touches_the_encoders_copy_only():
    config = tiny_config("causal")
    config = replace(config, inputs={**config.inputs, "motion": InputConfig(offset=-1, dropout=0.5)})
    model, batch = tiny_model(config).train(), make_batch(config, batch=64)
    prepared = model.prepare_batch(batch, SharedNoise(seeded()))
    dropped = (prepared.inputs["motion"] == 0).all(-1)
    assert 0.3 < dropped.float().mean() < 0.7
    assert not (prepared.previous["motion"] == 0).all(-1).any()


def test_columns_of_an_output_that_hardly_vary_are_not_blown_up():
    full, own = tiny_model(tiny_config(min_std=0.5)), tiny_model(tiny_config(min_std=0.0))
    median = 0.75  # of the columns that vary
    assert torch.allclose(full.scaling("motion").std, torch.tensor([0.5, 2.0, 1.0, 0.5 * median]))
    assert torch.allclose(own.scaling("motion").std, torch.tensor([0.5, 2.0, 1.0, 0.1]))
    assert torch.allclose(full.input_scalings["motion"].std, torch.tensor([0.5, 2.0, 1.0, 1.0, 0.5 * median]))


def test_scaled_folders_are_taken_as_they_are():
    model = tiny_model(tiny_config(normalize="none"))
    x = torch.randn(2, 3, MOTION)
    varying = [column for column in range(MOTION) if STD[column] > 0]
    assert torch.equal(model.scale_input("motion", x), x)
    assert torch.equal(model.scaling("motion")(x), x[..., varying])


@every_kind
@pytest.mark.parametrize("target", ("frame", "change"))
def test_a_stream_gives_the_densities_of_the_parallel_evaluation(kind, target):
    # The frame that is drawn from given noise must have, in parallel, the latent that was given.
    config = with_head(tiny_config(kind, target_noise=0.0), target=target)
    model, batch = tiny_model(config), make_batch(config, positions=4)
    noise = [torch.randn(4, 1, 1, MOTION - 1, generator=seeded(step)) for step in range(4)]
    stream, source = model.stream(4), GivenNoise(noise)
    push_spans(stream, batch, config.spans)
    for position in range(4):
        drawn = stream.step(source)["motion"]
        window = {
            "inputs": {n: x[:, : config.spans[n].length + position] for n, x in batch["inputs"].items()},
            "targets": {"motion": torch.cat([batch["targets"]["motion"][:, :position], drawn], 1)},
        }
        prepared = model.prepare_batch(window, SharedNoise(None))
        context = model.encoder(prepared.inputs)["motion"]
        head = model.head("motion")
        modelled = head.space.encode(prepared.targets["motion"], prepared.previous["motion"])
        latent, _, _ = head.flow.bijection(modelled, context)
        assert torch.allclose(latent[:, -1:], noise[position], atol=1e-3)
        for name, span in config.spans.items():
            stream.push(name, batch["inputs"][name][:, span.length + position : span.length + position + 1])


@every_kind
def test_a_stream_goes_on_where_its_state_was_taken(kind):
    config = tiny_config(kind)
    model, batch = tiny_model(config), make_batch(config, positions=3)
    first, second = model.stream(4), model.stream(4)
    push_spans(first, batch, config.spans)
    first.step(NoiseSource(1, 4))
    second.load_state_dict(first.state_dict())
    for stream in (first, second):
        for name, span in config.spans.items():
            stream.push(name, batch["inputs"][name][:, span.length : span.length + 1])
    drawn, again = (stream.step(NoiseSource(2, 4))["motion"] for stream in (first, second))
    assert torch.equal(drawn, again)


def test_a_skipped_position_is_seen_by_the_next_one():
    config = tiny_config("causal")
    model, batch = tiny_model(config), make_batch(config, positions=2)
    drawn = []
    for shift in (0.0, 5.0):
        stream = model.stream(4)
        stream.push("motion", batch["inputs"]["motion"][:, :1] + shift)
        stream.push("audio", batch["inputs"]["audio"])
        stream.skip()
        stream.push("motion", batch["inputs"]["motion"][:, 1:2])
        drawn.append(stream.step(NoiseSource(0, 4))["motion"])
    assert not torch.allclose(drawn[0], drawn[1])


def test_two_outputs_share_the_encoder_and_report_one_likelihood():
    config = replace(
        tiny_config(),
        outputs={"motion": OutputConfig(offset=3), "audio": OutputConfig(offset=5)},
    )
    model = tiny_model(config)
    loss, metrics = model.loss(make_batch(config), generator=seeded())
    parts = [metrics["motion/nll"].item(), metrics["audio/nll"].item()]
    assert metrics["nll"].item() == pytest.approx((4 * parts[0] + 3 * parts[1]) / 7, rel=1e-5)
    assert loss.item() == pytest.approx(metrics["nll"].item(), rel=1e-5)


def test_a_model_without_density_says_so():
    model = tiny_model(replace(tiny_config(), head=DeterministicHeadConfig()))
    assert not model.has_density
    assert tiny_model().has_density
    with pytest.raises(ModelError, match="no likelihood"):
        model.log_prob(make_batch(model.config))


def test_an_output_that_is_no_input_has_no_frame_before_it():
    config = tiny_config()
    config = replace(config, inputs={"audio": config.inputs["audio"]})
    model = tiny_model(config)
    assert model.prepare_batch(make_batch(config), SharedNoise(None)).previous == {}
    with pytest.raises(ModelError, match="change"):
        tiny_model(with_head(config, target="change"))


def test_every_parameter_gets_a_gradient():
    model = tiny_model().train()
    model.loss(make_batch(model.config), generator=seeded())[0].backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert without == []
