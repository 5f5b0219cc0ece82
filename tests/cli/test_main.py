"""The command line as a whole: verbs, offers, exit codes, one line for what users can fix, and no slow imports."""

import logging
import os
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from transflower import cli
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError


@pytest.fixture
def verb(monkeypatch):
    """Adds a verb ``wave`` that does what the test says."""

    def add(run):
        module = types.ModuleType("transflower.cli.wave")
        module.run = run
        monkeypatch.setitem(sys.modules, "transflower.cli.wave", module)
        monkeypatch.setitem(cli.VERBS, "wave", "wave with one hand")

    return add


def raising(error):
    def run(argv, *, prog):
        raise error

    return run


def test_help_lists_every_verb_with_what_it_does(capsys):
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(verb in out and summary in out for verb, summary in cli.VERBS.items())


def test_help_of_a_group_lists_its_verbs_alone(capsys):
    assert cli.main(["data", "--help"]) == 0
    out = capsys.readouterr().out
    assert "data split" in out
    assert "extract" not in out


@pytest.mark.parametrize("words", [[], ["extract"]])
def test_nothing_to_do_is_a_usage_error_with_help(words, capsys):
    assert cli.main(words) == 2
    captured = capsys.readouterr()
    assert "usage: transflower" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["extrat", "motion"], "unknown command 'extrat' (did you mean 'extract'?)"),
        (["extract", "moton", "x"], "unknown command 'extract moton' (did you mean 'extract motion'?)"),
        (["qqq"], "unknown command 'qqq' (there are: demo, extract motion,"),
        (["--verison"], "unknown command '--verison'"),
        (["data", "check", "x", "--featurs", "a"], "--featurs: unknown flag (did you mean --features?)"),
        (["data", "check"], "folder: is required"),
        (["data", "check", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(words, message, capsys):
    assert cli.main(words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"transflower: error: {message}")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_verb_gets_its_words_and_its_code_is_returned(verb):
    seen = {}

    def run(argv, *, prog):
        seen.update(argv=argv, prog=prog)
        return 3

    verb(run)
    assert cli.main(["wave", "--hand", "left"]) == 3
    assert seen == {"argv": ["--hand", "left"], "prog": "transflower wave"}


LESS = "do less at a time: smaller batches, fewer samples, shorter parts"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (DataError("a.npy: is empty"), 2, "transflower: error: a.npy: is empty\n"),
        (KeyboardInterrupt(), 130, "transflower: stopped\n"),
        (PermissionError(13, "Permission denied", "/etc/x"), 2, "transflower: error: /etc/x: Permission denied\n"),
        (MemoryError(), 2, f"transflower: error: no memory is left for this; {LESS}\n"),
        (
            RuntimeError("Symlink loop from '/a/x.glb'"),
            2,
            "transflower: error: '/a/x.glb' is a link that leads to itself\n",
        ),
        (
            OSError(12, "Cannot allocate memory"),
            2,
            f"transflower: error: no memory is left for this ([Errno 12] Cannot allocate memory); {LESS}\n",
        ),
        (
            RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB\nand more"),
            2,
            "transflower: error: no memory is left for this (CUDA out of memory. Tried to allocate 20.00 GiB); "
            f"{LESS}\n",
        ),
        (SystemExit(0), 0, ""),
        (SystemExit(None), 0, ""),
        (SystemExit(5), 5, ""),
    ],
)
def test_what_users_can_mend_is_one_line_without_trace(verb, capsys, error, code, text):
    verb(raising(error))
    assert cli.main(["wave"]) == code
    assert capsys.readouterr().err == text


@pytest.mark.parametrize("error", [ValueError("bug"), OSError("bug"), RuntimeError("bug")])
def test_bugs_trace(verb, error):
    verb(raising(error))
    with pytest.raises(type(error), match="bug"):
        cli.main(["wave"])


def test_logging_is_short_and_on_standard_error_and_verbose_tells_more(verb, capsys):
    def run(argv, *, prog):
        assert argv == ["left"]
        logger = logging.getLogger("transflower.motion")
        logger.info("read as cm")
        logger.debug("details")
        return 0

    verb(run)
    assert cli.main(["wave", "left"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "read as cm\n")
    assert cli.main(["--verbose", "wave", "left"]) == 0
    assert capsys.readouterr().err == "transflower.motion: read as cm\ntransflower.motion: details\n"


def test_verbose_shows_where_an_error_came_from(verb, capsys):
    verb(raising(DataError("a.npy: is empty")))
    assert cli.main(["wave", "--verbose"]) == 2
    assert "Traceback" in capsys.readouterr().err


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_version_and_module_form():
    command = [sys.executable, "-m", "transflower", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.startswith("transflower ")


def test_a_reader_that_leaves_early_is_no_error(verb):
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from transflower.cli import main; sys.exit(main(['--help']))"
    with os.fdopen(write, "w") as closed:
        ran = subprocess.run(
            [sys.executable, "-c", code], stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.stderr == ""
    assert ran.returncode == 141


HEAVY = (
    "psutil",
    "pydantic",
    "typeguard",
    "asyncio",
    "torch",
    "lightning",
    "librosa",
    "matplotlib",
    "tensorboard",
    "scipy.fft",
    "scipy.spatial",
    "av",
)
SHOW_IMPORTS = f"""
import sys
from transflower.cli import main
before = set()
for words in sys.argv[1:]:
    code = main([*words.split(), "--help"])
    imported = set({HEAVY}) & set(sys.modules)
    print("imported:", *sorted(imported - before))
    print("ended with", code, flush=True)
    before = imported
"""


@pytest.fixture(scope="module")
def shown():
    """What each command's help prints, and after it what slow things it has imported that those before it had not.

    One process, for each takes a second to import what is not slow.
    """
    verbs = ["", *(verb for verb in cli.VERBS if verb != "train")]
    ran = run_python(SHOW_IMPORTS, *verbs)
    assert ran.returncode == 0, ran.stderr
    return dict(zip(verbs, re.split("(?<=ended with 0)\n", ran.stdout), strict=False))


@pytest.mark.parametrize("verb_words", ["", *(verb for verb in cli.VERBS if verb != "train")])
def test_help_imports_nothing_slow(shown, verb_words):
    assert shown[verb_words].startswith("usage: ")
    assert shown[verb_words].splitlines()[-2:] == ["imported:", "ended with 0"]


def test_help_of_all_verbs_imports_no_options():
    code = "import sys; from transflower.cli import main; main(['--help']); print('imported:', 'numpy' in sys.modules)"
    assert run_python(code).stdout.endswith("imported: False\n")


MISTAKES = {
    "generate song.wav --sample 3": "unknown flag",
    "generate nowhere.wav": "there is no such file",
    "generate text.txt": "is not sound",
    "generate song.wav --model .": "holds no model",
    "generate song.wav --format foo": "there is no format 'foo'",
    "generate song.wav --bpm 3": "--bpm must be 20 to 400",
    "generate song.wav --map m.csv": "--map is the table of a character",
    "generate song.wav --out text.txt": "is a file, not a folder",
    "generate take.bvh": "take.bvh is motion, and a song belongs in its place",
    "generate song.wav --music take.bvh": "take.bvh is motion, and a song belongs in its place",
    "generate song.wav --prompt song.wav": "song.wav: a prompt is a .bvh or another file of motion",
    "generate song.wav --prompt nowhere.bvh": "nowhere.bvh: there is no such file",
    "score nowhere.bvh song.wav": "there is no such file",
    "score text.txt song.wav": "is of no format that holds motion",
    "evaluate pretrained --data nowhere": "nowhere is not a folder",
    "evaluate A=nowhere --data .": "nowhere: there is no such folder",
    "evaluate pretrained A=x/pretrained --data features": "x/pretrained: there is no such folder",
    "evaluate pretrained pretrained --data features": "two systems would be called pretrained",
    "evaluate --data features --dances a=full --dances a=.": "two systems would be called a",
    "evaluate --data features --dances b=nowhere --dances a=full": "nowhere is not a folder; --dances needs",
    "evaluate --data features --dances real=full": "two systems would be called real",
    "evaluate --data features --dances a=nowhere": "nowhere is not a folder; --dances needs NAME=FOLDER",
    "compare text.txt text.txt": "is of no format that holds motion",
    "compare take.bvh take.bvh --out text.txt": "text.txt is a file, not a folder",
    "import-checkpoint nowhere.ckpt": "there is no such file",
    "generate song.wav --device gpu": "--device gpu is no device",
    "generate song.wav --beats text.txt": "text.txt: holds no beats",
    "generate song.wav --beats nowhere.txt": "there is no such file",
    "generate song.wav --out full": "song.mp4 is there already",
    "generate song.wav --data features --out full": "song.mp4 is there already",
    "generate song.wav --samples 2 --format mp4 --out full": "song_0.mp4 (and 1 more) is there already",
    "evaluate pretrained --data features --out full": "full holds other files",
    "evaluate pretrained --data features --split old": "base_filenames_old.txt: is missing",
    "train": "name an experiment",
    "train dancer-tiny --data.folder full --out run": "base_filenames_train.txt: is missing",
    "train dancer-tiny --data.folder features --data.val_split old --out run": "base_filenames_old.txt: is missing",
    "train dancer-tinny --data.folder features --out run": "did you mean 'dancer-tiny'?",
    "train dancer-tiny --data.folder nowhere --out run": "nowhere is not a folder",
    "train dancer-tiny --data.folder features --out full": "full is not empty and holds no run",
    "train dancer-tiny --data.folder features --out text.txt": "text.txt is a file",
    "train key.yaml --data.folder features --out run": "key.yaml: training.max_stepz: unknown option",
    "train top.yaml --data.folder features --out run": "top.yaml: modell: unknown option",
    "train dancer-tiny --data.folder features --out run --training.max_steps -4": "max_steps must be above 0",
    "train dancer-tiny --data.folder features --out run --training.precision fp8": "--training.precision: should be",
    "train dancer-tiny --data.folder features --out run --training.start_from nowhere": "there is no such folder",
    "train dancer-tiny --data.folder features --training.objective.type none": "out: is required",
    "train dancer-tiny --data.folder features --out run --sweep nowhere.yaml": "nowhere.yaml: cannot be read",
    "train dancer-tiny --data.folder features --out run --sweep=odd.yaml": "odd.yaml: trails: unknown option",
    "train dancer-tiny --data.folder features --out run --sweep range.yaml": "must have low below high, got 3 and 1",
    "train dancer-tiny --data.folder features --out run --sweep metric.yaml": "metric is auto, likelihood, loss",
    "train dancer-tiny --data.folder nowhere --out run --sweep right.yaml": "nowhere is not a folder",
    "demo --preset waltz": "no preset 'waltz'",
    "demo --out text.txt": "text.txt is a file",
    "demo --out full": "run is not empty and holds no run",
}
SWEEPS = {
    "odd": "trails: 3\nmodel.head.leak: [0, 0.1]",
    "range": "model.head.leak: {low: 3, high: 1}",
    "metric": "metric: speed\nmodel.head.leak: [0, 0.1]",
    "right": "steps: 2\nmodel.head.leak: [0, 0.1]",
}
SHOW_MISTAKES = """
import sys
from transflower.cli import main
for words in sys.argv[1:]:
    print("code", main(words.split()), "torch" in sys.modules, flush=True)
    print("next", file=sys.stderr, flush=True)
"""


def test_mistakes_are_told_before_torch_is_loaded(tmp_path, monkeypatch):
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "features").mkdir()
    for split in ("train", "val"):
        (tmp_path / "features" / f"base_filenames_{split}.txt").write_text("take\n")
    (tmp_path / "full" / "run").mkdir(parents=True)
    for name in ("song.mp4", "song_0.mp4", "song_1.mp4", "run/notes.txt"):
        (tmp_path / "full" / name).write_text("mine")
    for name, key in (("key", "training: {max_stepz: 3}"), ("top", "modell: {}")):
        (tmp_path / f"{name}.yaml").write_text(f"extends: dancer-tiny\n{key}\n")
    for name, text in SWEEPS.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "take.bvh").write_text("HIERARCHY\n")
    write_wav(tmp_path / "song.wav", Audio(np.zeros((100, 1), np.float32), 8000))
    monkeypatch.chdir(tmp_path)
    ran = run_python(SHOW_MISTAKES, *MISTAKES)
    assert ran.stdout.splitlines() == ["code 2 False"] * len(MISTAKES)
    for told, message in zip(ran.stderr.split("next\n"), MISTAKES.values(), strict=False):
        assert message in told
