"""Every command and every Python block of the documents runs, in order, in a small folder."""

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from tests.documents.documents import DOCUMENTS, Block, blocks
from tests.documents.workplace import made_by, prepare, prepare_run, shortened
from transflower import cli
from transflower.core import workers
from transflower.models.encoders import ENCODERS
from transflower.models.heads import HEADS

NOT_RUN = {
    "transflower train dancer-tiny --sweep": "trains twenty runs",
    "make ": "targets of this checkout: .ci/run and a person run them",
    "python3 -m venv": "installs",
    ".venv/bin/pip ": "installs",
    ".venv/bin/pre-commit ": "installs",
    ".venv/bin/transflower --help": "transflower, where it was installed",
}
"""Beginning of a command -> why it is not run."""

RUN = [path for path in DOCUMENTS if any(block.language in {"sh", "python"} for block in blocks(path))]


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The folder as it is before a document, made once for all processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "popen-gw" in base.name else base) / "documents"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            half_made = Path(f"{folder}.new")
            prepare(half_made)
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(half_made)
                patch.setattr(workers, "has_semaphores", lambda: False)
                prepare_run(half_made)
            half_made.rename(folder)
    return folder


@contextmanager
def registries_as_before():
    """Parts that a block registers are forgotten."""
    kept = {registry: dict(registry._entries) for registry in (HEADS, ENCODERS)}
    try:
        yield
    finally:
        for registry, entries in kept.items():
            registry._entries = entries


@pytest.mark.timeout(300)
@pytest.mark.parametrize("document", RUN, ids=lambda path: path.name)
def test_commands_and_python_run(document, template, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(shutil.copytree(template, tmp_path / "work"))
    monkeypatch.setattr(workers, "has_semaphores", lambda: False)  # To start a process takes longer than its work.
    monkeypatch.syspath_prepend(str(tmp_path / "work"))
    modules, names = set(sys.modules), {}
    parts = blocks(document)
    for made in made_by([command for block in parts for command in block.commands]):
        shutil.rmtree(made, ignore_errors=True)
    try:
        with registries_as_before():
            for block in parts:
                run(block, names, document, capsys)
    finally:
        shutil.rmtree(tmp_path / "work", ignore_errors=True)
        for name in set(sys.modules) - modules:
            if (
                not name.startswith(("transflower", "tests"))
                and getattr(sys.modules[name], "__file__", None) == f"{tmp_path / 'work' / name}.py"
            ):
                del sys.modules[name]


def run(block: Block, names: dict[str, object], document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{document.name}:{block.line}"
    if block.file:
        Path(block.file).write_text(block.text, encoding="utf-8")
    elif block.language == "python":
        code = compile("\n" * (block.line - 1) + block.text, str(document), "exec")
        exec(code, names)
    for command in block.commands:
        if not command.startswith(tuple(NOT_RUN)):
            assert command.startswith("transflower "), f"{place}: {command} is neither run nor listed in NOT_RUN"
            words = shortened(command.removeprefix("transflower "))
            assert cli.main(words) == 0, f"{place}: {command}\n{capsys.readouterr().err}"


def test_what_is_not_run_is_in_a_document():
    lines = [command for document in RUN for block in blocks(document) for command in block.commands]
    unused = [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)]
    assert unused == []
