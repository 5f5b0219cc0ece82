"""Dancing with a partner who is given."""

from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import FPS, SETTINGS, copy_model, save_song
from tests.motion.factories import make_clip
from transflower.core.errors import DataError, FormatError, ModelError
from transflower.features import audio as audio_features
from transflower.features.contacts import encode_contacts
from transflower.features.motion.codec import encode_motion, places_of
from transflower.features.motion.describe import describe_motion, with_partner
from transflower.features.sidecar import ContactsSidecar, write_sidecar
from transflower.formats.bvh import write_bvh
from transflower.generation import DanceFiles, Wanted, open_song
from transflower.generation.partner import decode_outputs, partner_condition
from transflower.generation.recordings import read_recording
from transflower.models import InputConfig, LoadedModel, OutputConfig
from transflower.motion.kinematics import forward
from transflower.motion.resample import resample
from transflower.synthetic.recording import make_recording

FEET = ("LeftFoot", "RightFoot")


@pytest.fixture
def leader():
    return make_clip(50, fps=FPS, seed=1)


@pytest.fixture
def loaded(tmp_path, leader):
    plain = describe_motion(leader, "expmap")
    follower = with_partner(plain)
    inputs = {"audio": InputConfig(), "partner": InputConfig()}
    dims = {"audio": len(audio_features.names(SETTINGS)), "partner": len(plain.names), "follower": len(follower.names)}
    model = copy_model(inputs, {"follower": OutputConfig()}, rows={"audio": 0}, dims=dims)
    sidecars = {"audio": audio_features.sidecar(SETTINGS), "partner": plain.to_dict(), "follower": follower.to_dict()}
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.yaml").write_text("{}")
    return LoadedModel(model=model, sidecars=sidecars, folder=tmp_path / "model")


def test_the_dance_is_as_long_as_song_and_partner(loaded, leader, tmp_path):
    write_bvh(tmp_path / "leader.bvh", leader)
    song = open_song(loaded, str(save_song(tmp_path / "song.wav", 4.0)), partner=tmp_path / "leader.bvh")
    assert song.frames == 50 == len(song.inputs["partner"]) == len(song.inputs["audio"])
    np.testing.assert_allclose(forward(song.partner)[0], forward(leader)[0], atol=1e-3)


def test_a_dancer_is_put_where_the_partner_sees_it(loaded, leader):
    own = make_clip(50, fps=FPS, seed=2)
    own = replace(own, skeleton=leader.skeleton)
    condition = partner_condition(loaded)
    rows = encode_motion(own, with_partner(condition.sidecar), partner=places_of(leader, condition.sidecar))
    found = decode_outputs(loaded, {"follower": rows}, leader)["follower"]
    np.testing.assert_allclose(forward(found)[0], forward(own)[0], atol=1e-4)
    with pytest.raises(DataError, match="none is given"):
        decode_outputs(loaded, {"follower": rows}, None)


def test_a_stored_partner_is_read(loaded, leader, tmp_path):
    condition = partner_condition(loaded)
    np.save(tmp_path / "x.partner.npy", encode_motion(leader, condition.sidecar))
    write_sidecar(tmp_path / "partner.json", condition.sidecar)
    np.save(tmp_path / "x.audio.npy", np.zeros((50, len(audio_features.names(SETTINGS))), np.float32))
    song = open_song(loaded, "x", data=tmp_path)
    assert song.partner.num_frames == song.frames == 50


def test_feet_of_a_dancer_are_read_where_the_partner_sees_it(loaded, tmp_path):
    leader, own = (resample(make_recording(0, seed, seconds=8 + seed).clip, FPS) for seed in (1, 0))
    plain, feet = describe_motion(leader, "expmap"), ContactsSidecar(fps=FPS, of="follower", ahead=2, feet=FEET)
    follower = with_partner(plain)
    dims = {"audio": 6, "partner": len(plain.names), "follower": len(follower.names)}
    inputs = {"audio": InputConfig(), "partner": InputConfig()}
    outputs = {"follower": OutputConfig(), "feet": OutputConfig()}
    told = {"audio": None, "partner": plain.to_dict(), "follower": follower.to_dict(), "feet": feet.to_dict()}
    model = copy_model(inputs, outputs, rows={"audio": 0}, dims=dims)
    places = places_of(leader, plain)[: own.num_frames]
    np.save(tmp_path / "x.partner.npy", encode_motion(leader, plain))
    np.save(tmp_path / "x.follower.npy", encode_motion(own, follower, partner=places))
    np.save(tmp_path / "x.audio.npy", np.zeros((180, 6), np.float32))
    for name, sidecar in (("partner", plain), ("follower", follower)):
        write_sidecar(tmp_path / f"{name}.json", sidecar)
    found = read_recording(replace(loaded, model=model, sidecars=told), tmp_path, "x").outputs
    np.testing.assert_array_equal(found["feet"], encode_contacts(own, feet))
    assert len(found["feet"]) == own.num_frames < leader.num_frames
    assert len(np.unique(found["feet"])) > 1


def test_files_show_the_partner_too(loaded, leader, tmp_path):
    write_bvh(tmp_path / "leader.bvh", leader)
    song = open_song(loaded, str(save_song(tmp_path / "song.wav", 4.0)), partner=tmp_path / "leader.bvh")
    shown = []
    files = DanceFiles(
        loaded,
        song,
        tmp_path / "out",
        Wanted(formats=("bvh", "html"), foot_lock=False),
        write_page=lambda path, dancers: shown.extend(dancers),
    )
    rows = np.zeros((1, 50, len(loaded.sidecars["follower"]["names"])), np.float32)
    files.write({"follower": rows})
    assert [dancer.name for dancer in shown] == ["song", "partner"]
    assert (tmp_path / "out" / "song.bvh").exists()


def test_a_partner_must_be_given_and_human(loaded, leader, tmp_path):
    path = save_song(tmp_path / "song.wav", 2.0)
    with pytest.raises(ModelError, match="--partner"):
        open_song(loaded, str(path))
    thin = make_clip(50, fps=FPS, seed=3)
    thin = replace(thin, skeleton=replace(thin.skeleton, names=tuple(f"j{n}" for n in range(thin.skeleton.num_joints))))
    write_bvh(tmp_path / "thing.bvh", thin)
    with pytest.raises(FormatError, match="holds nobody to dance with"):
        open_song(loaded, str(path), partner=tmp_path / "thing.bvh")


def test_a_model_without_a_partner_is_given_none(leader, tmp_path):
    plain = LoadedModel(
        model=copy_model({"audio": InputConfig()}, {"motion": OutputConfig()}, rows={"audio": 0}),
        sidecars={"audio": None, "motion": None},
        folder=tmp_path,
    )
    write_bvh(tmp_path / "leader.bvh", leader)
    with pytest.raises(ModelError, match="has not learnt to dance with a partner"):
        open_song(plain, "x", data=tmp_path, partner=tmp_path / "leader.bvh")
