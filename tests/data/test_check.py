import json
from dataclasses import replace

import numpy as np
import pytest

from tests.data.factories import ramp, write_folder
from tests.motion.factories import make_clip
from transflower.core.errors import DataError, OptionsError
from transflower.data import unusual_values
from transflower.data.check import CheckConfig, check_folder
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import write_sidecar
from transflower.motion.rotations import from_expmap, identity, multiply


def _good(**change):
    return {"motion": ramp(20, 3), "audio": ramp(20, 2)} | change


def _check(folder, **options):
    return check_folder(CheckConfig(folder=folder, **options))


def test_good_folder_is_told_in_one_table(tmp_path):
    write_folder(tmp_path, {"a": _good(), "b": _good()}, {"train": ["a"], "val": ["b"]})
    for name in ("motion", "audio"):
        (tmp_path / f"{name}.json").write_text('{"fps": 20}')
    report = _check(tmp_path)
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
    write_folder(tmp_path, {"a": _good(motion=array), "b": _good(), "c": _good()}, {"train": ["a", "b", "c"]})
    report = _check(tmp_path)
    assert len(report.problems) == 1
    with pytest.raises(DataError, match=message):
        report.raise_problems()
    assert report.splits["train"] == ["b", "c"]


def test_every_problem_is_in_the_one_report(tmp_path):
    arrays = {
        "a": _good(),
        "wide": _good(motion=ramp(20, 9)),
        "nan": _good(audio=np.full((20, 2), np.nan)),
        "b": _good(),
    }
    write_folder(tmp_path, arrays)
    (tmp_path / "base_filenames_train.txt").write_text("a\nwide\nnan\n../out\nabsent\nwyde\n")
    (tmp_path / "base_filenames_val.txt").write_text("\n")
    (tmp_path / "base_filenames_test.txt").write_text("b\na\nb")
    (tmp_path / "wide.audio.npy").write_bytes(b"")
    (tmp_path / "audio.json").write_text('{"fps": 20, "names": ["one"]')
    (tmp_path / "motion.json").write_text('{"fps": -1, "names": ["one"], "silence": ["x"]}')
    text = str(_check(tmp_path, features=("motion", "audio")))
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


def test_lengths_that_differ_a_little_are_read_in_common_and_reported(tmp_path):
    write_folder(tmp_path, {"a": _good(audio=ramp(22)), "b": _good()}, {"train": ["a", "b"]})
    before = (tmp_path / "a.audio.npy").read_bytes()
    report = _check(tmp_path)
    assert report.lengths == {"a": 20, "b": 20}
    assert "common length is read of 1 of 2 sequences whose features differ by up to 2 frames" in str(report)
    assert (tmp_path / "a.audio.npy").read_bytes() == before
    assert len(_check(tmp_path, fix_lengths=False).problems) == 1


def _long_song(folder, *, extra, fps=30):
    write_folder(folder, {"a": _good(audio=ramp(20 + extra)), "b": _good()}, {"train": ["a", "b"]})
    for name in ("motion", "audio"):
        (folder / f"{name}.json").write_text(f'{{"fps": {fps}}}')
    return folder


def test_song_two_seconds_longer_than_its_dance_is_trimmed_with_a_note(tmp_path):
    report = _check(_long_song(tmp_path, extra=62))
    report.raise_problems()
    assert report.lengths == {"a": 20, "b": 20}
    assert "differ by up to 62 frames, 2.1 s (a.audio.npy is longer)" in str(report)


def test_gap_that_is_implausible_names_the_option_and_the_number_that_allow_it(tmp_path):
    _long_song(tmp_path, extra=320)
    (problem,) = _check(tmp_path).problems
    assert "a gap of 320 is more than the 300 allowed" in str(problem)
    assert "set max_length_gap to 320" in str(problem)
    assert not _check(tmp_path, max_length_gap=320).problems


def test_seconds_are_plausible_only_where_the_frame_rate_is_known(tmp_path):
    _long_song(tmp_path, extra=62)
    (tmp_path / "motion.json").unlink()
    assert "more than the 3 allowed" in str(_check(tmp_path, features=("audio", "motion")).problems[0])


def test_an_explicit_gap_is_in_frames_whatever_the_rate(tmp_path):
    (problem,) = _check(_long_song(tmp_path, extra=4), max_length_gap=3).problems
    assert "more than the 3 allowed" in str(problem)


@pytest.mark.parametrize("fps", ("true", "1e400", "Infinity", "NaN", "1e9", "0", '"30"', "[30]", "9" * 5000, "1e-400"))
def test_frame_rate_that_is_none_is_named(tmp_path, fps):
    (problem, *_) = _check(_long_song(tmp_path, extra=0, fps=fps)).problems
    assert "audio.json" in str(problem)
    assert len(str(problem)) < 250


def test_silence_is_told_with_file_and_seconds_and_stops_nothing(tmp_path):
    names, silence = ["mel_00", "mel_01", "beat"], [-80.0, -80.0, 0.0]
    sidecar = {"kind": "audio", "fps": 10, "names": names, "silence": silence, "settings": {}}
    sound, quiet = np.full((100, 3), -30.0), np.tile(silence, (100, 1))
    quiet[:, 2] = 0.9  # A beat is felt for a while after it has stopped.
    hole, rest = sound.copy(), sound.copy()
    hole[40:75, :2], rest[40:55, :2] = -79.0, -79.0
    arrays = {"loud": sound, "mute": quiet, "hole": hole, "rest": rest}
    write_folder(tmp_path, {one: {"audio": array} for one, array in arrays.items()}, {"train": list(arrays)})
    (tmp_path / "audio.json").write_text(json.dumps(sidecar))
    report = _check(tmp_path)
    assert not report.problems
    assert report.warnings == [
        "2 of 4 files of audio have unusual values:\n  - mute.audio.npy is silent throughout\n"
        "  - hole.audio.npy is silent from 4.0 to 7.5 s"
    ]


def test_labels_of_whole_recordings_are_one_row(tmp_path):
    arrays = {one: {"motion": ramp(30), "style": np.array([[1]])} for one in "ab"}
    write_folder(tmp_path, arrays, {"train": ["a", "b"]})
    (tmp_path / "motion.json").write_text('{"fps": 30}')
    (tmp_path / "style.json").write_text('{"kind": "labels", "names": ["style"], "vocabulary": ["x", "y"]}')
    report = _check(tmp_path)
    assert not report.problems
    assert report.features["style"].mode == "tile"
    assert report.lengths == {"a": 30, "b": 30}


def test_an_array_is_looked_at_once_unless_it_or_its_sidecar_changes(tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.core.file_stamp.SETTLED_SECONDS", 0.0)
    looked_at = []
    describe = unusual_values.describe_silence
    monkeypatch.setattr(
        unusual_values,
        "describe_silence",
        lambda rows, sidecar: (looked_at.append(len(rows)), describe(rows, sidecar))[1],
    )
    sidecar = {"kind": "audio", "fps": 10, "names": ["mel_00"], "silence": [-80.0], "settings": {}}
    arrays = {one: {"audio": np.full((rows, 1), -80.0)} for one, rows in (("a", 30), ("b", 40))}
    write_folder(tmp_path, arrays, {"train": list(arrays)})
    (tmp_path / "audio.json").write_text(json.dumps(sidecar))
    first = _check(tmp_path).warnings
    assert looked_at == [30, 40]
    assert _check(tmp_path).warnings == first
    assert looked_at == [30, 40]
    np.save(tmp_path / "b.audio.npy", np.full((40, 1), -20.0))
    assert _check(tmp_path).warnings != first
    assert looked_at == [30, 40, 40]
    (tmp_path / "audio.json").write_text(json.dumps(sidecar | {"fps": 20}))
    _check(tmp_path)
    assert looked_at == [30, 40, 40, 30, 40]


def _dance(*, t_pose=False, flip=None):
    clip = make_clip(90, degrees=20, seed=2)
    rotations = clip.rotations.copy()
    if t_pose:
        rotations[0] = identity(clip.skeleton.num_joints)
        rotations[0, 3] = from_expmap(np.array([0.0, 0.0, np.pi / 2]))
    if flip is not None:
        rotations[flip, 7] = multiply(from_expmap(np.array([np.pi * 0.9, 0.0, 0.0])), rotations[flip, 7])
    return replace(clip, rotations=rotations)


@pytest.mark.parametrize("representation", ("expmap", "rot6d"))
def test_frames_that_do_not_belong_to_a_dance_are_told_and_stop_nothing(tmp_path, representation):
    clips = {"good": _dance(), "pose": _dance(t_pose=True), "flip": _dance(flip=40), "last": _dance(flip=88)}
    sidecar = describe_motion(_dance(), representation)
    write_sidecar(tmp_path / "motion.json", sidecar)
    arrays = {one: {"motion": encode_motion(clip, sidecar)} for one, clip in clips.items()}
    report = _check(write_folder(tmp_path, arrays, {"train": list(arrays)}))
    assert not report.problems
    (note,) = report.warnings
    told = [line.removeprefix("  - ") for line in note.splitlines()]
    assert told[0] == "3 of 4 files of motion have unusual values:"
    assert told[1].startswith("pose.motion.npy at 0.00 s: begins with a")
    assert told[2].startswith("flip.motion.npy at 1.33 s: 'LeftUpLeg' by 16")
    assert told[3].startswith("last.motion.npy at 2.93 s:")


def test_sidecar_that_nothing_can_be_made_of_is_told(tmp_path):
    write_folder(tmp_path, {"a": {"motion": ramp(20)}}, {"train": ["a"]})
    (tmp_path / "motion.json").write_text('{"kind": "motion", "fps": 30}')
    (note,) = _check(tmp_path).warnings
    assert "motion.json: key 'names'" in note


def test_values_beyond_the_common_length_do_not_matter(tmp_path):
    audio = ramp(21)
    audio[20] = np.nan
    write_folder(tmp_path, {"a": _good(audio=audio)}, {"train": ["a"]})
    assert not _check(tmp_path).problems


def test_short_sequences_are_skipped_and_counted_once(tmp_path):
    arrays = {one: {"m": ramp(30 if one in "abc" else 4)} for one in "abcde"}
    write_folder(tmp_path, arrays, {"train": list("abcde")})
    report = _check(tmp_path, min_frames=5)
    assert not report.problems
    assert report.splits["train"] == ["a", "b", "c"]
    assert "skipped: 2 of 5 sequences are shorter than 5 frames: d, e" in str(report)


def test_too_many_short_sequences_are_an_error(tmp_path):
    write_folder(tmp_path, {one: {"m": ramp(9 if one == "a" else 4)} for one in "abc"}, {"train": list("abc")})
    with pytest.raises(DataError, match="2 of 3 sequences are shorter than 5 frames: b, c"):
        _check(tmp_path, min_frames=5).raise_problems()


def test_split_without_a_usable_sequence_is_an_error(tmp_path):
    write_folder(
        tmp_path, {one: {"m": ramp(4 if one == "c" else 9)} for one in "abc"}, {"train": ["a", "b"], "val": ["c"]}
    )
    with pytest.raises(DataError, match=r"base_filenames_val\.txt: no sequence of this split is usable"):
        _check(tmp_path, min_frames=5).raise_problems()


def test_frame_rates_must_be_multiples_of_each_other(tmp_path):
    write_folder(tmp_path, {"a": _good()}, {"train": ["a"]})
    (tmp_path / "motion.json").write_text('{"fps": 30}')
    (tmp_path / "audio.json").write_text('{"fps": 20}')
    with pytest.raises(DataError, match="audio has 20 frames per second and motion 30, neither a multiple"):
        _check(tmp_path).raise_problems()


def test_modalities_without_time_need_not_fit_in_length(tmp_path):
    arrays = {
        "style": np.array([2, 0]),
        "genre": np.array([[1, 0]], np.float64),
        "choices": np.zeros((4, 5, 3)),
        "motion": ramp(20),
    }
    write_folder(tmp_path, {"a": arrays, "b": arrays}, {"train": ["a", "b"]})
    report = _check(tmp_path, single=("style", "choices"), tile=("genre",), categorical=("style", "genre"))
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
        _check(tmp_path, **options).raise_problems()


def test_folder_without_lists_is_checked_whole(tmp_path):
    report = _check(write_folder(tmp_path, {"a": _good(), "b": _good()}))
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
    report = _check(tmp_path)
    assert [str(problem).partition(": ")[0] for problem in report.problems] == [
        f"{tmp_path}/{file}" for file in ("c.style.npy", "b.pose.npy", "a.1.pose.npy, frame 0")
    ]
    assert "pose has no sidecar, as others have: checked in the 2 of 4 sequences with it" in str(report)
    assert not _check(tmp_path, features=("motion",)).problems
    assert "style.npy: is missing" in str(_check(tmp_path, features=("motion", "style")))


def test_feature_that_no_sequence_has_is_one_problem(tmp_path):
    write_folder(tmp_path, {"a": _good(), "b": _good()}, {"train": ["a"], "val": ["b"]})
    report = _check(tmp_path, features=("motion", "mution"))
    assert [str(problem) for problem in report.problems] == [
        f"{tmp_path}: no sequence has mution (ID.mution.npy); the features there are: audio, motion"
    ]
    assert not report.lengths


def test_a_feature_that_can_be_extracted_says_how(tmp_path):
    write_folder(tmp_path, {"a": _good(), "b": _good()}, {"train": ["a"], "val": ["b"]})
    (problem,) = _check(tmp_path, features=("motion", "moves")).problems
    assert str(problem).endswith("there are: audio, motion; `transflower extract moves` makes it")


def test_folder_without_features_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no ID\.FEATURE\.npy file"):
        _check(tmp_path)


def test_mode_of_an_unknown_feature_is_refused(tmp_path):
    write_folder(tmp_path, {"a": _good()})
    with pytest.raises(OptionsError, match="no feature is called 'style'; there are: audio, motion"):
        _check(tmp_path, single=("style",))
