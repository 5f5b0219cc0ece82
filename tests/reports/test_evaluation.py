"""The whole evaluation of tiny models on tiny data."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.generation.factories import make_features, make_sidecars, save_bvh, save_data, save_run
from tests.motion.factories import make_clip, make_skeleton
from transflower.cli import main
from transflower.core.errors import DataError, FormatError, ModelError
from transflower.data.store import Store
from transflower.evaluation.metrics.likelihood import Likelihood
from transflower.evaluation.opening import open_data, open_setting
from transflower.evaluation.options import EvaluationConfig
from transflower.evaluation.systems import reference_rows
from transflower.formats.bvh import write_bvh
from transflower.generation import generate_batch
from transflower.reports.evaluation import evaluate

IDS = ("one", "two", "three")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """With a model in `model`, and features in `data`, all of them held out but one."""
    folder = tmp_path_factory.mktemp("evaluation")
    save_run(folder / "model")
    data = save_data(folder / "data", (*IDS, "learnt"), num_frames=30)
    (data / "base_filenames_val.txt").write_text("\n".join(IDS))
    (data / "base_filenames_train.txt").write_text("learnt")
    return folder


@pytest.fixture
def few(monkeypatch) -> None:
    """Of the metrics only that of likelihood."""
    monkeypatch.setattr("transflower.reports.evaluation.chosen", lambda flags: [Likelihood()])


def options(folder: Path, **more) -> EvaluationConfig:
    usual = {"models": (str(folder / "model"),), "data": folder / "data", "draws": 20, "long": 0.0, "jobs": 1}
    return EvaluationConfig(**{**usual, **more})


def test_a_model_is_measured_beside_the_data(folder, tmp_path, capsys):
    out = tmp_path / "report"
    argv = [str(folder / "model"), "--data", str(folder / "data"), "--out", str(out), "--draws", "20", "--long", "0"]
    assert main(["evaluate", *argv, "--jobs", "1"]) == 0
    told = capsys.readouterr().out
    assert "held-out likelihood (nats/dim)" in told
    written = json.loads((out / "results.json").read_text())
    assert list(written["systems"]) == ["model", "real", "real, other music", "mean"]
    nats = written["systems"]["model"]["nats_per_dim"]
    assert nats["low"] is None  # Three recordings are too few.
    assert nats["recordings"] == 3
    assert written["setting"]["frames per second"] == 20
    assert written["setting"]["skeleton"].split(" joints: ")[1]
    assert written["setting"]["beats"] == "none are heard or given"
    assert told.count("no beats of its music are heard or given") == 1
    assert "Evaluation of model" in (out / "report.html").read_text()
    for name in ("report.md", "report.tex", "report.csv"):
        assert "likelihood" in (out / name).read_text()


def test_features_without_beats_are_not_read_for_them(folder, tmp_path, monkeypatch):
    data = shutil.copytree(folder / "data", tmp_path / "data")
    (data / "audio.json").write_text((data / "audio.json").read_text().replace("beat_cos", "warmth"))
    read, opened = set(), Store.open
    monkeypatch.setattr(Store, "open", lambda store, one, name: read.add(name) or opened(store, one, name))
    given = options(folder, data=data)
    assert not open_setting(open_data(given), given).beats
    assert read == {"motion"}


def test_files_of_an_older_evaluation_go_and_those_of_others_stay(folder, few, tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    names = {"differences.tex", "report.html", "notes.txt", "calibration.json", "calibration.a.png"}
    for name in names:
        (out / name).write_text("another's")
    without = options(folder, out=out, page=False, overwrite=True)
    for _ in range(2):
        evaluate(without)
        assert {(out / name).read_text() for name in names} == {"another's"}
    found = json.loads((out / "results.json").read_text())
    assert found["files"] == ["report.md", "report.tex", "report.csv"]
    older = {"report.html", "calibration.a.png", "notes.txt", "../notes.txt"}  # Such names are no evaluation's.
    (out / "results.json").write_text(json.dumps({**found, "files": [*found["files"], *older]}))
    evaluate(without)
    written = {"kept", "results.json", "report.md", "report.tex", "report.csv"}
    assert {path.name for path in out.iterdir()} == names - {"report.html", "calibration.a.png"} | written


def test_samples_are_drawn_once(folder, few, tmp_path, monkeypatch):
    first = evaluate(options(folder, out=tmp_path / "report"))
    kept = sorted((tmp_path / "report" / "kept" / "model" / "samples").glob("*.npy"))
    assert len(kept) == 2 * len(IDS)
    monkeypatch.setattr("transflower.evaluation.drawing.generate_batch", None)
    again = evaluate(options(folder, out=tmp_path / "report"))
    assert again.results.json() == first.results.json()
    with pytest.raises(TypeError, match="not callable"):
        evaluate(options(folder, out=tmp_path / "report", seed=1))
    with pytest.raises(TypeError, match="not callable"):  # What was to be drawn anew is not known any more.
        evaluate(options(folder, out=tmp_path / "report"))


def test_samples_are_kept_as_they_are_drawn_and_depend_on_nothing_else(folder, few, tmp_path, monkeypatch):
    whole = evaluate(options(folder, out=tmp_path / "whole"))
    monkeypatch.setattr("transflower.evaluation.drawing._ROWS", 2)
    calls = []

    def draw_once(*args, **options):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return generate_batch(*args, **options)

    monkeypatch.setattr("transflower.evaluation.drawing.generate_batch", draw_once)
    with pytest.raises(KeyboardInterrupt):
        evaluate(options(folder, out=tmp_path / "parts"))
    parts = evaluate(options(folder, out=tmp_path / "parts"))
    assert len(calls) == 1 + len(IDS)  # The first part is not drawn again.
    assert parts.results.json()["systems"] == whole.results.json()["systems"]
    for path in sorted((tmp_path / "whole" / "kept" / "model" / "samples").glob("*.npy")):
        np.testing.assert_allclose(
            np.load(tmp_path / "parts" / "kept" / "model" / "samples" / path.name), np.load(path), atol=1e-4
        )


def test_models_that_draw_and_are_measured_in_processes_have_the_same_numbers(folder, few, tmp_path):
    def found(jobs):
        models = tuple(f"{name}={folder / 'model'}" for name in "ab")
        return evaluate(options(folder, models=models, out=tmp_path / str(jobs), page=False, jobs=jobs)).results.json()

    assert found(2) == found(1)


def test_other_real_sequences_stand_for_a_perfect_model(folder):
    found = options(folder, samples=1)
    data = open_data(found)
    setting = open_setting(data, found)
    real, elsewhere, _ = reference_rows(data, setting)
    assert list(real.samples) == ["learnt"]
    assert real.reference is None
    assert list(setting.reference) == list(IDS)
    assert elsewhere.samples == {}  # There is no other song.


def test_the_likelihood_of_a_model_does_not_depend_on_what_it_standardises_by(folder, few, tmp_path):
    """The density in the data's units is that of the model times the change of units, which a second model shares."""
    other = tmp_path / "data"
    save_data(other, (*IDS, "learnt"), num_frames=30)
    for path in other.glob("learnt.motion.npy"):
        np.save(path, np.load(path) * 3)  # larger deviations of the split that is learnt from
    (other / "base_filenames_val.txt").write_text("\n".join(IDS))
    (other / "base_filenames_train.txt").write_text("learnt")
    nats = [
        evaluate(options(folder, data=one, out=tmp_path / f"report{index}")).results.systems["model"]["nats_per_dim"]
        for index, one in enumerate((folder / "data", other))
    ]
    assert nats[1].value - nats[0].value == pytest.approx(-np.log(3), abs=1e-4)


def test_files_of_another_system_are_read(folder, tmp_path):
    sidecars = make_sidecars()
    for index, one in enumerate(IDS):
        np.save(tmp_path / f"{one}.0.motion.npy", make_features(sidecars, num_frames=30, seed=index)["motion"])
        np.save(tmp_path / f"{one}.1.motion.npy", make_features(sidecars, num_frames=30, seed=index + 7)["motion"])
    found = evaluate(options(folder, models=(), dances=(f"theirs={tmp_path}",), out=tmp_path / "report"))
    assert found.results.missing["theirs"]["Likelihood"] == "it is no model"


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"split": "test"}, FormatError, "is missing"),
        ({"sequences": 1}, DataError, "take more --sequences"),
        ({"output": "moves"}, DataError, "holds no moves; --output is one of: audio, motion"),
        ({"models": ("nowhere",)}, ModelError, "nowhere"),
        ({"dances": ("theirs=nowhere",)}, DataError, "nowhere is not a folder"),
        ({"dances": ("real=.",)}, DataError, "two systems would be called real; name them apart"),
        ({"dances": ("../up=.",)}, DataError, "name of a system"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_drawn(folder, tmp_path, monkeypatch, more, error, words):
    monkeypatch.setattr("transflower.evaluation.drawing.generate_batch", None)
    with pytest.raises(error, match=words):
        evaluate(options(folder, out=tmp_path / "report", **more))


def test_models_and_features_in_each_others_place_are_told(folder, tmp_path, capsys):
    data, model = folder / "data", folder / "model"
    assert main(["evaluate", str(data), "--data", str(model)]) == 2
    told = capsys.readouterr().err
    assert f"{data} is a folder of features and --data {model} is a model; the command is" in told
    assert main(["evaluate", str(model), "--data", str(data), "--beats", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err


def test_a_table_and_metrics_that_are_broken_are_told_before_anything_is_drawn(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.evaluation.drawing.generate_batch", None)
    data = shutil.copytree(folder / "data", tmp_path / "data")
    (data / "recordings.csv").write_text("id,motion\none\n")
    with pytest.raises(DataError, match=r"recordings.csv, line 2: has 1 cells"):
        evaluate(options(folder, data=data, out=tmp_path / "report"))
    shutil.copytree(folder / "model", tmp_path / "run" / "best")
    (tmp_path / "run" / "metrics.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match=r"metrics.jsonl"):
        evaluate(options(folder, models=(str(tmp_path / "run"),), out=tmp_path / "report", page=True))
    # Only the page shows them.
    with pytest.raises(TypeError, match="not callable"):
        evaluate(options(folder, models=(str(tmp_path / "run"),), out=tmp_path / "report", page=False))


def test_an_option_of_another_command_is_said_to_be_one(folder, tmp_path):
    (tmp_path / "edge").mkdir()
    save_bvh(tmp_path / "edge" / "one.bvh", 40)
    text = (tmp_path / "edge" / "one.bvh").read_text()
    time = next(line for line in text.splitlines() if line.startswith("Frame Time:"))
    (tmp_path / "edge" / "one.bvh").write_text(text.replace(time, "Frame Time: 33.3333"))
    with pytest.raises(DataError, match=r"add --source_fps 30; the option is one of `transflower convert`"):
        evaluate(options(folder, models=(), dances=(f"edge={tmp_path / 'edge'}",), out=tmp_path / "report"))


def test_two_models_of_one_name_are_named_apart(folder, tmp_path):
    model = str(folder / "model")
    with pytest.raises(DataError, match="two systems would be called model"):
        evaluate(options(folder, models=(model, model), out=tmp_path / "report"))


def test_a_folder_of_other_files_is_not_filled(folder, tmp_path):
    save_bvh(tmp_path / "mine.bvh")
    for name in ("results.json", "kept"):  # These names alone do not tell that it is ours.
        with pytest.raises(DataError, match="holds other files; add --overwrite to write beside them"):
            evaluate(options(folder, out=tmp_path))
        (tmp_path / name).write_text("{}")


def test_a_body_that_is_none_is_refused_with_the_file(folder, tmp_path):
    write_bvh(tmp_path / "one.bvh", make_clip(30, skeleton=make_skeleton(num_joints=1)))
    with pytest.raises(FormatError, match=r"one\.bvh"):
        evaluate(options(folder, dances=(f"theirs={tmp_path}",), out=tmp_path / "report"))


def test_an_array_that_is_not_finite_is_refused_with_the_file(folder, tmp_path):
    rows = make_features(make_sidecars(), num_frames=30)["motion"]
    rows[4, 2] = np.nan
    np.save(tmp_path / "one.motion.npy", rows)
    with pytest.raises(FormatError, match=r"one\.motion\.npy: is nan in frame 4, column 2"):
        evaluate(options(folder, models=(), dances=(f"theirs={tmp_path}",), out=tmp_path / "report"))
