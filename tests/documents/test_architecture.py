"""What ARCHITECTURE.md names exists."""

import re
from importlib import import_module
from pkgutil import resolve_name

from tests.documents.documents import CHECKOUT

TEXT = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SOURCE = CHECKOUT / "src" / "transflower"
FILES = {"features.json"}
OF_A_RUN = {"best/", "last/", "logs/", "steps/"}


def test_files_and_folders_exist():
    named = re.findall(r"`((?:\w+/)+[\w.]*)`", TEXT)
    # `models/heads/NAME.py` is a file to come, in a folder that is there.
    paths = {re.sub(r"\w*(NAME|VERB)[\w.]*$", "", path) for path in named} - OF_A_RUN
    assert len(paths) > 5
    assert not [path for path in paths if not ((SOURCE / path).exists() or (CHECKOUT / path).exists())]


def test_names_of_modules_and_of_what_is_in_them_exist():
    rooms = "|".join(path.name for path in SOURCE.iterdir() if path.is_dir())
    named = set(re.findall(rf"`((?:{rooms})(?:\.\w+)+)`", TEXT))
    assert len(named) > 30
    for name in named - FILES:
        _resolve(name)


def test_a_walk_has_at_most_twelve_stations():
    stations = [int(number) for number in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)]
    assert stations == [*range(1, 13), *range(1, 13)]


def _resolve(name: str) -> object:
    """The module, or what is in it."""
    try:
        return import_module(f"transflower.{name}")
    except ModuleNotFoundError:
        return resolve_name(f"transflower.{name}")
