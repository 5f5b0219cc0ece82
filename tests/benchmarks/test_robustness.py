"""Sounds that are no songs, and what of a dance to them is out of bounds."""

import json

import numpy as np
import pytest

from benchmarks import robustness, sounds
from transflower.features.motion.codec import encode_motion
from transflower.generation import motion_sidecars
from transflower.models import load_model
from transflower.models.pretrained import PRETRAINED
from transflower.synthetic.recording import make_recording


def test_thirty_sounds_are_made_alike_each_time(monkeypatch):
    monkeypatch.setattr(sounds.shutil, "which", lambda name: None)
    made = sounds.make_sounds(8.0)
    assert len({one.name for one in made}) == len(made) == 30
    for one in made:
        samples = one.audio.mono
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() <= 1
        assert one.audio.seconds == (68 if "minute" in one.name else 8)
    again = {one.name: one.audio.samples for one in sounds.make_sounds(8.0, only=["noise", "clicks", "random"])}
    assert len(again) == 7
    assert all(np.array_equal(again[one.name], one.audio.samples) for one in made if one.name in again)


@pytest.fixture(scope="module")
def ranges():
    sidecar = motion_sidecars(load_model(PRETRAINED))["motion"]
    return robustness.DancersRanges(sidecar, count=2, seconds=8.0, seed=0), sidecar


def test_the_dancers_are_within_their_own_ranges(ranges):
    found, sidecar = ranges
    rows = encode_motion(make_recording(0, 1, seconds=8.0).clip, sidecar)
    assert found.flags(found.figures(rows), has_beat=True) == []


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        (("_Yposition", 1.0), "hips, highest (m)"),
        (("_Yposition", -0.5), "lowest (m)"),
        (("_beta", 3.0), "spread"),
        (("_dZposition", 0.1), "drift (m)"),
    ],
    ids=["floating", "below the floor", "twisted", "drifting"],
)
def test_what_no_dancer_does_is_flagged(ranges, change, flag):
    found, sidecar = ranges
    rows = encode_motion(make_recording(0, 1, seconds=8.0).clip, sidecar)
    suffix, amount = change
    changed = rows + amount * np.array([name.endswith(suffix) for name in sidecar.names])
    assert flag in found.flags(found.figures(changed.astype(np.float32)), has_beat=True)


def test_without_a_beat_much_movement_and_certainty_are_flagged(ranges):
    found, _ = ranges
    figures = {**found.worst, "speed (m/s)": found.speed, "sure": 0.9}
    assert found.flags(figures, has_beat=True) == []
    assert found.flags(figures, has_beat=False) == ["speed without a beat", "sure without a beat"]


def test_the_worst_dance_counts():
    found = robustness.worst([{"lowest (m)": 0.0, "drift (m)": 1.0}, {"lowest (m)": -0.2, "drift (m)": 0.5}])
    assert found == {"lowest (m)": -0.2, "drift (m)": 1.0}


def test_a_table_and_a_file_tell_of_each_sound(tmp_path, capsys, monkeypatch):
    def still(loaded, requests, *, num_samples, **_):
        return [{"motion": np.zeros((num_samples, 240, 72), np.float32)} for _ in requests]

    monkeypatch.setattr(robustness, "generate_batch", still)
    out = tmp_path / "figures.json"
    argv = ["--seconds", "8", "--samples", "1", "--dancers", "1", "--only", "hum", "--out", str(out)]
    assert robustness.main(argv) == 0
    assert "1 of 1 sounds are flagged" in capsys.readouterr().out
    figures = json.loads(out.read_text())
    assert list(figures) == ["the dancers", "hum"]
    assert "lowest (m)" in figures["hum"]["flags"]
