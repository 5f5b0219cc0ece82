import json
import shutil

import numpy as np
import pytest

from tests.data.factories import ramp, window, write_folder
from transflower.core.errors import DataError, OptionsError
from transflower.core.options import decode
from transflower.core.spans import UNKNOWN_CLASS, StreamSpec
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data

WINDOWS = {
    "inputs": {"motion": window(-4, 4), "audio": window(-4, 6)},
    "outputs": {"motion": window(0, 1)},
}


def _arrays(start):
    return {"motion": ramp(20, 2, start=start), "audio": ramp(21, 3, start=-start)}


@pytest.fixture
def folder(tmp_path):
    arrays = {"a": _arrays(0), "b": _arrays(10), "c": _arrays(1000)}
    write_folder(tmp_path, arrays, {"train": ["a", "b"], "val": ["c"]})
    (tmp_path / "audio.json").write_text(json.dumps({"kind": "audio", "fps": 30, "silence": [[-5, -6, -7]]}))
    return tmp_path


def test_statistics_come_from_the_training_split_alone(folder):
    data = open_training_data(DataConfig(folder=folder), **WINDOWS)
    rows = np.concatenate([ramp(20), ramp(20, start=10)]).astype(np.float64)
    np.testing.assert_allclose(data.statistics["motion"].mean, rows.mean(0))
    np.testing.assert_allclose(data.statistics["motion"].std, rows.std(0))
    assert data.statistics["audio"].mean.shape == (3,)


def test_music_is_padded_with_silence_and_motion_with_its_mean(folder):
    data = open_training_data(DataConfig(folder=folder), **WINDOWS)
    first = data.train[0]["inputs"]
    assert first["audio"][:5].tolist() == [[-5, -6, -7]] * 4 + [ramp(1, 3)[0].tolist()]
    np.testing.assert_allclose(first["motion"], np.tile(data.statistics["motion"].mean, (4, 1)), rtol=1e-6)
    assert len(data.train) == 40
    assert data.val[19]["inputs"]["audio"][-1].tolist() == [-5, -6, -7]


def test_folder_of_the_2021_layout_works_unchanged(tmp_path):
    ids = [f"gBR_sBM_cAll_d0{i}_mBR{i}_ch0{i}" for i in range(4)]
    for i, one in enumerate(ids):
        np.save(tmp_path / f"{one}.npz.acts_scaled.npy", np.asfortranarray(ramp(1200 + i % 2, 3), dtype=np.float64))
        np.save(tmp_path / f"{one}.audio_feats_scaled_20.npy", ramp(1200, 85))
    (tmp_path / "base_filenames_train.txt").write_bytes(f"{ids[0]}\r\n{ids[1]}\r\n\r\n{ids[2]}".encode())
    (tmp_path / "base_filenames_val.txt").write_bytes(f"\n{ids[3]}".encode())
    (tmp_path / "base_filenames.txt").write_text("\n".join(ids))
    (tmp_path / "npz.acts_scaled_scaler.pkl").write_bytes(b"not for us")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    data = open_training_data(
        DataConfig(
            folder=tmp_path, features={"motion": "npz.acts_scaled", "audio": "audio_feats_scaled_20"}, padding=False
        ),
        inputs={"motion": window(-120, 120), "audio": window(-120, 140)},
        outputs={"motion": window(0, 3)},
    )
    assert (len(data.train), len(data.val)) == (3 * 1061, 1061)
    last = data.train.batch([1060])
    assert last["targets"]["motion"][0, :, 0].tolist() == [1180, 1181, 1182]
    assert last["inputs"]["audio"].shape == (1, 140, 85)
    assert "common length is read of 2 of 4 sequences" in str(data.report)
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}


def test_without_padding_windows_stay_inside(folder):
    data = open_training_data(DataConfig(folder=folder, padding=False), **WINDOWS)
    assert len(data.train) == 2 * (20 - 6 + 1)
    assert data.train[0]["inputs"]["motion"][0, 0] == 0


def test_shapes_rates_and_stride_come_with_the_data(folder):
    data = open_training_data(DataConfig(folder=folder), **WINDOWS, positions=5)
    assert data.streams == {"motion": StreamSpec(dim=2), "audio": StreamSpec(dim=3, fps=30.0)}
    assert data.sidecars["motion"] is None
    assert data.sidecars["audio"]["kind"] == "audio"
    assert data.stride == 5
    assert open_training_data(DataConfig(folder=folder, stride=2), **WINDOWS, positions=5).stride == 2


def test_whole_sequences_have_a_common_length(folder):
    data = open_training_data(DataConfig(folder=folder), **WINDOWS)
    ((one, arrays),) = data.sequences("val")
    assert one == "c"
    np.testing.assert_array_equal(arrays["motion"], ramp(20, 2, start=1000))
    np.testing.assert_array_equal(arrays["audio"], ramp(20, 3, start=-1000))


def test_modalities_may_have_other_names_on_disk(folder):
    for one in "abc":
        (folder / f"{one}.motion.npy").rename(folder / f"{one}.npz.acts_scaled.npy")
    data = open_training_data(DataConfig(folder=folder, features={"motion": "npz.acts_scaled"}), **WINDOWS)
    assert data.train[3]["targets"]["motion"][0, 0] == 3


def test_classes_are_counted_over_all_that_is_read(folder):
    for one, top in (("a", 1), ("b", 2), ("c", 6)):
        np.save(folder / f"{one}.style.npy", np.array([[0, top]]))
    windows = {**WINDOWS, "inputs": {"style": window(0, 1, mode="single")}}
    data = open_training_data(DataConfig(folder=folder), **windows, categorical=["style"])
    assert data.streams["style"] == StreamSpec(dim=2, kind="categorical", num_classes=7)
    assert "style" not in data.statistics


def test_history_of_classes_is_padded_with_no_class(folder):
    for one in "abc":
        np.save(folder / f"{one}.phase.npy", np.full((20, 1), 3))
    windows = {"inputs": {"phase": window(-2, 2)}, "outputs": {"phase": window(0, 1)}}
    first = open_training_data(DataConfig(folder=folder), **windows, categorical=["phase"]).train[0]
    assert first["inputs"]["phase"].tolist() == [[UNKNOWN_CLASS], [UNKNOWN_CLASS]]
    assert first["targets"]["phase"].tolist() == [[3]]


def test_all_problems_are_raised_at_once(folder):
    (folder / "a.motion.npy").unlink()
    (folder / "base_filenames_val.txt").unlink()
    with pytest.raises(
        DataError, match=r"(?s)2 problems:.*base_filenames_val\.txt: is missing.*a\.motion\.npy: is missing"
    ):
        open_training_data(DataConfig(folder=folder), **WINDOWS)


def test_windows_longer_than_most_sequences_are_an_error(folder):
    with pytest.raises(DataError, match="3 of 3 sequences are shorter than 30 frames: a, b, c"):
        open_training_data(DataConfig(folder=folder), **WINDOWS, positions=30)


def test_length_of_a_single_input_must_be_that_of_its_arrays(folder):
    for one in "abc":
        np.save(folder / f"{one}.style.npy", np.zeros((2, 4)))
    windows = {**WINDOWS, "inputs": {"style": window(0, 1, mode="single")}}
    with pytest.raises(DataError, match=r"a\.style\.npy: has 2 rows, the model reads 1"):
        open_training_data(DataConfig(folder=folder), **windows)


def test_leak_through_a_second_name_of_a_feature_is_refused(folder):
    windows = {"inputs": {"past": window(-4, 5)}, "outputs": {"motion": window(0, 1)}}
    with pytest.raises(OptionsError, match="shows frames"):
        open_training_data(DataConfig(folder=folder, features={"past": "motion"}), **windows)


def test_second_name_of_a_predicted_feature_is_padded_with_its_mean_too(folder):
    windows = {"inputs": {"past": window(-4, 4)}, "outputs": {"motion": window(0, 1)}}
    data = open_training_data(DataConfig(folder=folder, features={"past": "motion"}), **windows)
    np.testing.assert_allclose(data.train[0]["inputs"]["past"][0], data.statistics["motion"].mean, rtol=1e-6)


def test_unknown_modality_in_the_options_is_refused_with_the_nearest_name(folder):
    with pytest.raises(OptionsError, match=r"names 'motoin' \(did you mean 'motion'\?\)"):
        open_training_data(DataConfig(folder=folder, features={"motoin": "x"}), **WINDOWS)


def test_feature_read_in_two_modes_is_refused(folder):
    windows = {"inputs": {"past": window(0, 1, mode="single")}, "outputs": {"motion": window(0, 1)}}
    with pytest.raises(OptionsError, match="'motion' is read in two modes"):
        open_training_data(DataConfig(folder=folder, features={"past": "motion"}), **windows)


@pytest.mark.parametrize("options", ({"max_length_gap": -1}, {"stride": 0}, {"num_workers": -2}))
def test_impossible_options_are_refused(tmp_path, options):
    with pytest.raises(OptionsError, match=next(iter(options))):
        decode(DataConfig, {"folder": str(tmp_path), **options})


def _fingerprint(folder):
    return open_training_data(DataConfig(folder=folder), **WINDOWS).fingerprint


def test_fingerprint_is_that_of_the_same_folder_elsewhere(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    found = _fingerprint(folder)
    assert list(found) == ["audio/train", "audio/val", "motion/train", "motion/val"]
    assert _fingerprint(tmp_path / "copy") == found == _fingerprint(folder)
    assert found["motion/train"] == "827713bece3992fc"


def _swap_order(folder):
    (folder / "base_filenames_train.txt").write_text("b\na\n")


def _change_value(folder):
    array = np.load(folder / "b.motion.npy")
    array[7, 1] += 1e-3
    np.save(folder / "b.motion.npy", array)


def _shorten(folder):
    np.save(folder / "b.motion.npy", np.load(folder / "b.motion.npy")[:-1])


def _exchange(folder):
    first, second = (np.load(folder / f"{one}.motion.npy") for one in "ab")
    np.save(folder / "a.motion.npy", second)
    np.save(folder / "b.motion.npy", first)


@pytest.mark.parametrize("change", (_swap_order, _change_value, _shorten, _exchange))
def test_fingerprint_shows_what_has_changed_and_where(folder, change):
    before = _fingerprint(folder)
    change(folder)
    after = _fingerprint(folder)
    assert before["motion/train"] != after["motion/train"]
    assert before["motion/val"] == after["motion/val"]


def test_fingerprint_is_of_what_is_read(folder):
    before = _fingerprint(folder)
    array = np.load(folder / "b.audio.npy")
    np.save(folder / "b.audio.npy", np.concatenate([array, array[-1:]]).astype(np.float64))
    assert _fingerprint(folder) == before


@pytest.mark.parametrize("longer", ("audio", "motion"))
def test_song_that_ends_seconds_after_its_dance_is_read_as_far_as_both_go(folder, longer):
    (folder / "motion.json").write_text(json.dumps({"fps": 30}))
    array = np.load(folder / f"a.{longer}.npy")
    np.save(folder / f"a.{longer}.npy", np.concatenate([array, *[array[-1:]] * 60]))
    data = open_training_data(DataConfig(folder=folder), **WINDOWS)
    whole = dict(data.sequences("train"))["a"]
    assert len(whole["motion"]) == len(whole["audio"]) == (20 if longer == "audio" else 21)
