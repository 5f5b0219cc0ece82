import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
import torch

from tests.training.factories import experiment
from transflower.core.errors import FormatError, OptionsError
from transflower.core.options import encode, write_yaml
from transflower.training.folder import RunFolder, RunLock


def state():
    """What a resume file holds, in small."""
    metrics = {name: {"nll": 1.0} for name in ("first", "last", "best")}
    run = {
        "clock": {"seconds": 9.0, "pauses": 1.0, "frames": 70},
        "validation": {**metrics, "last_step": 5, "best_step": 5, "scores": [1.0]},
        "skipped": 0,
        "ema": {"weights": {"w": torch.zeros(2, 3)}, "num_updates": 7},
    }
    steps = {"optimizer": {"step": {"total": {"completed": 7, "ready": 7}}}}
    return {
        "state_dict": {"model.w": torch.ones(2, 3)},
        "callbacks": {"run": run},
        "global_step": 7,
        "optimizer_states": [{"state": {}, "param_groups": []}],
        "loops": {"fit_loop": {"epoch_loop.automatic_optimization.optim_progress": steps}},
    }


@pytest.fixture
def folder(tmp_path):
    """A run that has been saved."""
    folder = RunFolder(tmp_path / "run")
    folder.begin(experiment(tmp_path))
    torch.save(state(), folder.resume)
    return folder


def test_there_is_nothing_to_continue_in_a_new_or_unsaved_run(tmp_path):
    folder = RunFolder(tmp_path / "new" / "run")
    assert folder.saved(experiment(tmp_path)) is None
    folder.begin(experiment(tmp_path))
    assert folder.saved(experiment(tmp_path, batch_size=2)) is None


def test_a_run_whose_resume_file_is_lost_is_not_begun_anew(folder, tmp_path):
    folder.resume.unlink()
    folder.last.mkdir()
    with pytest.raises(OptionsError, match=r"resume\.ckpt is missing"):
        folder.saved(experiment(tmp_path))


def test_saved_run_is_found(folder, tmp_path):
    saved = folder.saved(experiment(tmp_path))
    assert saved.step == 7
    assert torch.equal(saved.weights["model.w"], torch.ones(2, 3))
    assert torch.equal(saved.kept["w"], torch.zeros(2, 3))
    assert "ema" not in saved.run


@pytest.mark.parametrize(
    "options",
    [
        {"max_steps": 100, "max_minutes": 3.0},
        {"devices": 2, "accelerator": "auto", "strategy": "ddp"},
        {"validate_every": 7, "save_every": 9, "log_every": 2, "keep": 3, "validate_batches": None},
        {"rollouts": {"sequences": 0}},
    ],
)
def test_limits_devices_and_intervals_may_change(folder, tmp_path, options):
    assert folder.saved(experiment(tmp_path, **options)).step == 7


def test_gap_that_is_allowed_may_change_as_what_is_read_is_compared_by_itself(folder, tmp_path):
    now = experiment(tmp_path)
    assert folder.saved(replace(now, data=replace(now.data, max_length_gap=3))).step == 7


def test_recordings_may_move(folder, tmp_path, caplog):
    assert folder.saved(experiment(tmp_path / "elsewhere")).step == 7
    assert f"recordings in {tmp_path / 'elsewhere'} instead of {tmp_path}" in caplog.text


def test_another_experiment_is_refused_naming_what_differs(folder, tmp_path):
    other = experiment(tmp_path, batch_size=5, optimiser={"type": "sgd"}, max_steps=99)
    with pytest.raises(OptionsError) as refused:
        folder.saved(other)
    message = str(refused.value)
    assert str(folder.path) in message
    assert "training.batch_size (4 -> 5)" in message
    assert "training.optimiser.type (adamw -> sgd)" in message
    assert "training.optimiser.betas ([0.9, 0.95] -> absent)" in message
    assert "max_steps" not in message
    assert f"transflower train {folder.config} --out {folder.path}" in message


def _file(folder):
    folder.path.rename(folder.path.with_name("moved"))
    folder.path.touch()


def _foreign(folder):
    folder.config.unlink()


def _truncated(folder):
    folder.resume.write_bytes(folder.resume.read_bytes()[:100])


def _damaged(folder):
    """The pickle inside says to take what is not there."""
    whole = zipfile.ZipFile(folder.resume)
    parts = {name: whole.read(name) for name in whole.namelist()}
    whole.close()
    with zipfile.ZipFile(folder.resume, "w") as file:
        for name, content in parts.items():
            file.writestr(name, b"R" if name.endswith("data.pkl") else content)


def _other_format(folder):
    torch.save([1, 2], folder.resume)


def _pickled(folder):
    torch.save({"state_dict": object}, folder.resume)


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (_file, OptionsError, "run is a file"),
        (_foreign, OptionsError, "run is not empty and holds no run"),
        (_truncated, FormatError, "resume.ckpt: cannot be read"),
        (lambda folder: folder.resume.write_bytes(b""), FormatError, "resume.ckpt: cannot be read"),
        (_damaged, FormatError, "resume.ckpt: cannot be read"),
        (_other_format, FormatError, "resume.ckpt: is not the state of a run"),
        (_pickled, FormatError, "resume.ckpt: cannot be read"),
        (lambda folder: folder.config.write_text(""), FormatError, "config.yaml: is not the experiment of a run"),
        (lambda folder: folder.config.write_text("model: 3\n"), FormatError, "config.yaml: is not the experiment"),
        (lambda folder: write_yaml(folder.config, {"nose": 1}), FormatError, "config.yaml: is not the experiment"),
    ],
)
def test_folder_that_is_no_run_is_refused(folder, tmp_path, spoil, error, message):
    spoil(folder)
    with pytest.raises(error, match=re.escape(message)):
        folder.saved(experiment(tmp_path))


def test_config_that_cannot_be_decoded_is_no_reason_to_fail_a_new_run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin(experiment(tmp_path))
    write_yaml(folder.config, encode(experiment(tmp_path)) | {"old": 1})
    assert folder.saved(experiment(tmp_path)) is None


HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(100)
"""


def test_second_training_in_a_folder_is_refused_naming_it_and_the_first(tmp_path):
    folder = tmp_path / "deep" / "run"
    with (
        RunLock(folder),
        pytest.raises(OptionsError, match=rf"{folder} is being trained already by process \d+ on "),
        RunLock(folder),
    ):
        pass
    with RunLock(folder):  # It was let go.
        pass


def test_folder_in_which_nothing_came_about_vanishes(tmp_path):
    with pytest.raises(ZeroDivisionError), RunLock(tmp_path / "deep" / "run"):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_folder_that_was_there_stays_and_so_does_what_was_made(tmp_path):
    with RunLock(tmp_path):
        pass
    with RunLock(tmp_path / "new"):
        (tmp_path / "new" / "config.yaml").touch()
    assert (tmp_path / "new" / "config.yaml").exists()


def test_a_killed_training_lets_go(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / ".lock"], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(OptionsError, match="is being trained already"), RunLock(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with RunLock(tmp_path):
        pass


def test_other_processes_of_a_run_share_it(tmp_path, monkeypatch):
    with RunLock(tmp_path):
        monkeypatch.setenv("LOCAL_RANK", "1")
        with RunLock(tmp_path):
            pass


def test_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(OptionsError, match="run is a file"), RunLock(tmp_path / "run"):
        pass
