"""How likely a dance is, frame by frame."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import AUDIO, MOTION, class_model, tiny_config, tiny_model, with_head
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.generation import generate
from transflower.generation.likelihood import frame_log_likelihood
from transflower.models import InputConfig, Model, OutputConfig
from transflower.models.heads import DeterministicHeadConfig

FRAMES = 20
INPUTS = {"audio": np.random.default_rng(0).standard_normal((FRAMES, AUDIO)).astype(np.float32)}


def quiet(kind: str):
    return tiny_model(replace(tiny_config(kind), target_noise=0.0))


@pytest.mark.parametrize("kind", ["windowed", "causal"])
def test_each_frame_has_the_density_of_the_window_that_it_is_predicted_from(kind):
    model = quiet(kind)
    dance = generate(model, INPUTS, num_frames=FRAMES)["motion"][0]
    found = frame_log_likelihood(model, INPUTS, {"motion": dance})["motion"]
    assert found.shape == (FRAMES,)
    spans, target, count = model.spans, model.config.target_spans["motion"], 6
    rows = {"motion": dance, "audio": INPUTS["audio"]}

    def window(name, span):
        return torch.from_numpy(rows[name][None, 3 + span.start : 3 + span.extended(count).stop])

    batch = {
        "inputs": {name: window(name, span) for name, span in spans.items()},
        "targets": {"motion": window("motion", target)},
    }
    with torch.no_grad():
        wanted = model.log_prob(batch)["motion"][0, -1] / model.dims["motion"]
    # A causal model reads farther back than these six positions.
    tolerance = 0.3 if kind == "causal" else 1e-4
    np.testing.assert_allclose(found[3 + count - 1 + target.start], wanted, atol=tolerance)


@pytest.mark.parametrize("kind", ["windowed", "causal"])
def test_it_does_not_matter_how_many_frames_are_evaluated_at_a_time(kind, monkeypatch):
    model = quiet(kind)
    dance = generate(model, INPUTS, num_frames=FRAMES)
    whole = frame_log_likelihood(model, INPUTS, {"motion": dance["motion"][0]})["motion"]
    monkeypatch.setattr("transflower.generation.teacher_forcing._POSITIONS", 14)
    parts = frame_log_likelihood(model, INPUTS, {"motion": dance["motion"][0]})["motion"]
    # A causal model reads a little less far back where a part begins.
    np.testing.assert_allclose(parts, whole, atol=0.02 if kind == "causal" else 1e-4)


def test_autoregressive_latents_go_on_from_one_part_to_the_next(monkeypatch):
    config = with_head(tiny_config(), flow=tiny_flow_config(latent_ar=2))
    model = tiny_model(replace(config, target_noise=0.0))
    dance = generate(model, INPUTS, num_frames=FRAMES)["motion"][0]
    whole = frame_log_likelihood(model, INPUTS, {"motion": dance})["motion"]
    monkeypatch.setattr("transflower.generation.teacher_forcing._POSITIONS", 7)
    np.testing.assert_allclose(frame_log_likelihood(model, INPUTS, {"motion": dance})["motion"], whole, atol=1e-4)


def test_what_the_model_draws_is_likelier_than_something_else():
    model = quiet("causal")
    dance = generate(model, INPUTS, num_frames=FRAMES)["motion"][0]
    odd = dance.copy()
    odd[10] += 5
    drawn, other = (frame_log_likelihood(model, INPUTS, {"motion": rows})["motion"] for rows in (dance, odd))
    np.testing.assert_allclose(drawn[:10], other[:10], atol=1e-5)
    assert other[10] < drawn[10] - 1


def test_classes_are_read_and_only_continuous_outputs_have_a_curve():
    model = class_model()
    dance = {name: rows[0] for name, rows in generate(model, INPUTS, num_frames=FRAMES).items()}
    assert list(frame_log_likelihood(model, INPUTS, dance)) == ["motion"]


def test_a_model_without_a_density_is_refused():
    model = tiny_model(replace(tiny_config(), head=DeterministicHeadConfig()))
    with pytest.raises(ModelError, match="has no likelihood"):
        frame_log_likelihood(model, INPUTS, {"motion": np.zeros((FRAMES, MOTION), np.float32)})


def test_a_frame_has_the_same_place_in_every_curve_whatever_the_offsets_of_outputs():
    plain = tiny_config("causal")
    config = replace(
        plain,
        target_noise=0.0,
        inputs={**plain.inputs, "other": InputConfig(offset=-1)},
        outputs={**plain.outputs, "other": OutputConfig(offset=1)},
    )
    torch.manual_seed(0)
    streams = {"motion": StreamSpec(dim=MOTION), "audio": StreamSpec(dim=AUDIO), "other": StreamSpec(dim=MOTION)}
    scale = (np.zeros(MOTION), np.ones(MOTION))
    model = Model(config, streams, {"motion": scale, "other": scale, "audio": (np.zeros(AUDIO), np.ones(AUDIO))})
    rng = np.random.default_rng(0)
    rows = {name: rng.standard_normal((FRAMES, MOTION)).astype(np.float32) for name in ("motion", "other")}
    windows = {name: torch.from_numpy(rng.standard_normal((4, 12, MOTION))).float() for name in ("motion", "other")}
    windows["audio"] = torch.from_numpy(rng.standard_normal((4, 12, AUDIO))).float()
    model.initialise(
        {
            "inputs": {name: windows[name][:, : span.extended(4).length] for name, span in config.spans.items()},
            "targets": {
                name: windows[name][:, : span.extended(4).length] for name, span in config.target_spans.items()
            },
        }
    )
    model.eval()
    before = frame_log_likelihood(model, INPUTS, rows)
    rows["other"] = rows["other"].copy()
    rows["other"][10] += 5
    after = frame_log_likelihood(model, INPUTS, rows)
    changed = {name: np.abs(after[name] - before[name]) > 1e-4 for name in rows}
    assert changed["other"].argmax() == 10
    assert not changed["motion"][:10].any()
