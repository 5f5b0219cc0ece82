"""Training windows that are changed at random."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from tests.data.factories import ramp, window, write_folder
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import OptionsError
from transflower.data.augmentation.augmenter import make_augmenter
from transflower.data.augmentation.draws import draw_windows
from transflower.data.augmentation.options import AugmentationConfig
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data
from transflower.data.windows import WindowLayout
from transflower.features.audio.extract import sidecar as sound_sidecar
from transflower.features.audio_settings import AudioSettings
from transflower.features.motion.codec import encode_motion, places_of
from transflower.features.motion.describe import describe_motion, with_partner
from transflower.features.motion.mirrored import mirrored_columns
from transflower.features.sidecar import sidecar_from_dict, write_sidecar
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.mirror import mirror
from transflower.motion.resample import resample

SETTINGS = AudioSettings(mels=8, n_fft=512, sample_rate=8000)
SOUND = sidecar_from_dict(sound_sidecar(SETTINGS), "audio.json")
FRAMES = 90
INPUTS = {"motion": window(-5, 5), "audio": window(-5, 11)}
OUTPUTS = {"motion": window(0, 1)}


def dance(seed=0, frames=FRAMES, fps=30.0):
    return make_clip(frames, fps=fps, skeleton=common_skeleton(), degrees=30, seed=seed)


def described(representation="expmap"):
    return describe_motion(dance(), representation)


@pytest.fixture
def folder(tmp_path):
    """Two dances with sound of known levels."""
    arrays, sidecar = {}, described()
    for seed, name in enumerate("ab"):
        sound = np.random.default_rng(seed).normal(-30, 5, (FRAMES, len(SOUND.names))).astype(np.float32)
        arrays[name] = {"motion": encode_motion(dance(seed), sidecar), "audio": sound}
    write_folder(tmp_path, arrays, {"train": ["a", "b"], "val": ["a"]})
    write_sidecar(tmp_path / "motion.json", sidecar)
    write_sidecar(tmp_path / "audio.json", SOUND)
    return tmp_path


def opened(folder, **augmentation):
    config = DataConfig(folder=folder, augmentation=AugmentationConfig(**augmentation))
    return open_training_data(config, inputs=INPUTS, outputs=OUTPUTS, positions=20, seed=3)


def batches(data, epoch=0):
    return data.train.batch(range(len(data.train)), epoch=epoch)


@pytest.mark.parametrize("representation", ["expmap", "rot6d"])
def test_columns_of_the_mirror_image_are_those_of_the_mirrored_dance(representation):
    sidecar = described(representation)
    columns = mirrored_columns(sidecar)
    clip = dance(4)
    wanted = encode_motion(mirror(clip, sidecar.symmetry), sidecar)
    rows = encode_motion(clip, sidecar)
    np.testing.assert_allclose(rows[:, columns.order] * columns.signs, wanted, atol=1e-5)


def test_a_follower_is_mirrored_with_the_partner():
    sidecar = described()
    follower = with_partner(sidecar)
    columns = mirrored_columns(follower)
    clip, other = dance(4), dance(5)
    rows = encode_motion(clip, follower, partner=places_of(other, sidecar))
    image, other_image = mirror(clip, sidecar.symmetry), mirror(other, sidecar.symmetry)
    wanted = encode_motion(image, follower, partner=places_of(other_image, sidecar))
    np.testing.assert_allclose(rows[:, columns.order] * columns.signs, wanted, atol=1e-5)


def test_a_skeleton_whose_joints_are_mirrored_in_different_ways_has_no_such_columns():
    sidecar = described()
    partners, reflections = sidecar.symmetry.partners, list(sidecar.symmetry.reflections)
    reflections[3] = 1
    other = replace(sidecar, symmetry=replace(sidecar.symmetry, partners=partners, reflections=tuple(reflections)))
    assert mirrored_columns(other) is None
    assert mirrored_columns(replace(sidecar, symmetry=None)) is None


def test_windows_are_mirrored_whole_and_others_stay(folder):
    plain, changed = batches(opened(folder)), batches(opened(folder, mirror=0.5))
    columns = mirrored_columns(described())
    same = 0
    for side in ("inputs", "targets"):
        image = plain[side]["motion"][..., columns.order] * torch.tensor(columns.signs, dtype=torch.float32)
        is_same = (changed[side]["motion"] == plain[side]["motion"]).flatten(1).all(1)
        is_image = torch.isclose(changed[side]["motion"], image).flatten(1).all(1)
        assert (is_same ^ is_image).all()
        same = is_same if side == "inputs" else (same == is_same).all()
    assert same
    assert 0.3 < is_image.float().mean() < 0.7
    assert torch.equal(changed["inputs"]["audio"], plain["inputs"]["audio"])


def test_the_same_seed_and_epoch_draw_the_same_and_another_epoch_others(folder):
    options = {"mirror": 0.5, "tempo": 0.2, "noise": 0.5, "drop_bands": 0.5}
    first, again, later = (batches(opened(folder, **options), epoch) for epoch in (0, 0, 1))
    for name in ("motion", "audio"):
        assert torch.equal(first["inputs"][name], again["inputs"][name])
        assert not torch.equal(first["inputs"][name], later["inputs"][name])
    alone = opened(folder, **options).train.batch([7], epoch=0)
    assert torch.equal(alone["inputs"]["motion"][0], first["inputs"]["motion"][7])


def test_one_change_does_not_change_what_is_drawn_for_another():
    alone = draw_windows(AugmentationConfig(mirror=0.5), 0, 0, range(50))
    both = draw_windows(AugmentationConfig(mirror=0.5, noise=0.5), 0, 0, range(50))
    assert [draw.is_mirrored for draw in alone] == [draw.is_mirrored for draw in both]


def test_validation_reads_the_recordings_as_they_are(folder):
    plain, changed = opened(folder), opened(folder, mirror=0.9, tempo=0.3, noise=0.9, drop_bands=0.9)
    for side in ("inputs", "targets"):
        for name, rows in plain.val.batch(range(5))[side].items():
            assert torch.equal(rows, changed.val.batch(range(5))[side][name])


def test_another_tempo_is_that_of_dance_and_music(tmp_path):
    arrays = {"a": {"motion": ramp(200), "audio": ramp(200, 3)}}
    write_folder(tmp_path, arrays, {"train": ["a"], "val": ["a"]})
    data = opened(tmp_path, tempo=0.25)
    batch = batches(data)
    draws = draw_windows(AugmentationConfig(tempo=0.25), 3, 0, range(len(data.train)))
    assert min(draw.tempo for draw in draws) < 0.85 < 1.18 < max(draw.tempo for draw in draws)
    for item in range(30, 120):
        start = data.train.place(item)[1]
        for side, name, first in (("inputs", "motion", -5), ("inputs", "audio", -5), ("targets", "motion", 0)):
            rows = batch[side][name][item, :, 0].numpy()
            wanted = start + draws[item].tempo * (first + np.arange(len(rows)))
            np.testing.assert_allclose(rows, wanted, atol=1e-3)


def test_targets_never_go_beyond_the_recording(tmp_path):
    write_folder(tmp_path, {"a": {"motion": ramp(40), "audio": ramp(40, 3)}}, {"train": ["a"], "val": ["a"]})
    data = opened(tmp_path, tempo=0.5)
    for epoch in range(5):
        rows = batches(data, epoch)["targets"]["motion"][..., 0]
        assert (rows.diff(dim=1) > 0.5).all()
        assert rows.max() <= 39.001


def draws_at(target, positions, places, **augmentation):
    layout = WindowLayout(inputs={}, targets={"motion": target}, positions=positions)
    made = make_augmenter(AugmentationConfig(**augmentation), 0, layout=layout, sidecars={"motion": described()})
    return made.draw(range(len(places)), 0, places, [40] * len(places))


@pytest.mark.parametrize("rate", [Fraction(1, 2), Fraction(1), Fraction(2)])
def test_windows_are_only_slowed_where_their_targets_would_end_beyond_the_recording(rate):
    target, places = replace(window(0, 1), rate=rate), range(0, 21, 2)
    assert {draw.tempo for draw in draws_at(target, 20, places, mirror=0.5)} == {1.0}
    tempos = [draw.tempo for draw in draws_at(target, 20, places, tempo=0.5)]
    drawn = [draw.tempo for draw in draw_windows(AugmentationConfig(tempo=0.5), 0, 0, range(len(places)))]
    ends = [int(place * rate) + tempo * int(19 * rate) for place, tempo in zip(places, tempos, strict=True)]
    assert max(ends) <= 40 * rate - 1 + 1e-9
    for tempo, first, end in zip(tempos, drawn, ends, strict=True):
        assert tempo == first or tempo == 1 or abs(end - (40 * rate - 1)) < 1e-9


def test_a_window_of_the_last_frame_keeps_its_tempo():
    draws = draws_at(window(0, 1), 1, [39, 39, 39], tempo=0.5)
    drawn = draw_windows(AugmentationConfig(tempo=0.5), 0, 0, range(3))
    assert [draw.tempo for draw in draws] == [draw.tempo for draw in drawn]


def test_a_quicker_dance_goes_as_far_in_less_time(folder):
    sidecar = described()
    data = opened(folder, tempo=0.4)
    draws = draw_windows(AugmentationConfig(tempo=0.4), 3, 0, range(len(data.train)))
    item = max(range(10, 40), key=lambda one: draws[one].tempo)
    start = data.train.place(item)[1]
    rows = batches(data)["targets"]["motion"][item].numpy()
    quick = resample(dance(0), 30.0 / draws[item].tempo)
    wanted = encode_motion(replace(quick, fps=30.0), sidecar)
    place = start / draws[item].tempo
    deltas = [index for index, name in enumerate(sidecar.names) if name.startswith("Hips_d")]
    near = wanted[round(place) : round(place) + len(rows), deltas]
    np.testing.assert_allclose(rows[:, deltas].sum(axis=0), near.sum(axis=0), rtol=0.1, atol=0.02)


def test_noise_adds_power_to_the_levels_and_leaves_the_beat(folder):
    plain, noisy = batches(opened(folder))["inputs"]["audio"], batches(opened(folder, noise=0.9))["inputs"]["audio"]
    mels = SETTINGS.mels
    assert torch.equal(plain[..., mels:], noisy[..., mels:])
    gain = (noisy - plain)[..., :mels]
    changed = gain.abs().flatten(1).amax(1) > 0
    assert 0.75 < changed.float().mean() < 1
    assert (gain >= -1e-4).all()
    assert 0.01 < gain[changed].mean() < 15


def test_bands_that_are_dropped_are_silent(folder):
    plain = batches(opened(folder))["inputs"]["audio"]
    dropped = batches(opened(folder, drop_bands=0.9))["inputs"]["audio"]
    silent = (dropped != plain)[..., : SETTINGS.mels]
    assert torch.allclose(dropped[..., : SETTINGS.mels][silent], torch.tensor(SOUND.silence[0]))
    widths = silent.all(dim=1).sum(dim=1)
    assert widths.min() == 0
    assert widths.max() == 2


def test_an_output_that_is_no_motion_cannot_be_mirrored(folder):
    layout = WindowLayout(inputs={"motion": window(-5, 5)}, targets={"motion": window(0, 1), "moves": window(0, 1)})
    with pytest.raises(OptionsError, match=r"mirror cannot mirror 'moves': it is no motion; .*--mirror"):
        make_augmenter(AugmentationConfig(mirror=0.5), 0, layout=layout, sidecars={"motion": described()})
    layout = WindowLayout(inputs={}, targets={"motion": window(0, 1)})
    lopsided = {"motion": replace(described(), symmetry=None)}
    with pytest.raises(OptionsError, match="cannot mirror 'motion': its joints are mirrored in different ways"):
        make_augmenter(AugmentationConfig(mirror=0.5), 0, layout=layout, sidecars=lopsided)


def test_noise_needs_sound(folder):
    layout = WindowLayout(inputs={"motion": window(-5, 5)}, targets={"motion": window(0, 1)})
    with pytest.raises(OptionsError, match="no input has any"):
        make_augmenter(AugmentationConfig(noise=0.5), 0, layout=layout, sidecars={"motion": described()})


def test_nothing_is_made_where_nothing_is_changed():
    layout = WindowLayout(inputs={}, targets={"motion": window(0, 1)})
    assert make_augmenter(AugmentationConfig(), 0, layout=layout, sidecars={}) is None


def test_a_chain_has_a_mirror_image_too():
    chain = describe_motion(make_clip(10, skeleton=make_skeleton(num_joints=4)), "expmap")
    assert mirrored_columns(chain) is not None
