"""Live generation: sound goes in, and clips come out."""

from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import copy_model, make_features, make_sidecars, make_song, motion_sidecar_of
from tests.generation.live import cut
from transflower.audio.audio import Audio
from transflower.core.errors import ModelError
from transflower.features import audio as audio_features
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.formats.bvh import read_bvh
from transflower.generation import DanceFiles, Session, Song, Wanted, generate
from transflower.models import InputConfig, LoadedModel, OutputConfig
from transflower.motion.kinematics import forward
from transflower.synthetic.recording import make_recording


def causal(settings):
    """What a session makes of sound, whatever the model learnt from."""
    return replace(audio_features.settings_from_dict(settings), reading="causal")


@pytest.mark.parametrize(("sample_rate", "channels"), [(16000, 1), (44100, 2)])
@pytest.mark.parametrize("block", [1024, 70_000])
def test_sound_in_blocks_gives_the_dance_to_the_song(live, tmp_path, sample_rate, channels, block):
    song = make_song(1.4, sample_rate=sample_rate)
    samples = np.repeat(song.samples, channels, axis=1)
    features = {
        name: audio_features.extract(Audio(samples, sample_rate), causal(side["settings"]))
        for name, side in live.sidecars.items()
        if side["kind"] == "audio"
    }
    fill = {"audio": np.array(live.sidecars["audio"]["silence"], np.float32)}
    whole = generate(live.model, features, num_frames=28, fill=fill)["motion"]
    session, pulled = Session(live), []
    for start in range(0, len(samples), block):
        session.push_sound(Audio(samples[start : start + block], sample_rate))
        pulled.append(session.pull()["motion"])
    session.end()
    pulled.append(session.pull()["motion"])
    np.testing.assert_allclose(np.concatenate(pulled, axis=1), whole, atol=5e-3)


def test_clips_go_on_where_the_last_one_ended(live):
    music = make_features(make_sidecars(), num_frames=20)["audio"]
    features, clips = Session(live, batch_size=2), Session(live, batch_size=2)
    features.push("audio", music)
    features.end()
    whole = [decode_motion(rows, motion_sidecar_of(live.sidecars)) for rows in features.pull()["motion"]]
    pieces = []
    for piece in cut(music, [4, 1, 0, 9]):
        clips.push("audio", piece)
        pieces.append(clips.pull_clips())
    clips.end()
    pieces.append(clips.pull_clips())
    for dancer, clip in enumerate(whole):
        found = [piece["motion"][dancer] for piece in pieces if piece]
        np.testing.assert_allclose(np.concatenate([part.rotations for part in found]), clip.rotations, atol=1e-5)
        for joint, track in clip.translations.items():
            np.testing.assert_allclose(np.concatenate([part.translations[joint] for part in found]), track, atol=1e-4)


@pytest.fixture(scope="module")
def dancing(tmp_path_factory) -> tuple[LoadedModel, np.ndarray]:
    """A model that repeats the dance that it is given, and a dance whose feet slide."""
    clip = make_recording(0, 0, seconds=8).clip
    clip.translations[0][:, 0] += 0.03 * np.sin(4 * np.arange(clip.num_frames) / clip.fps)
    sidecar = describe_motion(clip, "expmap")
    rows = encode_motion(clip, sidecar)[90:180]
    model = copy_model(
        {"dance": InputConfig()},
        {"motion": OutputConfig()},
        rows={"dance": 0},
        dims={"dance": rows.shape[1], "motion": rows.shape[1]},
        columns=tuple(range(rows.shape[1])),
    )
    sidecars, folder = {"motion": sidecar.to_dict(), "dance": None}, tmp_path_factory.mktemp("dancing")
    return LoadedModel(model=model, sidecars=sidecars, folder=folder), rows


@pytest.mark.parametrize("foot_lock", [True, False])
@pytest.mark.parametrize("sizes", [[], [1] * 90, [40, 3, 30]], ids=["whole", "frames", "pieces"])
def test_clips_of_a_session_are_the_files_of_the_song(dancing, tmp_path, sizes, foot_lock):
    loaded, rows = dancing
    song = Song(name="song", inputs={"dance": rows}, frames=len(rows), fps=30.0, sound=None)
    files = DanceFiles(loaded, song, tmp_path, Wanted(formats=("bvh",), foot_lock=foot_lock))
    (path,) = files.write(generate(loaded, song.inputs, num_frames=song.frames))
    session, pieces = Session(loaded, foot_lock=foot_lock), []
    for piece in cut(rows, sizes):
        session.push("dance", piece)
        pieces.append(session.pull_clips())
    session.end()
    pieces.append(session.pull_clips())
    assert session.pull_clips() == {}
    found = [piece["motion"][0] for piece in pieces if piece]
    rotations = np.concatenate([clip.rotations for clip in found])
    root = np.concatenate([clip.translations[0] for clip in found])
    together = replace(found[0], rotations=rotations, translations={0: root})
    np.testing.assert_allclose(forward(together)[0], forward(read_bvh(path).clip)[0], atol=1e-4)


def test_the_foot_lock_holds_frames_back_until_the_end(dancing):
    loaded, rows = dancing
    session = Session(loaded, batch_size=2)
    session.push("dance", rows[:10])
    assert [clip.num_frames for clip in session.pull_clips()["motion"]] == [7, 7]
    session.end()
    assert [clip.num_frames for clip in session.pull_clips()["motion"]] == [3, 3]
    assert [clip.num_frames for clip in session.pull_clips(5)["motion"]] == [5, 5]


def test_a_restored_session_locks_feet_on_to_the_bit(dancing, tmp_path):
    loaded, rows = dancing
    session, restored = Session(loaded), Session(loaded)
    session.push("dance", rows[:40])
    session.pull_clips()
    session.save(tmp_path / "dance.safetensors")
    restored.load(tmp_path / "dance.safetensors")
    ends = []
    for one in (session, restored):
        one.push("dance", rows[40:])
        one.end()
        ends.append(one.pull_clips()["motion"][0])
    np.testing.assert_array_equal(ends[0].rotations, ends[1].rotations)
    with pytest.raises(ModelError, match="another kind of session"):
        Session(loaded).load_state_dict(Session(loaded, foot_lock=False).state_dict())
