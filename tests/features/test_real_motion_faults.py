"""Faults of real recordings: known ones are found, and clean ones report nothing."""

import pytest

from transflower.features.motion_faults import FaultReport, check_recordings
from transflower.formats.format import ReadOptions

pytestmark = pytest.mark.real_data


def kinds(report: FaultReport) -> set[str]:
    return {fault.kind for _, one in report.looked for fault in one.faults}


def some(folder, pattern, step=1):
    paths = sorted(folder.glob(pattern))[::step]
    if not paths:
        pytest.skip(f"lacks {pattern}")
    return paths


def test_a_rate_that_is_twice_the_true_one_is_found_and_the_true_one_is_not(real_data_dir):
    paths = some(real_data_dir, "cmu/salsa/*.bvh", 5)
    for fps, wrong in ((None, True), (60.0, False)):
        report = check_recordings(paths, ReadOptions(fps=fps), jobs=1)
        assert len(report.looked) == len(paths)
        for _, one in report.looked:
            found = [fault.what for fault in one.faults if fault.kind == "rate"]
            assert bool(found) == wrong
            assert all(what.endswith("the true rate may be 60") for what in found)


def test_clean_recordings_report_nothing(real_data_dir):
    report = check_recordings(some(real_data_dir, "bandai/*.bvh", 7), ReadOptions(), jobs=1)
    assert str(report).endswith("found: nothing")


def test_knees_that_a_conversion_bent_backwards_are_found(real_data_dir):
    report = check_recordings(some(real_data_dir, "cmu/modern/005_19.bvh"), ReadOptions(), jobs=1)
    assert {"knees", "flips", "floor"} <= kinds(report)
    assert "rate" not in kinds(report)
