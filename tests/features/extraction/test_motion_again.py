"""What of a folder of features is made again, and what is kept."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.features.extraction.extracted import OPTIONS, assert_holds, files, sidecar_of
from tests.motion.factories import make_clip
from transflower.core import file_stamp
from transflower.core.errors import DataError
from transflower.core.files import CACHE_FOLDER
from transflower.features.extraction.made_from import WithOrigin
from transflower.features.extraction.motion import extract_motion
from transflower.features.extraction.sources import Source
from transflower.features.extraction.target import Target
from transflower.formats.bvh import read_bvh, write_bvh


def test_what_is_done_is_not_done_again(recordings, out):
    extract_motion([recordings / "a.bvh"], out, OPTIONS)
    before = (out / "a.motion.npy").stat().st_mtime_ns
    report = extract_motion([recordings], out, OPTIONS)
    assert (report.written, report.skipped) == (2, 1)
    assert (out / "a.motion.npy").stat().st_mtime_ns == before


def test_a_recording_that_was_touched_is_not_done_again(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    later = (out / "b.motion.npy").stat().st_mtime + 10
    os.utime(recordings / "b.bvh", (later, later))
    assert extract_motion([recordings], out, OPTIONS).written == 0


def test_times_of_a_recording_that_was_just_written_are_not_kept_however_long_its_extraction_takes(
    tmp_path, monkeypatch
):
    (tmp_path / "a.bvh").write_text("a recording")
    clock = [time.time_ns()]
    monkeypatch.setattr(file_stamp, "time", SimpleNamespace(time_ns=lambda: clock[0]))
    monkeypatch.setattr(file_stamp, "SETTLED_SECONDS", 100.0)
    origin, _ = WithOrigin(lambda source: clock.insert(0, clock[0] + 10**12))(Source("a", tmp_path / "a.bvh"))
    assert origin.digest
    assert origin.files == ()


@pytest.mark.parametrize("changes", [{"drop_first": True}, {"source_fps": 15.0}])
def test_recordings_that_are_read_otherwise_are_done_again(recordings, out, changes):
    extract_motion([recordings], out, OPTIONS)
    for _ in range(2):
        report = extract_motion([recordings], out, replace(OPTIONS, **changes))
    assert report.skipped == 3
    changed = np.load(out / "a.motion.npy")
    assert extract_motion([recordings], out, OPTIONS).written == 3
    assert len(np.load(out / "a.motion.npy")) != len(changed)


def test_where_it_is_not_known_how_recordings_were_read_they_are_not_done_again(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    kept = out / CACHE_FOLDER / "motion.origins.jsonl"
    kept.write_text(re.sub(r', "reading": "\w+"', "", kept.read_text()))
    for path in recordings.iterdir():
        path.touch()
    for _ in range(2):
        assert extract_motion([recordings], out, replace(OPTIONS, drop_first=True)).skipped == 3


def test_the_unit_that_was_found_may_be_said_later(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    unit = sidecar_of(out).layout.metres_per_unit
    assert extract_motion([recordings], out, replace(OPTIONS, unit=str(unit))).skipped == 3


def test_a_recording_that_became_an_older_one_is_done_again(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    write_bvh(recordings / "b.bvh", make_clip(9))
    os.utime(recordings / "b.bvh", (0, 0))
    report = extract_motion([recordings], out, OPTIONS)
    assert (report.written, report.skipped) == (1, 2)
    assert len(np.load(out / "b.motion.npy")) == 9


@pytest.mark.parametrize("kept", ("removed", "damaged", "of other arrays"))
def test_without_what_is_kept_a_recording_newer_than_its_features_is_done_again(recordings, out, kept):
    extract_motion([recordings], out, OPTIONS)
    origins = out / CACHE_FOLDER / "motion.origins.jsonl"
    if kept == "removed":
        origins.unlink()
    elif kept == "damaged":
        origins.write_text("[]\n{\n" + "[" * 10_000 + '\n{"id": "b", "digest": 1, "files": [[1]], "arrays": []}')
    else:
        for path in out.glob("*.npy"):
            path.write_bytes(path.read_bytes())
    later = (out / "b.motion.npy").stat().st_mtime + 10
    write_bvh(recordings / "b.bvh", make_clip(9))
    os.utime(recordings / "b.bvh", (later, later))
    report = extract_motion([recordings], out, OPTIONS)
    assert (report.written, report.skipped) == (1, 2)
    assert len(np.load(out / "b.motion.npy")) == 9


def test_a_missing_twin_is_made(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    report = extract_motion([recordings], out, replace(OPTIONS, mirror=True))
    assert (report.written, report.skipped) == (3, 0)
    assert "c_mirrored.motion.npy" in files(out)


def test_features_added_later_are_read_on_the_first_skeleton(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    before = (out / "motion.json").read_text()
    write_bvh(recordings / "0.bvh", make_clip(5, seed=9))
    extract_motion([recordings], out, OPTIONS)
    assert (out / "motion.json").read_text() == before
    assert_holds(out, "0", read_bvh(recordings / "0.bvh").clip)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"fps": 20.0}, r"fps is 30\.0, not 20\.0"),
        ({"representation": "rot6d"}, "representation is expmap, not rot6d"),
        ({"unit": "in"}, r"unit is 0\.01, not 0\.0254"),
        ({"up": "z"}, "up is y, not z"),
    ],
)
def test_a_sidecar_of_other_settings_is_kept_and_the_setting_named(recordings, out, changes, setting):
    extract_motion([recordings / "a.bvh"], out, OPTIONS)
    before = {name: (out / name).read_bytes() for name in files(out)}
    with pytest.raises(DataError, match=setting):
        extract_motion([recordings], out, replace(OPTIONS, **changes))
    assert {name: (out / name).read_bytes() for name in files(out)} == before


def test_overwriting_everything_may_change_the_settings(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    report = extract_motion([recordings], out, replace(OPTIONS, fps=10.0, overwrite=True))
    assert report.written == 3
    assert sidecar_of(out).fps == 10


def test_overwriting_a_part_may_not(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    assert extract_motion([recordings / "a.bvh"], out, replace(OPTIONS, overwrite=True)).written == 1
    with pytest.raises(DataError, match="fps is 30"):
        extract_motion([recordings / "a.bvh"], out, replace(OPTIONS, fps=10.0, overwrite=True))


def test_arrays_without_a_sidecar_are_left_alone(recordings, out):
    out.mkdir(parents=True)
    np.save(out / "a.motion.npy", np.zeros((3, 3)))
    with pytest.raises(DataError, match=r"a\.motion\.npy has no sidecar motion\.json"):
        extract_motion([recordings], out, OPTIONS)
    assert files(out) == ["a.motion.npy"]


def test_no_array_is_written_without_its_sidecar(recordings, out):
    extract_motion([recordings / "a.bvh"], out, OPTIONS)
    sidecar = sidecar_of(out)
    target = Target(out=out.parent / "other", name="motion", mirror=False, overwrite=False, new_sidecar=sidecar)
    for damage in (Path.unlink, lambda path: path.write_text("{}")):
        target.save("a", np.zeros((2, 3), np.float32))
        assert sidecar_of(target.out).to_dict() == sidecar.to_dict()
        damage(target.sidecar_path)
    target.save("b", np.zeros((2, 3), np.float32))
    assert sidecar_of(target.out).to_dict() == sidecar.to_dict()
