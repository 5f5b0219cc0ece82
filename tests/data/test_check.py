"""What a check of a folder tells."""

import numpy as np
import pytest

from tests.data.checked import check, good
from tests.data.factories import ramp, write_folder
from transflower.core.errors import DataError, OptionsError


def test_good_folder_is_told_in_one_table(tmp_path):
    write_folder(tmp_path, {"a": good(), "b": good()}, {"train": ["a"], "val": ["b"]})
    for name in ("motion", "audio"):
        (tmp_path / f"{name}.json").write_text('{"fps": 20}')
    report = check(tmp_path)
    report.raise_problems()
    assert str(report).splitlines() == [
        f"{tmp_path}: 2 usable sequences, 0.0 minutes",
        "  split  sequences  length",
        "  train  1          0.0 minutes",
        "  val    1          0.0 minutes",
        "  feature  columns  type     fps  mode      kind        good files",
        "  audio    2        float32  20   sequence  continuous  2",
        "  motion   3        float32  20   sequence  continuous  2",
        "no problems",
    ]


BAD_ARRAYS = {
    "rank 1": (ramp(20)[:, 0], r"a\.motion\.npy: has shape \[20\], a sequence feature is \[frames, columns\]"),
    "rank 3": (ramp(20, 3)[None], r"a\.motion\.npy: has shape \[1, 20, 3\]"),
    "no frames": (ramp(0, 3), r"a\.motion\.npy: is empty"),
    "no columns": (ramp(20, 0), r"a\.motion\.npy: is empty"),
    "other width": (ramp(20, 4), r"a\.motion\.npy: has 4 columns, most sequences have 3"),
    "nan": (np.where(ramp(20, 3) == np.float32(7.2), np.nan, ramp(20, 3)), r"a\.motion\.npy, frame 7: column 2 is nan"),
    "gap": (ramp(24, 3), r"a\.motion\.npy: has 24 frames, but a\.audio\.npy has 20; a gap of 4 is more than the 3"),
    "objects": (np.array([{}], object), r"a\.motion\.npy: holds Python objects"),
    "text": (np.array([["x"]]), r"a\.motion\.npy: holds values of type"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_array_is_reported_with_file_and_place(tmp_path, case):
    array, message = BAD_ARRAYS[case]
    write_folder(tmp_path, {"a": good(motion=array), "b": good(), "c": good()}, {"train": ["a", "b", "c"]})
    report = check(tmp_path)
    assert len(report.problems) == 1
    with pytest.raises(DataError, match=message):
        report.raise_problems()
    assert report.splits["train"] == ["b", "c"]


def test_every_problem_is_in_the_one_report(tmp_path):
    arrays = {
        "a": good(),
        "wide": good(motion=ramp(20, 9)),
        "nan": good(audio=np.full((20, 2), np.nan)),
        "b": good(),
    }
    write_folder(tmp_path, arrays)
    (tmp_path / "base_filenames_train.txt").write_text("a\nwide\nnan\n../out\nabsent\nwyde\n")
    (tmp_path / "base_filenames_val.txt").write_text("\n")
    (tmp_path / "base_filenames_test.txt").write_text("b\na\nb")
    (tmp_path / "wide.audio.npy").write_bytes(b"")
    (tmp_path / "audio.json").write_text('{"fps": 20, "names": ["one"]')
    (tmp_path / "motion.json").write_text('{"fps": -1, "names": ["one"], "silence": ["x"]}')
    text = str(check(tmp_path, features=("motion", "audio")))
    for part in (
        "base_filenames_train.txt, line 4: sequence id '../out'",
        "base_filenames_val.txt: lists no sequence",
        "base_filenames_train.txt, line 5: no sequence is called 'absent'",
        "base_filenames_train.txt, line 6: no sequence is called 'wyde'; did you mean 'wide'?",
        "wide.motion.npy: has 9 columns",
        "wide.audio.npy: is not a whole .npy array",
        "nan.audio.npy, frame 0: column 0 is nan, not a finite number; 39 more",
        "audio.json, line 1: is not JSON",
        "motion.json: names 1 columns, the arrays have 3",
        "motion.json: fps must be a positive number, got -1",
        "motion.json: silence must be one row of numbers",
        "base_filenames_test.txt, line 3: b is listed twice, first in line 1",
        "1 sequences are in both train and test, so that one leaks into the other: a",
        "11 problems",
    ):
        assert part in text
    assert "1 usable" not in text


def test_modalities_without_time_need_not_fit_in_length(tmp_path):
    arrays = {
        "style": np.array([2, 0]),
        "genre": np.array([[1, 0]], np.float64),
        "choices": np.zeros((4, 5, 3)),
        "motion": ramp(20),
    }
    write_folder(tmp_path, {"a": arrays, "b": arrays}, {"train": ["a", "b"]})
    report = check(tmp_path, single=("style", "choices"), tile=("genre",), categorical=("style", "genre"))
    assert not report.problems
    assert {name: feature.dim for name, feature in report.features.items()} == {
        "choices": 3, "genre": 2, "motion": 2, "style": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("array", "options", "message"),
    (
        (np.zeros((2, 3)), {"tile": ("x",)}, r"a\.x\.npy: has 2 rows, a tile feature has one"),
        (np.zeros(3), {"tile": ("x",)}, r"a\.x\.npy: has shape \[3\]"),
        (np.zeros((2, 3)), {"single": ("x",)}, r"a\.x\.npy: has 2 rows, most sequences have 1"),
        (np.zeros((1, 1, 1, 3)), {"single": ("x",)}, r"a\.x\.npy: has shape \[1, 1, 1, 3\]"),
        (np.full((1, 3), -1), {"single": ("x",), "categorical": ("x",)}, r"a\.x\.npy, frame 0: column 0 is -1.*class"),
    ),
)
def test_bad_array_without_time_is_named(tmp_path, array, options, message):
    usual = np.zeros((1, 3))
    write_folder(tmp_path, {"a": {"x": array}, "b": {"x": usual}, "c": {"x": usual}}, {"train": ["a", "b", "c"]})
    with pytest.raises(DataError, match=message):
        check(tmp_path, **options).raise_problems()


def test_folder_without_lists_is_checked_whole(tmp_path):
    report = check(write_folder(tmp_path, {"a": good(), "b": good()}))
    assert report.splits == {"all": ["a", "b"]}
    assert "there is no split yet" in str(report)


def test_features_without_a_sidecar_are_looked_at_where_they_are_beside_those_with_one(tmp_path):
    arrays = {one: {"motion": ramp(20, 3)} for one in ("a.1", "b", "c", "d")}
    arrays["a.1"]["pose"] = np.full((20, 2), np.nan)
    arrays["b"]["pose"] = ramp(30)
    arrays["c"]["style"] = np.zeros(1)
    arrays["stray"] = {"pose": ramp(20)}
    write_folder(tmp_path, arrays)
    (tmp_path / "motion.json").write_text('{"fps": 20}')
    report = check(tmp_path)
    assert [str(problem).partition(": ")[0] for problem in report.problems] == [
        f"{tmp_path}/{file}" for file in ("c.style.npy", "b.pose.npy", "a.1.pose.npy, frame 0")
    ]
    assert "pose has no sidecar, as others have: checked in the 2 of 4 sequences with it" in str(report)
    assert not check(tmp_path, features=("motion",)).problems
    assert "style.npy: is missing" in str(check(tmp_path, features=("motion", "style")))


def test_feature_that_no_sequence_has_is_one_problem(tmp_path):
    write_folder(tmp_path, {"a": good(), "b": good()}, {"train": ["a"], "val": ["b"]})
    report = check(tmp_path, features=("motion", "mution"))
    assert [str(problem) for problem in report.problems] == [
        f"{tmp_path}: no sequence has mution (ID.mution.npy); the features there are: audio, motion"
    ]
    assert not report.lengths


def test_a_feature_that_can_be_extracted_says_how(tmp_path):
    write_folder(tmp_path, {"a": good(), "b": good()}, {"train": ["a"], "val": ["b"]})
    (problem,) = check(tmp_path, features=("motion", "moves")).problems
    assert str(problem).endswith("there are: audio, motion; `transflower extract moves` makes it")


def test_folder_without_features_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no ID\.FEATURE\.npy file"):
        check(tmp_path)


def test_mode_of_an_unknown_feature_is_refused(tmp_path):
    write_folder(tmp_path, {"a": good()})
    with pytest.raises(OptionsError, match="no feature is called 'style'; there are: audio, motion"):
        check(tmp_path, single=("style",))
