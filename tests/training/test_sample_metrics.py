"""Metrics of bodies and beats of what is drawn while training."""

import numpy as np
import pytest

from tests.evaluation.metrics.factories import moved, standing
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.formats.bvh import BvhLayout
from transflower.training.sample_metrics import SampleMetrics, is_better_higher

FRAMES, FPS = 150, 30.0
NAMES = ["beat", "beat_cos", "beat_sin", "beat_sure"]


def song(period: float = 0.5) -> np.ndarray:
    """Beats so many seconds apart, from the first frame on."""
    phase = 2 * np.pi * np.arange(FRAMES) / FPS / period
    beat = (np.arange(FRAMES) % round(FPS * period) == 0).astype(float)
    return np.stack([beat, np.cos(phase), np.sin(phase), np.ones(FRAMES)], axis=1)


@pytest.fixture
def dipping():
    """A body whose hips are lowest at every beat, its sidecars, and its rows."""
    time = np.arange(FRAMES) / FPS
    clip = moved(standing(FRAMES, fps=FPS), -0.05 * np.cos(4 * np.pi * time)[:, None] * [0, 1, 0])
    sidecar = describe_motion(clip, "expmap", layout=BvhLayout(up="y"))
    audio = {"kind": "audio", "fps": FPS, "names": NAMES}
    return encode_motion(clip, sidecar)[None], {"motion": sidecar.to_dict(), "audio": audio}


def test_bodies_and_beats_are_measured(dipping):
    rows, sidecars = dipping
    metrics = SampleMetrics(["motion"], sidecars)
    found = metrics.measure({"motion": [rows, rows]}, [{"audio": song()}, {"audio": song()}])
    assert found["rollout/beat/hip_lock"] > 0.95
    assert found["rollout/body/slide"] == pytest.approx(0, abs=0.1)
    assert set(found) <= set(metrics.names([{"audio": song()}]))


def test_without_beats_or_a_body_there_is_less(dipping):
    rows, sidecars = dipping
    silent = {"audio": np.zeros((FRAMES, 4))}
    found = SampleMetrics(["motion"], sidecars).measure({"motion": [rows]}, [silent])
    assert "rollout/body/jerk" in found
    assert not any(name.startswith("rollout/beat/") for name in found)
    assert SampleMetrics(["motion"], {"motion": None}).measure({"motion": [rows]}, [silent]) == {}


def test_of_several_outputs_names_say_which(dipping):
    rows, sidecars = dipping
    found = SampleMetrics(["motion", "other"], sidecars).measure({"motion": [rows], "other": [rows]}, [{}])
    assert "rollout/motion/body/slide" in found


def test_it_is_known_which_values_are_good():
    good = {"rollout/drift": False, "rollout/beat/hip_lock": True, "rollout/body/slide": False, "nll": False}
    assert {name: is_better_higher(name) for name in good} == good
    assert is_better_higher("rollout/motion/body/jerk") is is_better_higher("rollout/std") is None
