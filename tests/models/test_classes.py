"""A model that draws a class and motion in every frame, and reads both."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.factories import AUDIO, CLASSES, MEAN, MOTION, STD, class_batch, class_model, tiny_config
from transflower.core.errors import OptionsError
from transflower.core.spans import UNKNOWN_CLASS
from transflower.generation import generate
from transflower.generation.prompt import open_prompt
from transflower.generation.session import Session
from transflower.models import Model, OutputConfig, load_model, save_model
from transflower.models.history_noise import HistoryNoise
from transflower.nn.noise import SharedNoise


@pytest.fixture(scope="module")
def model() -> Model:
    return class_model()


@pytest.fixture(scope="module")
def song():
    return {"audio": np.random.default_rng(0).standard_normal((30, AUDIO)).astype(np.float32)}


@torch.no_grad()
def test_the_likelihood_is_that_of_both(model):
    batch = class_batch()
    loss, metrics = model.loss(batch, generator=torch.Generator().manual_seed(0))
    log_prob = model.log_prob(batch, generator=torch.Generator().manual_seed(0))
    nats = -sum(values.mean() for values in log_prob.values())
    assert float(loss) == pytest.approx(float(nats) / MOTION, rel=1e-4)  # one column of motion is constant
    assert float(metrics["nll"]) == pytest.approx(float(loss), rel=1e-5)


@torch.no_grad()
def test_a_weight_changes_the_loss_and_not_the_likelihood(model):
    heavy, batch = class_model(weight=12.0), class_batch()
    loss, metrics = heavy.loss(batch, generator=torch.Generator().manual_seed(0))
    _, plain = model.loss(batch, generator=torch.Generator().manual_seed(0))
    assert float(loss) == pytest.approx(float(4 * metrics["motion/nll"] + 12 * metrics["moves/nll"]) / 16, rel=1e-5)
    assert float(metrics["nll"]) == pytest.approx(float(plain["nll"]), rel=1e-5)
    with pytest.raises(OptionsError, match="weight"):
        OutputConfig(weight=0.0)


@torch.no_grad()
def test_motion_follows_the_class_that_was_drawn(model):
    batch = class_batch()
    other = {**batch, "inputs": {**batch["inputs"], "moves": (batch["inputs"]["moves"] + 1) % CLASSES}}
    generators = [torch.Generator().manual_seed(0) for _ in range(2)]
    one, two = (model.log_prob(b, generator=g)["motion"] for b, g in zip((batch, other), generators, strict=True))
    assert not torch.allclose(one, two, atol=1e-3)


def test_windows_that_begin_unknown_show_the_mean_pose_and_no_class(model):
    model = Model(
        replace(model.config, history_noise=HistoryNoise(decay=0.5, blank_prefix=1.0)),
        model.streams,
        {"motion": (MEAN, STD), "audio": (np.zeros(AUDIO), np.ones(AUDIO))},
    ).train()
    prepared = model.prepare_batch(class_batch(), SharedNoise(torch.Generator().manual_seed(1)))
    is_unknown = prepared.inputs["moves"][..., 0] == UNKNOWN_CLASS
    assert 0 < is_unknown.float().mean() < 1
    assert torch.equal((prepared.inputs["motion"] == 0).all(-1), is_unknown)
    assert (prepared.targets["moves"] >= 0).all()


def test_dances_begin_without_a_class_and_hold_whole_numbers(model, song):
    drawn = generate(model, song, num_frames=30, num_samples=3)
    assert drawn["moves"].shape == (3, 30, 1)
    assert drawn["moves"].dtype == np.int64
    assert ((drawn["moves"] >= 0) & (drawn["moves"] < CLASSES)).all()
    assert len(np.unique(drawn["moves"])) > 1
    again = generate(model, song, num_frames=30, num_samples=1)
    np.testing.assert_array_equal(again["moves"], drawn["moves"][:1])


def test_a_session_draws_the_same_and_goes_on_from_its_state(model, song):
    whole = generate(model, song, num_frames=28, num_samples=2)
    session, later = Session(model, batch_size=2), Session(model, batch_size=2)
    assert session.pull()["moves"].dtype == np.int64
    session.push("audio", song["audio"][:13])
    first = session.pull()
    later.load_state_dict(session.state_dict())
    later.push("audio", song["audio"][13:])
    second = later.pull()
    for name in ("motion", "moves"):
        joined = np.concatenate([first[name], second[name]], axis=1)
        np.testing.assert_allclose(joined[:, :28], whole[name][:, : joined.shape[1]], atol=1e-4)


def test_a_seed_of_motion_alone_will_do(model, song):
    seeds = {"motion": np.random.default_rng(1).standard_normal((9, MOTION)).astype(np.float32)}
    drawn = generate(model, song, num_frames=5, prompt=seeds)
    with_moves = generate(model, song, num_frames=5, prompt={**seeds, "moves": np.full((9, 1), 2)})
    assert not np.allclose(drawn["motion"], with_moves["motion"])


def test_kinds_of_another_folder_are_no_seed(model, tmp_path):
    save_model(tmp_path / "model", model, sidecars={"moves": {"kind": "moves"}})
    np.save(tmp_path / "a.motion.npy", np.zeros((9, MOTION), np.float32))
    np.save(tmp_path / "a.moves.npy", np.zeros((9, 1), np.int64))
    assert open_prompt(load_model(tmp_path / "model"), "a", data=tmp_path).keys() == {"motion"}


def test_it_is_kept_and_read(model, song, tmp_path):
    save_model(tmp_path, model, sidecars={})
    back = load_model(tmp_path).model
    for name, rows in generate(back, song, num_frames=10).items():
        np.testing.assert_array_equal(rows, generate(model, song, num_frames=10)[name])


def test_an_output_and_its_input_are_of_one_kind():
    plain = tiny_config("causal")
    with pytest.raises(OptionsError, match="must be a categorical sequence"):
        replace(plain, outputs={"motion": OutputConfig(kind="categorical")})
