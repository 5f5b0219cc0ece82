"""Recordings, and where their features go."""

from pathlib import Path

import pytest

from tests.motion.factories import make_clip
from transflower.formats.bvh import write_bvh


@pytest.fixture
def recordings(tmp_path) -> Path:
    """Three dances of one body."""
    for seed, name in enumerate(("a", "b", "c")):
        write_bvh(tmp_path / "bvh" / f"{name}.bvh", make_clip(20 + seed, seed=seed))
    return tmp_path / "bvh"


@pytest.fixture
def out(tmp_path) -> Path:
    """Where features go; not made yet."""
    return tmp_path / "new" / "features"
