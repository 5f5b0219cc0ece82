"""The dancer that comes with the package."""

import pytest
import torch

from transflower.features.audio import AudioSettings, names
from transflower.generation import motion_sidecars
from transflower.models import load_model
from transflower.models.pretrained import PRETRAINED, replace_pretrained


@pytest.fixture(scope="module")
def dancer():
    return load_model(PRETRAINED)


def test_it_is_small_and_says_how_it_was_made():
    assert sum(path.stat().st_size for path in PRETRAINED.iterdir()) < 12e6
    assert "transflower demo" in (PRETRAINED.parent / "README.md").read_text()


def test_it_hears_what_is_extracted_today_and_moves_a_body(dancer):
    assert tuple(dancer.sidecars["audio"]["names"]) == names(AudioSettings())
    assert "Hips" in motion_sidecars(dancer)["motion"].skeleton.names


def test_it_dances_with_any_lookahead(dancer):
    assert dancer.model.encoder.lookahead == 30
    for lookahead in (0, 30):
        dancer.model.stream(1, lookahead=lookahead)


def test_a_better_one_can_take_its_place(dancer, tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.models.pretrained.PRETRAINED", tmp_path / "dancer")
    replace_pretrained(dancer.folder)
    state = load_model(tmp_path / "dancer").model.state_dict()
    assert all(torch.equal(state[name], value) for name, value in dancer.model.state_dict().items())
