"""What every test gets: one thread, a working directory that must stay empty, real files if any."""

import logging
import os

# Before numpy and torch are imported by any test: several threads on a shared machine cost 50 to 100 times the time.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests import checking
from tests.examples import examples

checking.install()
CHECKOUT = Path(__file__).resolve().parent.parent
GOLDEN_DATA = CHECKOUT / "tests" / "golden" / "data"
NO_REAL_DATA = "no real data: give --real-data=DIR"
MOST_OF_A_FOLDER = 20
"""Real files of one folder that a test runs for, evenly chosen, but with --all-real-data."""
REAL_FILES = {"real_bvh": (".bvh",), "real_audio": (".wav", ".mp3", ".ogg", ".flac", ".m4a")}

set_hypothesis_home_dir(CHECKOUT / ".hypothesis")
# Deadlines measure the machine's other tenants, not the code.
hypothesis.settings.register_profile("transflower", deadline=None, max_examples=examples(50))
hypothesis.settings.load_profile("transflower")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--real-data", type=_absolute, metavar="DIR", help="BVH and audio files for the real_data tests")
    parser.addoption("--all-real-data", action="store_true", help="all of its files, not a choice of large folders")
    parser.addoption("--golden", type=_absolute, metavar="DIR", help="files of published numbers for the golden tests")


def _absolute(text: str) -> Path:
    """Tests run in another working directory."""
    return Path(text).absolute()


def _folder(config: pytest.Config, option: str, default: Path | None = None) -> Path | None:
    given: Path | None = config.getoption(option)
    if given is not None and not given.is_dir():
        raise pytest.UsageError(f"{option}: {given} is not a folder")
    folder = given or default
    return folder.resolve() if folder else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test runs once for each file below a folder.

    One that takes ``real_bvh`` or ``real_audio``, for such files of the real data; one that takes ``golden_file``, for
    each file of published numbers.
    """
    names = set(metafunc.fixturenames)
    for name in REAL_FILES.keys() & names:
        _run_for_each_file(metafunc, name, _folder(metafunc.config, "--real-data"), REAL_FILES[name])
    if "golden_file" in names:
        _run_for_each_file(metafunc, "golden_file", _folder(metafunc.config, "--golden", GOLDEN_DATA), (".npz",))


def _run_for_each_file(metafunc: pytest.Metafunc, name: str, folder: Path | None, suffixes: tuple[str, ...]) -> None:
    if folder is None:
        metafunc.parametrize(name, [pytest.param(None, marks=pytest.mark.skip(reason=NO_REAL_DATA))], ids=["none"])
        return
    files = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in suffixes]
    if name in REAL_FILES and not metafunc.config.getoption("--all-real-data"):
        files = chosen(files)
    metafunc.parametrize(name, files, ids=[str(file.relative_to(folder)) for file in files])


def chosen(files: list[Path], most: int = MOST_OF_A_FOLDER) -> list[Path]:
    """Of each folder a few files: many recordings of one kind show the same."""
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    return [file for some in folders.values() for file in some[:: -(-len(some) // most)]]


@pytest.fixture(scope="session")
def real_data_dir(pytestconfig: pytest.Config) -> Path:
    """Folder of real recordings: ``--real-data=DIR``."""
    folder = _folder(pytestconfig, "--real-data")
    if folder is None:
        pytest.skip(NO_REAL_DATA)
    return folder


@pytest.fixture(scope="session")
def _empty_working_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before, folder = Path.cwd(), tmp_path_factory.mktemp("working_directory")
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(autouse=True)
def _working_directory_stays_unchanged(_empty_working_directory: Path) -> Iterator[None]:
    yield
    assert Path.cwd() == _empty_working_directory, "the test changed the working directory; use monkeypatch.chdir"
    litter = sorted(path.name for path in _empty_working_directory.iterdir())
    assert not litter, f"the test left {litter} in the working directory; write below tmp_path"


@pytest.fixture(autouse=True)
def _logging_stays_unchanged() -> Iterator[None]:
    """A command that ran within a test leaves a handler behind, whose stream pytest then closes."""
    logger = logging.getLogger("transflower")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
