"""Features of which each training window draws one."""

import json

import numpy as np
import pytest
import torch

from tests.data.factories import ramp, window, write_folder
from transflower.core.errors import DataError, OptionsError
from transflower.core.options import decode
from transflower.data.check import check_folder
from transflower.data.loader import WindowLoader
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data
from transflower.data.verb_options import CheckConfig

INPUTS = {"motion": window(-2, 2), "audio": window(-1, 4)}
VARIANTS = {"audio": ["late", "dull"]}
OFFSETS = {"audio": 0, "late": 1000, "dull": 2000}


@pytest.fixture
def folder(tmp_path):
    arrays = {
        one: {"motion": ramp(20), **{name: ramp(21, 3, start=start) for name, start in OFFSETS.items()}}
        for one in "abc"
    }
    write_folder(tmp_path, arrays, {"train": ["a", "b"], "val": ["c"]})
    for name in OFFSETS:
        (tmp_path / f"{name}.json").write_text(json.dumps({"fps": 30, "names": ["x", "y", "z"]}))
    return tmp_path


def _open(folder, *, seed=0, positions=4, inputs=INPUTS, categorical=(), **options):
    config = decode(DataConfig, {"folder": str(folder), "padding": False, "variants": VARIANTS, **options})
    windows = {"inputs": inputs, "outputs": {"motion": window(0, 1)}, "categorical": categorical}
    return open_training_data(config, **windows, positions=positions, seed=seed)


def _drawn(batch):
    """The offset of the variant of each window, which is the same in all its frames."""
    audio, motion = batch["inputs"]["audio"][..., 0], batch["targets"]["motion"][..., 0]
    offsets = audio - motion[:, :1] + 1 - torch.arange(audio.shape[1])
    assert (offsets == offsets[:, :1]).all()
    return offsets[:, 0].int().tolist()


def test_each_window_draws_one_of_them_by_seed_epoch_and_number(folder):
    train = _open(folder).train
    windows = list(range(len(train)))
    drawn = _drawn(train.batch(windows, epoch=3))
    assert set(drawn) == set(OFFSETS.values())
    assert _drawn(train.batch(windows[::-1], epoch=3)) == drawn[::-1]
    assert _drawn(_open(folder).train.batch(windows, epoch=3)) == drawn
    assert _drawn(train.batch(windows, epoch=4)) != drawn
    assert _drawn(_open(folder, seed=1).train.batch(windows, epoch=3)) != drawn


def test_all_are_drawn_equally_often(folder):
    train = _open(folder).train
    drawn = [one for epoch in range(40) for one in _drawn(train.batch(range(len(train)), epoch=epoch))]
    counts = np.unique(drawn, return_counts=True)[1] / len(drawn)
    np.testing.assert_allclose(counts, 1 / 3, atol=0.05)


def test_validation_statistics_and_whole_sequences_are_of_the_feature_itself(folder):
    data, plain = _open(folder), _open(folder, variants={})
    assert set(_drawn(data.val.batch(range(len(data.val))))) == {0}
    np.testing.assert_array_equal(data.statistics["audio"].mean, plain.statistics["audio"].mean)
    for split in ("train", "val"):
        assert all((arrays["audio"] < 100).all() for _, arrays in data.sequences(split))


@pytest.mark.parametrize("num_workers", (0, 2))
def test_draws_are_the_same_with_workers_and_after_resuming(folder, num_workers):
    def loader(workers):
        return WindowLoader(_open(folder).train, batch_size=4, training=True, seed=3, num_workers=workers)

    def passed(loader):
        loader.sampler.set_epoch(1)
        return [batch["inputs"]["audio"] for batch in loader]

    whole = passed(loader(0))
    resumed = loader(num_workers)
    resumed.load_state_dict({"epoch": 1, "batches_done": 2})
    torch.testing.assert_close(passed(resumed), whole[2:], rtol=0, atol=0)


def test_two_inputs_of_one_feature_draw_alike(folder):
    inputs = {**INPUTS, "near": window(0, 1)}
    names = {"features": {"near": "audio"}, "variants": {**VARIANTS, "near": VARIANTS["audio"]}}
    found = _open(folder, positions=1, inputs=inputs, **names).train.batch(range(30))["inputs"]
    torch.testing.assert_close(found["near"][:, 0], found["audio"][:, 1])


def test_classes_are_counted_over_variants_too(folder):
    for one in "abc":
        np.save(folder / f"{one}.style.npy", np.array([1]))
        np.save(folder / f"{one}.taste.npy", np.array([4]))
    inputs = {"style": window(0, 1, mode="single")}
    data = _open(folder, inputs=inputs, categorical=["style"], variants={"style": ["taste"]})
    assert data.streams["style"].num_classes == 5


def test_fingerprint_shows_that_a_variant_has_changed(folder):
    before = _open(folder).fingerprint
    np.save(folder / "a.late.npy", ramp(21, 3))
    after = _open(folder).fingerprint
    assert {name for name in before if before[name] != after[name]} == {"late/train"}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"musik": ["late"]}, r"data.variants names 'musik'"),
        ({"motion": ["late"]}, "data.variants.motion is of what the model predicts; only other inputs have variants"),
        ({"audio": ["motion"]}, "data.variants.audio is of what the model predicts"),
        ({"audio": ["late", "audio"]}, "data.variants.audio must name other features than 'audio', each once"),
        ({"audio": ["late", "late"]}, "data.variants.audio must name other features than 'audio', each once"),
    ],
)
def test_variants_that_cannot_be_drawn_are_refused(folder, variants, message):
    with pytest.raises(OptionsError, match=message):
        _open(folder, variants=variants)


def _remove(folder):
    (folder / "a.late.npy").unlink()


def _shorten(folder):
    np.save(folder / "a.late.npy", ramp(20, 3))


def _narrow(folder):
    for one in "abc":
        np.save(folder / f"{one}.late.npy", ramp(21, 2))
    (folder / "late.json").unlink()


def _rename(folder):
    (folder / "late.json").write_text(json.dumps({"fps": 30, "names": ["x", "z", "y"]}))


def _undescribe(folder):
    (folder / "late.json").unlink()


def _slow_down(folder):
    (folder / "late.json").write_text(json.dumps({"fps": 15, "names": ["x", "y", "z"]}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_remove, r"a\.late\.npy: is missing"),
        (_shorten, r"a\.late\.npy: has 20 frames, a\.audio\.npy has 21; extract both from the same recordings"),
        (_narrow, "late has 2 columns, audio has 3; extract both with the same settings"),
        (_rename, r"late has other names of columns in late\.json than audio\.json"),
        (_undescribe, r"late has other names of columns in late\.json than audio\.json"),
        (_slow_down, "late has 15 frames per second, audio has 30"),
    ],
)
def test_variants_that_differ_are_refused_by_training_and_told_by_the_check(folder, spoil, message):
    spoil(folder)
    with pytest.raises(DataError, match=message):
        _open(folder)
    report = check_folder(CheckConfig(folder=folder, features=("audio",), variants={"audio": ("late",)}))
    with pytest.raises(DataError, match=message):
        report.raise_problems()
    assert len(report.problems) == 1


def test_check_of_good_variants_counts_them_as_features(folder):
    report = check_folder(CheckConfig(folder=folder, features=("motion",), variants={"audio": ("late", "dull")}))
    report.raise_problems()
    assert list(report.features) == ["motion", "audio", "late", "dull"]
