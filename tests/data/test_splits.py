import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.factories import ramp, write_folder
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.data.splits import SplitConfig, divide, group_by_song, split_folder
from transflower.data.store import Store

IDS = [f"song{i}_take{j}{ending}" for i in range(10) for j in range(2) for ending in ("", "_mirrored")]


def _folder(path, ids=IDS):
    return write_folder(path, {one: {"m": ramp(2)} for one in ids})


def test_no_song_is_in_two_splits_and_no_sequence_is_lost(tmp_path):
    report = split_folder(SplitConfig(folder=_folder(tmp_path)))
    store = Store(tmp_path)
    lists = {split: store.ids(split) for split in ("train", "val", "test")}
    assert sorted(one for ids in lists.values() for one in ids) == sorted(IDS)
    assert {split: len(ids) for split, ids in lists.items()} == {"train": 32, "val": 4, "test": 4}
    songs = [{one.split("_")[0] for one in ids} for ids in lists.values()]
    assert sum(map(len, songs)) == len(set.union(*songs)) == 10
    assert report.pattern in str(report)
    assert "32 sequences,    8 songs" in str(report)


def test_same_seed_gives_the_same_lists_and_another_seed_others(tmp_path):
    lists = []
    for seed in (3, 3, 4):
        split_folder(SplitConfig(folder=_folder(tmp_path), seed=seed, overwrite=True))
        lists.append((tmp_path / "base_filenames_val.txt").read_bytes())
    assert lists[0] == lists[1] != lists[2]


def test_aist_ids_are_grouped_by_their_music(tmp_path):
    ids = [f"gBR_sBM_cAll_d0{d}_mBR{m}_ch0{c}" for d in range(2) for m in range(3) for c in range(2)]
    report = split_folder(SplitConfig(folder=_folder(tmp_path, ids), val=0.3, test=0.3))
    assert sorted(song for songs in report.songs.values() for song in songs) == ["mBR0", "mBR1", "mBR2"]


def test_existing_lists_are_kept_unless_told_otherwise(tmp_path):
    _folder(tmp_path)
    (tmp_path / "base_filenames_test.txt").write_text("mine\n")
    with pytest.raises(DataError, match=r"base_filenames_test\.txt exists already; add --overwrite"):
        split_folder(SplitConfig(folder=tmp_path))
    assert not (tmp_path / "base_filenames_train.txt").exists()
    split_folder(SplitConfig(folder=tmp_path, test=0.0, overwrite=True))
    assert not (tmp_path / "base_filenames_test.txt").exists(), "a stale list would leak"


def test_sequences_that_lack_a_feature_are_left_out_and_reported(tmp_path):
    _folder(tmp_path)
    write_folder(tmp_path, {one: {"audio": ramp(2)} for one in IDS[1:]})
    report = split_folder(SplitConfig(folder=tmp_path))
    assert report.incomplete == [IDS[0]]
    assert f"left out: 1 sequences without all of audio, m: {IDS[0]}" in str(report)


@pytest.mark.parametrize(
    ("ids", "options", "error", "reason"),
    (
        ([], {}, DataError, "holds no ID.FEATURE.npy"),
        (["a", "b"], {}, DataError, r"train \+ val \+ test need at least 3 songs, found 2 \(a, b\)"),
        (IDS, {"features": ("audio",)}, DataError, "holds no ID.FEATURE.npy file of audio"),
        (IDS, {"features": ("m", "audio")}, DataError, r"no sequence has all features \(m 40, audio 0 files\)"),
        (IDS, {"song_pattern": "(song"}, OptionsError, "is no regular expression"),
        (IDS, {"song_pattern": "song"}, OptionsError, "needs one group in parentheses, it has 0"),
        (IDS, {"song_pattern": "^(song[0-8])"}, OptionsError, "finds no song in 4 ids: song9_take0"),
    ),
)
def test_what_cannot_be_divided_is_refused_and_nothing_is_written(tmp_path, ids, options, error, reason):
    _folder(tmp_path, ids)
    with pytest.raises(error, match=reason):
        split_folder(SplitConfig(folder=tmp_path, **options))
    assert not list(tmp_path.glob("*.txt"))


@pytest.mark.parametrize("shares", ({"val": 0.6, "test": 0.4}, {"val": -0.1}, {"test": float("nan")}))
def test_shares_must_leave_some_for_training(tmp_path, shares):
    with pytest.raises(OptionsError, match="leave some for training"):
        SplitConfig(folder=tmp_path, **shares)


@given(sizes=st.lists(st.integers(1, 9), min_size=3, max_size=12), val=st.floats(0.01, 0.5), test=st.floats(0.01, 0.49))
def test_every_split_gets_a_song(sizes, val, test):
    songs = {f"s{i}": [f"s{i}_take{j}" for j in range(size)] for i, size in enumerate(sizes)}
    chosen = divide(songs, {"train": 1 - val - test, "val": val, "test": test}, seed=0)
    assert all(chosen.values())
    assert sorted(song for part in chosen.values() for song in part) == sorted(songs)


def test_songs_are_named_by_the_group():
    assert group_by_song(["x_1", "y_1", "x_2"], r"^(\w)_") == {"x": ["x_1", "x_2"], "y": ["y_1"]}


def test_dances_of_one_song_stay_together_as_the_table_says(tmp_path):
    ids = [f"{dancer}__{take}{end}" for dancer in ("anna", "ben") for take in "abc" for end in ("", "_mirrored")]
    write_folder(tmp_path, {one: {"m": ramp(3)} for one in [*ids, "other", "third"]})
    table = tmp_path / "pairs.csv"
    table.write_text(
        "dance,song,offset\n"
        + "".join(f"{name}/{take}.bvh,{take}.wav,0\n" for name in ("anna", "ben") for take in "abc")
    )
    report = split_folder(SplitConfig(folder=tmp_path, val=0.3, test=0.2, pairs=table))
    assert sorted(song for songs in report.songs.values() for song in songs) == ["a", "b", "c", "other", "third"]
    home = {one: split for split, listed in report.ids.items() for one in listed}
    for take in "abc":
        assert len({home[one] for one in ids if f"__{take}" in one}) == 1


def test_a_table_with_a_bad_line_divides_nothing(tmp_path):
    write_folder(tmp_path, {one: {"m": ramp(3)} for one in "abcd"})
    (tmp_path / "pairs.csv").write_text("dance,song\na\n")
    with pytest.raises(FormatError, match=r"pairs\.csv, line 2: has 1 cells"):
        split_folder(SplitConfig(folder=tmp_path, pairs=tmp_path / "pairs.csv"))
    assert not list(tmp_path.glob("base_filenames_*"))


def test_partners_stay_together_by_the_table_in_the_folder(tmp_path):
    for one in ("a", "b", "c", "d", "a_mirrored"):
        np.save(tmp_path / f"{one}.motion.npy", np.zeros((4, 2), np.float32))
    (tmp_path / "recordings.csv").write_text("id,motion,partner\na,a.bvh,b\nb,b.bvh,a\nc,c.bvh,\nd,d.bvh,c\n")
    report = split_folder(SplitConfig(folder=tmp_path, val=0.4, test=0.0))
    assert sorted(map(sorted, report.ids.values())) == [["a", "a_mirrored", "b"], ["c", "d"]]
