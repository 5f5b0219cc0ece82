"""Lengths of arrays that shall belong together, as a check of their folder tells them."""

import numpy as np
import pytest

from tests.data.checked import check, good
from tests.data.factories import ramp, write_folder
from transflower.core.errors import DataError


def test_lengths_that_differ_a_little_are_read_in_common_and_reported(tmp_path):
    write_folder(tmp_path, {"a": good(audio=ramp(22)), "b": good()}, {"train": ["a", "b"]})
    before = (tmp_path / "a.audio.npy").read_bytes()
    report = check(tmp_path)
    assert report.lengths == {"a": 20, "b": 20}
    assert "common length is read of 1 of 2 sequences whose features differ by up to 2 frames" in str(report)
    assert (tmp_path / "a.audio.npy").read_bytes() == before
    assert len(check(tmp_path, fix_lengths=False).problems) == 1


def _long_song(folder, *, extra, fps=30):
    write_folder(folder, {"a": good(audio=ramp(20 + extra)), "b": good()}, {"train": ["a", "b"]})
    for name in ("motion", "audio"):
        (folder / f"{name}.json").write_text(f'{{"fps": {fps}}}')
    return folder


def test_song_two_seconds_longer_than_its_dance_is_trimmed_with_a_note(tmp_path):
    report = check(_long_song(tmp_path, extra=62))
    report.raise_problems()
    assert report.lengths == {"a": 20, "b": 20}
    assert "differ by up to 62 frames, 2.1 s (a.audio.npy is longer)" in str(report)


def test_gap_that_is_implausible_names_the_option_and_the_number_that_allow_it(tmp_path):
    _long_song(tmp_path, extra=320)
    (problem,) = check(tmp_path).problems
    assert "a gap of 320 is more than the 300 allowed" in str(problem)
    assert "set max_length_gap to 320" in str(problem)
    assert not check(tmp_path, max_length_gap=320).problems


def test_seconds_are_plausible_only_where_the_frame_rate_is_known(tmp_path):
    _long_song(tmp_path, extra=62)
    (tmp_path / "motion.json").unlink()
    assert "more than the 3 allowed" in str(check(tmp_path, features=("audio", "motion")).problems[0])


def test_an_explicit_gap_is_in_frames_whatever_the_rate(tmp_path):
    (problem,) = check(_long_song(tmp_path, extra=4), max_length_gap=3).problems
    assert "more than the 3 allowed" in str(problem)


@pytest.mark.parametrize("fps", ("true", "1e400", "Infinity", "NaN", "1e9", "0", '"30"', "[30]", "9" * 5000, "1e-400"))
def test_frame_rate_that_is_none_is_named(tmp_path, fps):
    (problem, *_) = check(_long_song(tmp_path, extra=0, fps=fps)).problems
    assert "audio.json" in str(problem)
    assert len(str(problem)) < 250


def test_labels_of_whole_recordings_are_one_row(tmp_path):
    arrays = {one: {"motion": ramp(30), "style": np.array([[1]])} for one in "ab"}
    write_folder(tmp_path, arrays, {"train": ["a", "b"]})
    (tmp_path / "motion.json").write_text('{"fps": 30}')
    (tmp_path / "style.json").write_text('{"kind": "labels", "names": ["style"], "vocabulary": ["x", "y"]}')
    report = check(tmp_path)
    assert not report.problems
    assert report.features["style"].mode == "tile"
    assert report.lengths == {"a": 30, "b": 30}


def test_values_beyond_the_common_length_do_not_matter(tmp_path):
    audio = ramp(21)
    audio[20] = np.nan
    write_folder(tmp_path, {"a": good(audio=audio)}, {"train": ["a"]})
    assert not check(tmp_path).problems


def test_short_sequences_are_skipped_and_counted_once(tmp_path):
    arrays = {one: {"m": ramp(30 if one in "abc" else 4)} for one in "abcde"}
    write_folder(tmp_path, arrays, {"train": list("abcde")})
    report = check(tmp_path, min_frames=5)
    assert not report.problems
    assert report.splits["train"] == ["a", "b", "c"]
    assert "skipped: 2 of 5 sequences are shorter than 5 frames: d, e" in str(report)


def test_too_many_short_sequences_are_an_error(tmp_path):
    write_folder(tmp_path, {one: {"m": ramp(9 if one == "a" else 4)} for one in "abc"}, {"train": list("abc")})
    with pytest.raises(DataError, match="2 of 3 sequences are shorter than 5 frames: b, c"):
        check(tmp_path, min_frames=5).raise_problems()


def test_split_without_a_usable_sequence_is_an_error(tmp_path):
    write_folder(
        tmp_path, {one: {"m": ramp(4 if one == "c" else 9)} for one in "abc"}, {"train": ["a", "b"], "val": ["c"]}
    )
    with pytest.raises(DataError, match=r"base_filenames_val\.txt: no sequence of this split is usable"):
        check(tmp_path, min_frames=5).raise_problems()


def test_frame_rates_must_be_multiples_of_each_other(tmp_path):
    write_folder(tmp_path, {"a": good()}, {"train": ["a"]})
    (tmp_path / "motion.json").write_text('{"fps": 30}')
    (tmp_path / "audio.json").write_text('{"fps": 20}')
    with pytest.raises(DataError, match="audio has 20 frames per second and motion 30, neither a multiple"):
        check(tmp_path).raise_problems()
