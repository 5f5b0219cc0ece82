"""What the system does to a command: signals, outputs that are closed or full, names that are no text."""

import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import joblib
import psutil
import pytest

from tests.render.factories import stand
from transflower import cli
from transflower.formats.bvh import write_bvh


def run_bytes(*words, shell="", **environment):
    command = f"exec {sys.executable} -m transflower {' '.join(words)} {shell}"
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, check=False, timeout=60, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_a_verb_tidily(monkeypatch, capsys, tmp_path, number, code):
    def run(argv, *, prog):
        try:
            signal.raise_signal(number)
        finally:
            (tmp_path / "tidied").touch()

    module = types.ModuleType("transflower.cli.wave")
    module.run = run
    monkeypatch.setitem(sys.modules, "transflower.cli.wave", module)
    monkeypatch.setitem(cli.VERBS, "wave", "wave with one hand")
    before = signal.getsignal(number)
    assert cli.main(["wave"]) == code
    assert capsys.readouterr().err == "transflower: stopped\n"
    assert (tmp_path / "tidied").exists()
    assert signal.getsignal(number) is before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_a_full_output_is_told():
    ran = run_bytes("--help", shell="> /dev/full")
    assert ran.returncode == 2
    assert ran.stderr == b"transflower: error: standard output cannot be written (no space left on it)\n"


def test_a_closed_output_or_error_is_no_fault():
    assert run_bytes("--version", shell=">&-").returncode == 0
    ran = run_bytes("nothing", shell="2>&-")
    assert (ran.returncode, ran.stdout) == (2, b"")


def test_a_file_name_that_is_no_text_is_printed_as_it_is(tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(name)  # noqa: PTH102 - bytes
    ran = subprocess.run(
        [sys.executable, "-m", "transflower", "data", "check", name, "--features", "caf\u00e9"],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert ran.returncode == 2
    assert ran.stderr == b""
    assert name + b" holds no caf\\xe9" in ran.stdout


@pytest.mark.skipif(os.name == "nt" or joblib.cpu_count() == 1, reason="Ctrl-C or the work goes another way there")
def test_ctrl_c_ends_a_video_at_once_with_its_processes_and_leaves_nothing(tmp_path):
    write_bvh(tmp_path / "long.bvh", stand(num_frames=30 * 120))
    (tmp_path / "videos").mkdir()
    words = ["convert", str(tmp_path / "long.bvh"), str(tmp_path / "videos" / "long.mp4")]
    # A terminal tells all processes of a command.
    command = subprocess.Popen(
        [sys.executable, "-m", "transflower", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    children = _drawing(command.pid)
    os.killpg(command.pid, signal.SIGINT)
    _, error = command.communicate(timeout=30)
    assert command.returncode == 130
    assert error.endswith(b"transflower: stopped\n")
    assert b"Traceback" not in error
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert list((tmp_path / "videos").iterdir()) == []


def _drawing(pid: int) -> list[psutil.Process]:
    """The children of a process, once all that draw do so: they have worked for longer than they take to start."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        children = psutil.Process(pid).children(recursive=True)
        busy = [child for child in children if sum(child.cpu_times()[:2]) > 1]
        if len(busy) >= 2:
            return children
        time.sleep(0.1)
    raise AssertionError("no process draws")
