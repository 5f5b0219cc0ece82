"""Trained models and their data, made once."""

from pathlib import Path

import pytest

from tests.generation.factories import save_data, save_run
from transflower.models import LoadedModel


@pytest.fixture(scope="session")
def loaded(tmp_path_factory) -> LoadedModel:
    return save_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return save_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def live(tmp_path_factory) -> LoadedModel:
    return save_run(tmp_path_factory.mktemp("live"), "causal")
