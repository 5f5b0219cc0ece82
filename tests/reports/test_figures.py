"""What the figures of a report show, on dances whose figures are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system, moved, standing
from tests.reports.factories import make_reported, make_summary
from transflower.evaluation.metric import Number
from transflower.reports.beat_roses import BINS, beat_roses, rose
from transflower.reports.calibration_panels import calibration_panels
from transflower.reports.densities import body_values, densities
from transflower.reports.drift_curves import drift_curves
from transflower.reports.learning_curves import learning_panels
from transflower.reports.pose_map import pose_map


def test_all_moments_on_the_beat_are_one_petal_at_the_top():
    found = rose(np.array([0.0, 1.01, 2.99, 7.0]))
    assert found.shares[0] == 1
    assert found.lock == pytest.approx(1, abs=1e-2)
    assert (found.phase + 0.5) % 1 == pytest.approx(0.5, abs=1e-2)


def test_half_a_beat_late_is_at_the_bottom_and_even_phases_have_no_lock():
    late = rose(np.arange(5) + 0.5)
    assert late.shares[BINS // 2] == 1
    assert late.phase == pytest.approx(0.5)
    even = rose(np.arange(BINS * 3) / BINS)
    assert even.shares == pytest.approx(1 / BINS)
    assert even.lock == pytest.approx(0, abs=1e-9)
    nothing = rose(np.zeros(0))
    assert np.isnan(nothing.lock)
    assert nothing.moments == 0


def test_a_body_that_dips_on_each_beat_has_its_petals_there():
    seconds = np.arange(300) / 30
    path = np.stack([0 * seconds, -0.05 * np.cos(4 * np.pi * seconds), 0 * seconds], axis=1)
    given = {"one": [moved(standing(300), path)]}
    setting = make_setting(given, beats={"one": np.arange(0, 10, 0.5)})
    dips = beat_roses([], setting)[0]
    assert dips.title == "dips of the hips"
    assert dips.roses["real"].lock > 0.98
    assert dips.roses["real"].shares[[-1, 0, 1]].sum() > 0.95


def test_no_roses_without_beats():
    systems, setting = make_reported()
    assert beat_roses(systems, replace(setting, beats={})) == []


def test_the_values_of_a_body_are_what_it_does():
    path = np.arange(60)[:, None] / 30 * [0.5, 0, 0]
    (sample,) = make_system({"one": [moved(standing(60), path)]}).samples["one"]
    found = body_values(sample)
    assert found["speed of all joints (m/s)"] == pytest.approx(0.5)
    assert found["speed of the hands (m/s)"].shape == (59 * 2,)
    assert found["speed of the feet (m/s)"] == pytest.approx(0.5)
    assert found["turning (degrees/s)"] == pytest.approx(0, abs=1e-6)
    assert found["height of the hips (m)"] == pytest.approx(sample.positions[0, 0, 1])


def test_the_area_below_a_density_is_the_share_on_the_axis():
    systems, setting = make_reported()
    for one in densities(systems, setting):
        x = np.log10(one.x) if one.axis == "log" else one.x
        assert set(one.curves) == {"real", "late", "still"}
        assert np.sum(one.curves["real"]) * (x[1] - x[0]) == pytest.approx(1, abs=0.03)


def test_samples_without_a_body_have_no_densities():
    rows = {"one": [np.random.default_rng(0).normal(size=(50, 4))]}
    assert densities([make_system(rows)], make_setting(rows)) == []


def test_the_map_has_the_largest_variance_first_in_deviations_of_the_data():
    random = np.random.default_rng(0)
    rows = random.normal(size=(3000, 4)) * [1, 5, 2, 0.1]
    setting = make_setting({"one": [rows]})
    shifted = make_system({"one": [rows + np.array([0, 10, 0, 0])]})
    found = pose_map([shifted], setting)
    assert found.shares == pytest.approx((25 / 30, 4 / 30), abs=0.03)
    assert found.points["real"].std(axis=0) == pytest.approx(1, abs=0.1)
    across = found.points["model"].mean(axis=0) - found.points["real"].mean(axis=0)
    assert abs(across) == pytest.approx([2, 0], abs=0.05)
    assert pose_map([], make_setting({"one": [rows[:, :1]]})) is None


def test_a_system_of_single_frames_has_no_densities():
    systems, setting = make_reported()
    still = replace(make_system({"one": [standing(1)]}), name="still")
    assert all("still" not in found.curves for found in densities([systems[0], still], setting))


def test_drift_is_told_stretch_by_stretch_beside_the_real_ones():
    systems, setting = make_reported()
    found = drift_curves(systems, setting)
    assert found.seconds == 10
    spread = next(panel for panel in found.panels if panel.title.startswith("spread"))
    assert list(spread.curves) == ["late"]
    assert len(spread.curves["late"]) == 1
    assert spread.low <= spread.high
    assert drift_curves([replace(systems[0], long={})], setting) is None
    mean, std = setting.moments
    wider = next(panel for panel in drift_curves(systems, replace(setting, moments=(mean, 2 * std))).panels[1:2])
    assert wider.title == spread.title
    np.testing.assert_allclose(wider.curves["late"], spread.curves["late"] / 2)


def test_learning_curves_are_what_a_run_wrote(tmp_path):
    lines = [
        {"step": 0, "minutes": 0.0, "val/nll": 2.0, "rollout/fpd": 9.0},
        {"step": 50, "minutes": 1.0, "train/nll": 1.5},
        {"step": 100, "minutes": 2.0, "val/nll": 1.0, "train/nll": 1.25, "rollout/fpd": None},
        {"step": 200, "val/nll": 0.5, "rollout/fpd": 4.0},
    ]
    text = "\n".join(map(json.dumps, lines)) + '\n{"step": 300, "val/n'
    (tmp_path / "metrics.jsonl").write_text(text)
    columns = {"fpd": Number(title="FPD", better="lower"), "std": Number(title="other")}
    runs = {"mine": tmp_path, "folder": None, "nowhere": tmp_path / "nowhere"}
    likelihood, distance = learning_panels(runs, "motion", columns)
    held_out, training = likelihood.curves
    assert (held_out.of, training.of) == ("", "training batches")
    assert held_out.steps == (0, 100, 200)
    assert held_out.values == (2, 1, 0.5)
    assert np.isnan(held_out.minutes[2])
    assert (distance.title, distance.curves[0].steps) == ("FPD", (0, 200))


def test_calibration_is_a_chart_a_question_with_the_curves_of_all_models():
    found = calibration_panels({"sure": make_summary(), "other": make_summary()})
    assert [(panel.title.partition(" ")[0], panel.x_title, len(panel.ideal)) for panel in found] == [
        ("next", "share of the interval", 2),
        ("next", "share of the interval", 2),
        ("rank", "0 lowest, 1 highest", 2),
        ("CRPS", "seconds ahead", 0),
    ]
    assert [curve.name for curve in found[0].curves] == ["sure", "other"]
    # What forecasts without a model stands there once.
    assert [(curve.name, bool(curve.of)) for curve in found[3].curves][2:] == [(found[3].curves[2].of, True)]
    assert calibration_panels({}) == []
