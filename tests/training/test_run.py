import json
import math
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.training.factories import experiment, tree
from transflower import cli
from transflower.core.errors import DataError, ModelError, OptionsError
from transflower.core.options import decode, load_yaml
from transflower.models import load_model
from transflower.training import Experiment, callback, train, trainer, validation
from transflower.training.objectives import LikelihoodObjective

QUIET = {"rollouts": {"sequences": 0}}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def loss_times(monkeypatch):
    """Multiply the loss of some batches, counted from 0, by something."""
    original = LikelihoodObjective.loss

    def arrange(factors):
        number = iter(range(10**9))

        def loss(self, batch):
            value, metrics = original(self, batch)
            return value * factors(next(number)), metrics

        monkeypatch.setattr(LikelihoodObjective, "loss", loss)
        monkeypatch.setattr(trainer, "check_step_memory", lambda *args: None)  # It counts no batches.

    return arrange


def history(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def weights(folder):
    return load_file(folder / "model.safetensors")


def is_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_run_leaves_models_history_and_its_experiment(recordings, out):
    one = experiment(recordings)
    result = train(one, out)
    assert (result.steps, result.is_finished, result.folder) == (12, True, out)
    assert {path.name for path in out.iterdir()} == {
        "best", "last", "config.yaml", "resume.ckpt", "metrics.jsonl", "logs", ".lock"
    }  # fmt: skip
    assert decode(Experiment, load_yaml(out / "config.yaml")) == one
    assert decode(Experiment, load_yaml(out / "best" / "config.yaml")) == one
    loaded = load_model(out)
    assert loaded.folder == out / "best"
    assert loaded.sidecars == {"motion": None, "audio": {"kind": "audio", "fps": 20, "silence": [0.0, 0.0]}}
    assert list((out / "logs").glob("events.*"))


def test_history_holds_training_held_out_and_sampled_metrics(recordings, out):
    result = train(experiment(recordings), out)
    rows = history(out)
    held_out = {row["step"]: row for row in rows if "val/nll" in row}
    assert list(held_out) == [0, 5, 10, 12]
    assert held_out[0]["val/nll"] == pytest.approx(result.first_nll)
    assert held_out[12]["val/nll"] == pytest.approx(result.last_nll)
    assert "rollout/std" not in held_out[0]
    assert "rollout/std" in held_out[5]
    trained = [row for row in rows if "train/loss" in row]
    assert [row["step"] for row in trained] == [3, 6, 9, 12]
    # The latest of 3 steps has the rate of a cosine over 12 steps, behind 2 steps of warm-up.
    cosine = [0.5 * (1 + math.cos(math.pi * step / 12)) for step in (2, 5, 8, 11)]
    assert [row["train/lr"] for row in trained] == pytest.approx([0.01 * share for share in cosine])


def test_model_learns(recordings, out):
    result = train(experiment(recordings, max_steps=60, validate_every=1000, **QUIET), out)
    assert result.last_nll < result.first_nll - 0.5
    assert result.best_nll == result.last_nll
    assert result.best_step == 60


def test_averaged_weights_are_kept_and_resume_file_is_plain(recordings, out):
    train(experiment(recordings, **QUIET), out)
    state = torch.load(out / "resume.ckpt", weights_only=True)
    average = state["callbacks"]["run"]["ema"]["weights"]
    assert is_equal(weights(out / "last"), average)
    raw = {name.removeprefix("objective.model."): weight for name, weight in state["state_dict"].items()}
    assert not is_equal(raw, average)


def test_best_model_is_that_of_the_best_score(recordings, out, monkeypatch):
    scores = iter([9.0, 2.0, 1.0, 5.0])
    monkeypatch.setattr(validation, "means", lambda sums: {"loss": 0.0, "nll": next(scores)})
    result = train(experiment(recordings, validate_every=4, keep=2, **QUIET), out)
    assert (result.first_nll, result.last_nll, result.best_nll, result.best_step) == (9.0, 5.0, 1.0, 8)
    assert sorted(path.name for path in (out / "steps").iterdir()) == ["00000008", "00000012"]
    assert is_equal(weights(out / "best"), weights(out / "steps" / "00000008"))
    assert is_equal(weights(out / "last"), weights(out / "steps" / "00000012"))


def test_scores_that_are_not_finite_are_never_better(recordings, out, monkeypatch):
    scores = iter([9.0, math.nan, 3.0, math.inf])
    monkeypatch.setattr(validation, "means", lambda sums: {"loss": 0.0, "nll": next(scores)})
    assert train(experiment(recordings, validate_every=4, **QUIET), out).best_step == 8


def test_run_without_finite_metrics_says_that_it_diverged_and_has_no_best(recordings, out, monkeypatch, capsys):
    monkeypatch.setattr(validation, "means", lambda sums: {"loss": math.nan, "nll": math.nan})
    options = experiment(recordings, validate_every=4, **QUIET)
    assert train(options, out).has_diverged
    assert not (out / "best").exists()
    # The same from the command line, of a run that is finished.
    assert cli.main(["train", str(out / "config.yaml"), "--out", str(out)]) == 1
    told = capsys.readouterr().out
    assert "training diverged" in told
    assert "--training.optimiser.lr" in told
    assert "dance with" not in told


def test_run_that_diverged_in_the_end_names_its_best_model(recordings, out, monkeypatch, capsys):
    scores = iter([9.0, 2.0, math.inf, math.nan])
    monkeypatch.setattr(validation, "means", lambda sums: {"loss": 0.0, "nll": next(scores)})
    assert train(experiment(recordings, validate_every=4, **QUIET), out).best_step == 4
    assert cli.main(["train", str(out / "config.yaml"), "--out", str(out)]) == 1
    assert f"the best model, of step 4, is in {out / 'best'}" in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "step"), [(1e6, 1), (0.0, 5)])
def test_state_is_saved_after_the_first_step_and_then_by_time(recordings, out, monkeypatch, loss_times, seconds, step):
    monkeypatch.setattr(callback, "_SECONDS_BETWEEN", seconds)
    monkeypatch.setattr(callback, "_MOST_SHARE", 1e9)

    def fail(batch):
        assert batch < 5
        return 1.0

    loss_times(fail)
    with pytest.raises(AssertionError):
        train(experiment(recordings, validate_every=100, save_every=100, **QUIET), out)
    assert torch.load(out / "resume.ckpt", weights_only=True)["global_step"] == step


def test_samples_can_choose_the_best(recordings, out, monkeypatch):
    options = {"validate_every": 6, "best_by": "rollout", "rollouts": {"sequences": 1, "samples": 2, "frames": 12}}
    result = train(experiment(recordings, **options), out)
    distances = {row["step"]: row.get("rollout/movement_distance") for row in history(out) if "val/nll" in row}
    assert result.best_step == min((6, 12), key=distances.get)


def test_any_metric_of_a_validation_can_choose_the_best(recordings, out):
    options = {"validate_every": 6, "rollouts": {"sequences": 1, "samples": 2, "frames": 6}}
    result = train(experiment(recordings, best_by="rollout/drift", **options), out)
    drift = {row["step"]: row.get("rollout/drift") for row in history(out) if "val/nll" in row}
    assert result.best_step == min((6, 12), key=drift.get)


def test_a_metric_that_is_not_measured_cannot_choose_the_best(recordings, out):
    with pytest.raises(OptionsError, match=r"no val/accuracy; measured are .*rollout/drift.*val/loss"):
        train(experiment(recordings, best_by="val/accuracy"), out)


def test_deterministic_model_is_judged_by_its_loss(recordings, out):
    options = tree(recordings, **QUIET)
    options["model"]["head"] = {"type": "deterministic"}
    result = train(decode(Experiment, options), out)
    assert result.first_nll is result.last_nll is None
    assert result.best["loss"] <= result.first["loss"]


def test_accumulated_batches_teach_what_one_large_batch_does(recordings, tmp_path):
    def final(batch_size, accumulate):
        options = tree(recordings, batch_size=batch_size, accumulate=accumulate, max_steps=3, ema=0.0, **QUIET)
        model = options["model"] | {"target_noise": 0.0, "history_noise": {"sigma_max": 0.0}}
        model["head"]["flow"]["norm"] = {"type": "none"}  # Others are set from a batch, whose size differs.
        for window in model["inputs"].values():
            window["dropout"] = 0.0
        train(decode(Experiment, options | {"model": model}), tmp_path / str(batch_size))
        return weights(tmp_path / str(batch_size) / "last")

    whole, parts = final(8, 1), final(4, 2)
    for name, weight in whole.items():
        torch.testing.assert_close(parts[name], weight, atol=1e-5, rtol=1e-4)


def test_time_limit_ends_a_run(recordings, out):
    result = train(experiment(recordings, max_steps=None, max_minutes=0.01, **QUIET), out)
    assert result.is_finished
    assert 0.6 <= result.seconds < 20
    assert train(experiment(recordings, max_steps=None, max_minutes=0.01, **QUIET), out).steps == result.steps


def test_step_with_a_gradient_that_is_not_finite_is_left_out(recordings, out, loss_times, caplog):
    loss_times(lambda batch: math.nan if batch == 3 else 1.0)
    result = train(experiment(recordings, **QUIET), out)
    assert (result.steps, result.skipped) == (12, 1)
    assert all(torch.isfinite(weight).all() for weight in weights(out / "last").values())
    assert "step 4 is left out" in caplog.text


def test_many_such_steps_end_the_run(recordings, out, loss_times):
    loss_times(lambda batch: 1.0 if batch < 5 else math.inf)
    with pytest.raises(ModelError, match="not finite in 10 steps in a row, up to step 15"):
        train(experiment(recordings, max_steps=100, **QUIET), out)
    assert torch.load(out / "resume.ckpt", weights_only=True)["global_step"] in {4, 12}


def test_second_ctrl_c_stops_at_once(recordings, out, loss_times):
    def twice(batch):
        if batch == 5:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return 1.0

    loss_times(twice)
    with pytest.raises(KeyboardInterrupt):
        train(experiment(recordings, **QUIET), out)
    assert torch.load(out / "resume.ckpt", weights_only=True)["global_step"] in {4, 5}


def test_ctrl_c_before_the_first_step_leaves_a_run_that_can_begin(recordings, out, monkeypatch):
    original = validation.sum_metrics

    def interrupted(*args, **kwargs):
        signal.raise_signal(signal.SIGINT)
        return original(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(validation, "sum_metrics", interrupted)
        assert train(experiment(recordings), out).steps == 0
    assert train(experiment(recordings), out).first_nll is not None


def test_run_whose_folder_is_removed_meanwhile_is_whole_in_the_end(recordings, out, loss_times):
    def remove(batch):
        if batch == 5:
            shutil.rmtree(out)
        return 1.0

    loss_times(remove)
    train(experiment(recordings, **QUIET), out)
    assert {"best", "last", "config.yaml", "resume.ckpt"} <= {path.name for path in out.iterdir()}
    assert train(experiment(recordings, **QUIET), out).is_finished


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells what is mapped")
def test_state_that_was_continued_from_takes_no_room_once_it_is_replaced(recordings, out, loss_times):
    train(experiment(recordings, max_steps=2, schedule={"type": "constant"}, **QUIET), out)
    mapped = []

    def look(batch):
        mapped.append("resume.ckpt" in Path("/proc/self/maps").read_text())
        return 1.0

    loss_times(look)
    train(experiment(recordings, max_steps=4, schedule={"type": "constant"}, **QUIET), out)
    assert mapped == [False, False]


def test_randomness_of_the_caller_is_left_alone(recordings, out):
    torch.manual_seed(0)
    expected = torch.randn(3)
    torch.manual_seed(0)
    train(experiment(recordings, max_steps=2, **QUIET), out)
    assert torch.equal(torch.randn(3), expected)


def test_lightning_logs_nothing(recordings, out, capfd, caplog):
    caplog.set_level("INFO")
    train(experiment(recordings), out)
    assert not [record for record in caplog.records if not record.name.startswith("transflower")]
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "ightning" not in captured.err


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"best_by": "rollout", "rollouts": {"frames": 3, "samples": 1}}, OptionsError, "more frames than columns"),
        ({"accelerator": "cuda"}, OptionsError, "training.accelerator is cuda, but this machine has only a CPU"),
        ({"accelerator": "cpu", "devices": 1000}, OptionsError, "there are only"),
        ({"rollouts": {"sequences": 1}, "model.head": {"type": "deterministic"}, "best_by": "likelihood"},
         OptionsError, "best_by: likelihood needs a model with a density"),
        ({"best_by": "rollout/std"}, OptionsError, "rollout/std is good where it is that of the data"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_before_anything_is_written(recordings, out, options, error, message):
    if options.get("accelerator") == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine can")
    head = options.pop("model.head", None)
    options = tree(recordings, **options)
    options["model"] = options["model"] | ({"head": head} if head else {})
    with pytest.raises(error, match=message):
        train(decode(Experiment, options), out)
    assert not out.exists()


def test_problems_of_the_data_are_reported_and_nothing_is_written(recordings, out):
    array = np.load(recordings / "a.motion.npy")
    array[3, 1] = np.nan
    np.save(recordings / "a.motion.npy", array)
    (recordings / "b.audio.npy").unlink()
    with pytest.raises(DataError) as refused:
        train(experiment(recordings), out)
    assert "a.motion.npy" in str(refused.value)
    assert "b.audio.npy" in str(refused.value)
    assert not out.exists()


def test_recordings_with_other_columns_do_not_continue_a_run(recordings, out):
    train(experiment(recordings, **QUIET), out)
    for path in recordings.glob("*.motion.npy"):
        np.save(path, np.load(path)[:, :2])
    with pytest.raises(ModelError, match=r"resume.ckpt is of a model for other features"):
        train(experiment(recordings, max_steps=20, **QUIET), out)


def test_plateau_follows_validations(recordings, out, monkeypatch):
    monkeypatch.setattr(validation, "means", lambda sums: {"loss": 0.0, "nll": 1.0})
    schedule = {"type": "plateau", "patience": 1, "factor": 0.5, "warmup_steps": 0}
    train(experiment(recordings, schedule=schedule, validate_every=3, **QUIET), out)
    rates = [row["train/lr"] for row in history(out) if "train/lr" in row]
    assert rates == pytest.approx([0.01, 0.01, 0.005, 0.0025])
