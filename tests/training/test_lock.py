import subprocess
import sys

import pytest

from transflower.core.errors import OptionsError
from transflower.training.lock import RunLock

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
