import math

import numpy as np
import pytest

from tests.training.factories import experiment, write_recordings
from transflower.core.errors import ModelError, OptionsError
from transflower.training import RolloutConfig, rollouts
from transflower.training.preparation import build_model, open_data
from transflower.training.rollouts import SCORE, Rollouts


@pytest.fixture
def opened(tmp_path):
    folder = write_recordings(tmp_path / "long", num_frames=60)
    one = experiment(folder)
    data = open_data(one)
    return data, build_model(one, data)


def make(opened, **options):
    data, model = opened
    return Rollouts(data, "val", model, RolloutConfig(**options), seed=0)


@pytest.fixture
def drawn(monkeypatch):
    """Replace what the model draws by samples of our making, and note what it was asked for."""
    asked = []

    def arrange(sample):
        def fake(model, requests, *, num_samples, **options):
            for one in requests:
                about = {"inputs": one.inputs, "prompt": one.prompt, "frames": one.num_frames, "seed": one.seed}
                asked.append({"samples": num_samples, **about, **options})
            return [{"motion": sample(one.num_frames, num_samples)} for one in requests]

        monkeypatch.setattr(rollouts, "generate_batch", fake)
        return asked

    return arrange


def test_samples_start_where_their_prompt_ends(opened, drawn):
    asked = drawn(lambda frames, samples: np.zeros((samples, frames, 3), np.float32))
    make(opened, sequences=1, samples=3, frames=20).metrics(opened[1])
    (_, arrays), *_ = opened[0].sequences("val")
    call = asked[0]
    np.testing.assert_array_equal(call["prompt"]["motion"], arrays["motion"][:4])
    np.testing.assert_array_equal(call["inputs"]["audio"], arrays["audio"][4:])
    np.testing.assert_array_equal(call["fill"]["audio"], np.zeros(2))
    assert (call["frames"], call["samples"]) == (20, 3)


def test_samples_of_different_models_can_start_at_the_same_frame(opened, drawn):
    asked = drawn(lambda frames, samples: np.zeros((samples, frames, 3), np.float32))
    data, model = opened
    Rollouts(data, "val", model, RolloutConfig(sequences=1, frames=20), seed=0, prompt_frames=9).metrics(model)
    (_, arrays), *_ = data.sequences("val")
    np.testing.assert_array_equal(asked[0]["prompt"]["motion"], arrays["motion"][:9])
    np.testing.assert_array_equal(asked[0]["inputs"]["audio"], arrays["audio"][9:])


def test_sample_like_the_data_scores_better_than_a_frozen_or_a_wild_one(opened, drawn):
    (_, arrays), *_ = opened[0].sequences("val")
    real = arrays["motion"][4:44]
    rng = np.random.default_rng(0)
    samples_of = {
        "real": real[None].repeat(2, 0) + rng.normal(0, 0.05, (2, 40, 3)),
        "frozen": real[None, :1].repeat(40, 1).repeat(2, 0) + rng.normal(0, 0.001, (2, 40, 3)),
        "wild": 5 * rng.standard_normal((2, 40, 3)),
    }
    metrics = {}
    for name, one in samples_of.items():
        drawn(lambda frames, samples, one=one: one.astype(np.float32))
        metrics[name] = make(opened, sequences=1, samples=2, frames=40).metrics(opened[1])
    assert metrics["real"][SCORE] < min(metrics["frozen"][SCORE], metrics["wild"][SCORE])
    assert metrics["real"]["rollout/std"] == pytest.approx(1, abs=0.2)
    assert metrics["frozen"]["rollout/jitter"] < 0.1 < 1 < metrics["wild"]["rollout/jitter"]


def test_untrained_model_can_be_sampled_and_again_with_the_same_metrics(opened):
    data, model = opened
    model.initialise(data.train.batch(range(8)))
    one = make(opened, sequences=1, samples=2, frames=30)
    metrics = one.metrics(model)
    assert metrics == one.metrics(model)
    assert {"rollout/std", "rollout/drift", "rollout/pose_distance", SCORE} <= metrics.keys()


def test_sample_that_is_not_finite_has_the_worst_score(opened, drawn, caplog):
    def explode(frames, samples):
        raise ModelError("'motion' of dancer 0 is not finite in frame 3")

    drawn(explode)
    assert make(opened).metrics(opened[1]) == {SCORE: math.inf}
    assert "not finite in frame 3" in caplog.text


def test_few_frames_have_no_distances(opened, drawn):
    drawn(lambda frames, samples: np.zeros((samples, frames, 3), np.float32))
    few = make(opened, sequences=1, samples=1, frames=5)
    assert not few.has_score
    assert SCORE not in few.metrics(opened[1])
    assert make(opened, sequences=1, samples=2, frames=20).has_score


def test_sequence_that_is_too_short_is_passed_over(tmp_path, drawn):
    folder = write_recordings(tmp_path / "some", num_frames=60)
    for name in ("audio", "motion"):
        np.save(folder / f"short.{name}.npy", np.load(folder / f"a.{name}.npy")[:4])
    (folder / "base_filenames_val.txt").write_text("short\nd\n")
    one = experiment(folder)
    data = open_data(one)
    model = build_model(one, data)
    asked = drawn(lambda frames, samples: np.zeros((samples, frames, 3), np.float32))
    Rollouts(data, "val", model, RolloutConfig(sequences=2), seed=0).metrics(model)
    assert [call["frames"] for call in asked] == [56]


def test_sequences_that_are_too_short_are_refused(tmp_path):
    one = experiment(write_recordings(tmp_path / "short", num_frames=4))
    data = open_data(one)
    with pytest.raises(OptionsError, match="no sequence of split 'val' is long enough"):
        Rollouts(data, "val", build_model(one, data), RolloutConfig(), seed=0)


def test_what_samples_are_compared_with_is_read_when_there_are_samples(opened, drawn, monkeypatch):
    data, model = opened
    drawn(lambda frames, samples: np.zeros((samples, frames, 3), np.float32))
    read, sequences = [], data.sequences
    monkeypatch.setattr(
        type(data), "sequences", lambda self, split, first=0: read.append((split, first)) or sequences(split, first)
    )
    one = Rollouts(data, "train", model, RolloutConfig(sequences=1, frames=20), seed=0)
    one.try_out(model, frames=8)
    assert read == [("train", 0)]
    one.metrics(model)
    assert read[1:] == [("train", index) for index in range(3)]
