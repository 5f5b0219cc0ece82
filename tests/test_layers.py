"""Imports run only downwards (ARCHITECTURE.md); pyproject.toml holds the contracts."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("contract", ["layers", "no-torch", "circles"])
def test_rooms_import_only_what_lies_below_them(contract):
    # In a process of its own: import-linter switches off every logger that there is.
    linter = Path(sys.executable).with_name("lint-imports")
    command = [linter, "--config", "pyproject.toml", "--contract", contract, "--no-cache"]
    found = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_file_has_more_than_350_lines():
    rooms = [CHECKOUT / room for room in ("src", "benchmarks", "recipes", "tests", "web/src", "web/test")]
    sources = [path for room in rooms for ending in ("py", "ts", "css") for path in room.rglob(f"*.{ending}")]
    assert [path.name for path in sources if len(path.read_text(encoding="utf-8").splitlines()) > 350] == []
