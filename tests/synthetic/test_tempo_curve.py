import numpy as np
import pytest

from transflower.synthetic import tempo_curve
from transflower.synthetic.tempo_curve import draw_beats


@pytest.mark.parametrize("kind", tempo_curve._KINDS)
def test_the_tempo_changes_as_its_kind_says_within_the_limits(monkeypatch, kind):
    monkeypatch.setattr(tempo_curve, "_KINDS", {name: float(name == kind) for name in tempo_curve._KINDS})
    for seed in range(5):
        beats = draw_beats(100.0, limits=(92.0, 104.0), first=0.7, seconds=60.0, rng=np.random.default_rng(seed))
        tempi = 60 / np.diff(beats)
        assert beats[0] == 0.7
        assert beats[-1] > 65
        assert tempi.min() >= 92 - 1e-9
        assert tempi.max() <= 104 + 1e-9
        assert (np.ptp(tempi) < 1e-9) == (kind == "steady")


def test_a_stepped_tempo_changes_at_ends_of_phrases_alone(monkeypatch):
    monkeypatch.setattr(tempo_curve, "_KINDS", {"stepped": 1.0})
    beats = draw_beats(100.0, limits=(50.0, 200.0), first=0.0, seconds=60.0, rng=np.random.default_rng(0))
    changes = 1 + np.flatnonzero(np.abs(np.diff(beats, n=2)) > 1e-9)
    assert len(changes) > 0
    assert not (changes % 8).any()
