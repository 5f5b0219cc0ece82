from pathlib import Path

import pytest

from tests.training.factories import write_recordings


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    return write_recordings(tmp_path / "data")
