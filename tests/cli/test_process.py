"""What the system does to a command: signals, outputs that are closed or full, names that are no text."""

import os
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

from transflower import cli


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
