from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        Path(name).write_text(text, encoding="utf-8")

    return write
