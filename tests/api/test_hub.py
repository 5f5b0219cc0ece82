"""Models on the hub, against a stand-in of it."""

import subprocess
import sys

import pytest

import transflower
from tests.api.hub_stand_in import serve
from transflower.core.errors import ModelError

SCRIPT = """
import sys
import transflower
from transflower.core.errors import TransflowerError
dancer = transflower.load({folder!r})
print(dancer.push_to_hub("ann/dancer"))
again = transflower.load("ann/dancer")
for name, value in dancer.loaded.model.state_dict().items():
    assert (again.loaded.model.state_dict()[name] == value).all(), name
assert again.loaded.sidecars == dancer.loaded.sidecars
for wrong in ("ann/nobody", "ann/empty"):
    try:
        transflower.load(wrong)
    except TransflowerError as error:
        print(error)
"""


def test_a_model_goes_to_the_hub_and_comes_back(loaded, tmp_path):
    with serve() as hub:
        hub.repositories["ann/empty"] = {"README.md": b"nothing"}
        # In a process of its own: the library reads its address and cache when it is imported.
        environment = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path), "HF_TOKEN": "hf_x", "PATH": ""}
        script = SCRIPT.format(folder=str(loaded.folder))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        files = hub.repositories["ann/dancer"]
    printed = done.stdout.splitlines()
    assert printed[0] == f"{hub.address}/ann/dancer/commit/{'c' * 40}"
    assert printed[1].startswith("there is no folder ann/nobody, and it cannot be read from the hub: ")
    assert printed[2] == "ann/empty on the hub holds no model of transflower"
    assert sorted(files) == ["README.md", "config.yaml", "features.json", "model.safetensors"]
    card = files["README.md"].decode()
    assert 'transflower.load("ann/dancer")' in card
    assert "draws motion given audio" in card


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    message = r"there is no folder ann/dancer; models on the hub need huggingface_hub: pip install 'transflower\[hub\]'"
    with pytest.raises(ModelError, match=message):
        transflower.load("ann/dancer")


def test_what_is_no_name_of_a_repository_is_refused(loaded):
    with pytest.raises(ModelError, match="'dancer' is no name of a repository"):
        transflower.Dancer(loaded).push_to_hub("dancer")
