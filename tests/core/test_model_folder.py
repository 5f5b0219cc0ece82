"""Where a model is found."""

from pathlib import Path

import pytest

from transflower.core.errors import ModelError
from transflower.core.model_folder import WEIGHTS, find_model


@pytest.mark.parametrize("name", ["pretrained", "salsa"])
def test_models_of_the_package_have_names(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    found = find_model(Path(name))
    assert (found / WEIGHTS).is_file()
    (tmp_path / name).mkdir()
    (tmp_path / name / WEIGHTS).touch()
    assert find_model(Path(name)).resolve() == tmp_path / name, "a folder comes first"


def test_what_is_no_folder_is_refused_with_those_names(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere: there is no such folder; .* or pretrained or salsa"):
        find_model(tmp_path / "nowhere")
