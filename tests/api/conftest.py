"""A trained model, and a song."""

from pathlib import Path

import pytest

from tests.generation.factories import make_song, save_run
from transflower.audio.writing import write_wav
from transflower.models import LoadedModel


@pytest.fixture(scope="session")
def loaded(tmp_path_factory) -> LoadedModel:
    return save_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def song(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    write_wav(path, make_song(1.0))
    return path
