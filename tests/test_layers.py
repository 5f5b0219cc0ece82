"""Imports run only downwards (ARCHITECTURE.md); pyproject.toml holds the contracts."""

from pathlib import Path

import pytest
from importlinter import cli

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("contract", ["layers", "no-torch"])
def test_rooms_import_only_what_lies_below_them(contract, capsys, monkeypatch):
    monkeypatch.chdir(CHECKOUT)
    code = cli.lint_imports(config_filename="pyproject.toml", limit_to_contracts=(contract,), no_cache=True)
    assert code == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out
