"""At every instant of a run, its folder can be gone on with, and ends with the same models to the byte."""

import os
import shutil
from contextlib import suppress

from tests.training.factories import experiment
from transflower.core.errors import ModelError
from transflower.models import load_model
from transflower.training import train

QUICK = {"max_steps": 2, "validate_every": 1, "save_every": 2, "keep": 1, "rollouts": {"sequences": 0}}
FOLDERS, FILES = ("best", "last", "steps/00000002"), ("model.safetensors", "features.json")


def models_of(run):
    return {(folder, file): (run / folder / file).read_bytes() for folder in FOLDERS for file in FILES}


def visible(folder):
    """What lies in a run, without what is half written."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {
        (str(path), (folder / path).read_bytes())
        for path in files
        if not any(part.startswith(".") for part in path.parts) and path.parts[0] not in {"logs", "metrics.jsonl"}
    }


def test_run_that_is_killed_at_any_instant_ends_with_the_same_models(recordings, tmp_path, monkeypatch):
    same, run, instants = experiment(recordings, **QUICK), tmp_path / "run", []
    original = os.replace

    def keep():
        if (now := visible(run)) not in [known for known, _ in instants]:
            instants.append((now, shutil.copytree(run, tmp_path / f"instant {len(instants)}")))

    def replace(source, target):
        keep()
        original(source, target)
        keep()

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        train(same, run)
    assert len(instants) > 8
    for _, folder in instants:
        with suppress(ModelError):  # It says that there is no model yet.
            load_model(folder)
        train(same, folder)
        assert models_of(folder) == models_of(run), folder
