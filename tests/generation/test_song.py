from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import (
    AUDIO_DIM,
    SETTINGS,
    copy_model,
    save_data,
    save_run,
    save_song,
)
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError, ModelError, OptionsError, TransflowerError
from transflower.core.files import read_json, write_json
from transflower.features.audio import extract
from transflower.features.audio.fade import BeatFade
from transflower.generation import BeatOptions, open_song
from transflower.generation.hearing import hearing_streams
from transflower.models import InputConfig, LoadedModel, OutputConfig
from transflower.models.sequence_model import SequenceModel


def test_sound_becomes_the_features_that_the_model_learnt(loaded, tmp_path):
    path = save_song(tmp_path / "My song (live).v2.wav", 1.23)
    song = open_song(loaded, str(path))
    np.testing.assert_array_equal(song.inputs["audio"], extract(read_audio(path), SETTINGS))
    assert (song.name, song.frames, song.fps) == ("My song (live).v2", 25, 20.0)
    assert song.sound == path


def test_a_model_that_has_heard_nothing_but_music_hears_other_sound_as_silence(loaded, tmp_path):
    music = {**loaded.sidecars["audio"], "fade_without_beat": True}
    fading = replace(loaded, sidecars={**loaded.sidecars, "audio": music})
    path = save_song(tmp_path / "noise.wav", 3.0)
    whole, sound = extract(read_audio(path), SETTINGS), read_audio(path)
    found = open_song(fading, str(path)).inputs["audio"]
    np.testing.assert_array_equal(found, BeatFade(SETTINGS).push(whole))
    assert np.abs(found - whole).max() > 1
    (stream,) = hearing_streams(fading, ["audio"], sound.sample_rate).values()
    (plain,) = hearing_streams(loaded, ["audio"], sound.sample_rate).values()
    pieces = np.split(sound.samples, [1000, 20000])
    rows = np.concatenate([*(plain.push(piece) for piece in pieces), plain.finish()])
    faded = [stream.push(pieces[0])]
    (restored,) = hearing_streams(fading, ["audio"], sound.sample_rate).values()
    restored.load_state_dict(stream.state_dict())
    faded += [*(restored.push(piece) for piece in pieces[1:]), restored.finish()]
    np.testing.assert_allclose(np.concatenate(faded), BeatFade(SETTINGS).push(rows), atol=1e-5)


def test_a_song_by_id_is_read_from_the_folder(loaded, data):
    song = open_song(loaded, "two", data=data)
    np.testing.assert_array_equal(song.inputs["audio"], np.load(data / "two.audio.npy"))
    assert (song.name, song.frames, song.sound) == ("two", 24, None)


def test_an_id_is_not_taken_for_a_folder_of_that_name_nor_cut_at_a_dot(loaded, tmp_path, monkeypatch):
    folder = save_data(tmp_path / "data", ("a.b", "one"))
    (tmp_path / "one").mkdir()
    monkeypatch.chdir(tmp_path)
    names = [open_song(loaded, sequence_id, data=folder).name for sequence_id in ("a.b", "one")]
    monkeypatch.undo()
    assert names == ["a.b", "one"]


def test_a_song_is_read_from_an_array(loaded, data):
    song = open_song(loaded, str(data / "two.audio.npy"))
    np.testing.assert_array_equal(song.inputs["audio"], np.load(data / "two.audio.npy"))
    assert song.name == "two.audio"


def test_the_sound_of_stored_features_can_be_named(loaded, data, tmp_path):
    music = save_song(tmp_path / "music.wav", 2.0)
    song = open_song(loaded, "two", data=data, music=music)
    assert (song.frames, song.sound) == (24, music)


@pytest.mark.parametrize(("seconds", "frames"), [(0.5, 10), (0.51, 11), (3.0, 60), (0.001, 1)])
def test_any_length_can_be_asked(loaded, tmp_path, seconds, frames):
    song = open_song(loaded, str(save_song(tmp_path / "a.wav")), seconds=seconds)
    assert song.frames == frames


def test_the_folder_may_call_the_feature_by_the_name_it_had_in_training(loaded, data, tmp_path):
    folder = save_data(tmp_path / "data")
    (folder / "one.audio.npy").rename(folder / "one.mel.npy")
    (folder / "audio.json").rename(folder / "mel.json")
    renamed = save_run(tmp_path / "run")
    config = renamed.folder / "config.yaml"
    config.write_text("data:\n  features: {audio: mel}\n" + config.read_text(), encoding="utf-8")
    assert open_song(renamed, "one", data=folder).frames == 24


def styled(loaded, **streams) -> LoadedModel:
    """A model that is also given a style and somebody's measures."""
    model = copy_model(
        {
            "audio": InputConfig(length=2),
            "style": InputConfig(mode="tile", kind="categorical"),
            "who": InputConfig(length=3, mode="single"),
        },
        {"motion": OutputConfig()},
        rows={"audio": 0},
        dims={"audio": AUDIO_DIM},
        num_classes=4,
    )
    model.streams |= streams
    return replace(loaded, model=model)


def test_other_things_that_the_model_reads_come_from_arrays(loaded, tmp_path):
    np.save(tmp_path / "style.npy", np.array([[3]], np.uint8))
    np.save(tmp_path / "who.npy", np.array([1.0, 2.0, 3.0]))
    arrays = {"style": tmp_path / "style.npy", "who": tmp_path / "who.npy"}
    song = open_song(styled(loaded), str(save_song(tmp_path / "a.wav")), arrays=arrays)
    assert song.inputs["style"].tolist() == [[3]]
    assert song.inputs["who"].tolist() == [[1], [2], [3]]
    np.save(tmp_path / "who.npy", np.arange(6.0).reshape(2, 3, 1))
    song = open_song(styled(loaded), str(save_song(tmp_path / "a.wav")), arrays=arrays)
    assert song.inputs["who"].tolist() == [[0], [1], [2]]


# Beats that are given


def test_features_follow_the_beats_that_are_given(loaded, tmp_path):
    path = save_song(tmp_path / "song.wav", 6.0)
    beats = np.array([0.5, 1.2, 1.9, 2.5, 3.2, 3.8, 4.6, 5.3])
    (tmp_path / "song.txt").write_text("\n".join(map(str, beats)), encoding="utf-8")
    for file in (tmp_path, tmp_path / "song.txt"):
        song = open_song(loaded, str(path), beats=BeatOptions(file=file))
        assert song.beats is not None
        inside = song.beats.times[(song.beats.times > 0.4) & (song.beats.times < 5.4)]
        np.testing.assert_allclose(inside, beats, atol=0.005)
    plain = open_song(loaded, str(path))
    np.testing.assert_array_equal(song.inputs["audio"][:, :5], plain.inputs["audio"][:, :5])


def test_a_tempo_and_a_beat_are_followed_over_the_whole_song(loaded, tmp_path):
    path = save_song(tmp_path / "song.wav", 6.0)
    song = open_song(loaded, str(path), beats=BeatOptions(bpm=96.0, first_beat=0.42))
    assert song.beats is not None
    np.testing.assert_allclose(song.beats.times, np.arange(0.42, 5.98, 0.625), atol=1e-3)


def test_a_tempo_alone_begins_with_a_song_without_a_beat(loaded, tmp_path):
    path = save_song(tmp_path / "song.wav", 6.0)
    song = open_song(loaded, str(path), beats=BeatOptions(bpm=96.0))
    assert song.beats is not None
    np.testing.assert_allclose(np.diff(song.beats.times), 0.625, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first_beat": 0.5}, "no beat is heard in song, so --first_beat needs the tempo too"),
        ({"first_beat": 9.0, "bpm": 96.0}, r"song.wav is 1.25 s long, and the first of the given beats is at 9 s"),
    ],
)
def test_beats_that_the_song_cannot_have_are_refused(loaded, tmp_path, options, message):
    write_wav(tmp_path / "song.wav", Audio(np.zeros((10000, 1), np.float32), 8000))
    with pytest.raises(DataError, match=message):
        open_song(loaded, str(tmp_path / "song.wav"), beats=BeatOptions(**options))


def test_stored_features_follow_no_other_beats(loaded, data):
    for song in ("two", str(data / "two.audio.npy")):
        with pytest.raises(OptionsError, match="are stored and cannot follow given beats; name its sound file"):
            open_song(loaded, song, data=data, beats=BeatOptions(bpm=96.0))


def test_a_model_that_reads_no_beats_is_given_none(loaded, tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.generation.song.has_beats", lambda names: False)
    with pytest.raises(ModelError, match="reads no beats, so that none can be given"):
        open_song(loaded, str(save_song(tmp_path / "a.wav")), beats=BeatOptions(bpm=96.0))


# What cannot be


@pytest.mark.parametrize(
    ("song", "message"),
    [
        ("nothing.wav", "nothing.wav: there is no such file; .* add --data"),
        ("DATA", "it is a folder, not a file"),
        ("empty.wav", "empty.wav: is empty"),
        ("text.mp3", "text.mp3: is not sound"),
        ("nothing.npy", "nothing.npy: is missing"),
        ("DATA/one.motion.npy", r"one.motion.npy: does not fit the model's 'audio': it has shape \[24, 3\d\]"),
        ("empty.npy", "empty.npy: is not a whole .npy array"),
        ("flat.npy", r"flat.npy: does not fit .* shape \[6\]"),
        ("none.npy", "none.npy: does not fit the model's 'audio': it has no frames"),
        ("nan.npy", "nan.npy: .* is nan in frame 2, column 1, not a finite number"),
        ("objects.npy", "objects.npy: holds Python objects"),
    ],
)
def test_a_file_that_is_no_song_is_refused_by_name(loaded, data, tmp_path, song, message):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "empty.npy").touch()
    (tmp_path / "text.mp3").write_text("la la la " * 99, encoding="utf-8")
    np.save(tmp_path / "flat.npy", np.zeros(6))
    np.save(tmp_path / "none.npy", np.zeros((0, AUDIO_DIM)))
    np.save(tmp_path / "objects.npy", np.array([{}, None]), allow_pickle=True)
    rows = np.zeros((4, AUDIO_DIM))
    rows[2, 1] = np.nan
    np.save(tmp_path / "nan.npy", rows)
    path = song.replace("DATA", str(data)) if song.startswith("DATA") else str(tmp_path / song)
    with pytest.raises(TransflowerError, match=message):
        open_song(loaded, path)


@pytest.mark.parametrize(
    ("song", "message"),
    [
        ("three", "three.audio.npy: is missing"),
        ("../one", "sequence id '../one' cannot be part of a file name"),
        ("", "cannot be part of a file name|is a folder"),
    ],
)
def test_an_id_that_is_not_there_is_refused(loaded, data, song, message):
    with pytest.raises(TransflowerError, match=message):
        open_song(loaded, song, data=data)


def test_a_folder_that_is_not_there_is_refused(loaded, tmp_path):
    with pytest.raises(DataError, match="nowhere is not a folder"):
        open_song(loaded, "one", data=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("fps", 30.0, r"audio.json: differs in 'fps' from what the model learnt \(30.0 instead of 20.0\)"),
        ("kind", "noise", "audio.json: differs in 'kind'"),
        ("names", ["a"] * 6, "audio.json: differs in 'names'"),
        ("settings", {"mels": 4}, "audio.json: differs in 'settings'"),
    ],
)
def test_features_that_were_extracted_in_another_way_are_refused(loaded, tmp_path, key, value, message):
    folder = save_data(tmp_path / "data")
    write_json(folder / "audio.json", {**read_json(folder / "audio.json"), key: value})
    with pytest.raises(FormatError, match=message):
        open_song(loaded, "one", data=folder)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (None, "does not say how its features are made of sound; .* --data"),
        ({"kind": "other"}, "does not say how"),
        ({"kind": "audio", "fps": 20.0, "names": ["a"], "silence": [0]}, "has other columns than `transflower extract"),
        (
            {"kind": "audio", "fps": 20.0, "names": ["a"], "silence": [0], "settings": {"colour": 3}},
            "'audio' was not made by `transflower extract audio`",
        ),
        ({"kind": "audio", "fps": 20.0}, "features.json: key 'names': field required"),
    ],
)
def test_a_model_that_does_not_say_how_sound_becomes_features_needs_stored_ones(loaded, tmp_path, audio, message):
    other = replace(loaded, sidecars={**loaded.sidecars, "audio": audio})
    with pytest.raises(TransflowerError, match=message):
        open_song(other, str(save_song(tmp_path / "a.wav")))


def test_what_is_still_missing_is_listed_by_name(loaded, data):
    with pytest.raises(OptionsError, match=r"inputs.hat: the model is not given that; it is given audio, style, who"):
        open_song(styled(loaded), "one", data=data, arrays={"hat": data / "one.audio.npy"})
    with pytest.raises(FormatError, match=r"one.style.npy: is missing"):
        open_song(styled(loaded), "one", data=data)


def test_an_array_that_could_be_two_things_must_be_named(loaded, data):
    model = copy_model(
        {"audio": InputConfig(), "text": InputConfig()}, {"motion": OutputConfig()}, rows={}, dims={"audio": AUDIO_DIM}
    )
    with pytest.raises(ModelError, match=r"one.audio.npy could be any of: audio, text; .* --inputs.NAME"):
        open_song(replace(loaded, model=model), str(data / "one.audio.npy"))


@pytest.mark.parametrize(("gap", "is_refused"), [(3, False), (4, True)])
def test_features_of_one_song_may_differ_by_a_few_frames(loaded, tmp_path, gap, is_refused):
    model = copy_model({"audio": InputConfig(), "text": InputConfig()}, {"motion": OutputConfig()}, rows={})
    for name, length in (("audio", 20), ("text", 20 + gap)):
        np.save(tmp_path / f"a.{name}.npy", np.zeros((length, 1)))
    if is_refused:
        with pytest.raises(DataError, match=r"differ in length \(audio 20, text 24 frames\)"):
            open_song(replace(loaded, model=model), "a", data=tmp_path)
    else:
        assert open_song(replace(loaded, model=model), "a", data=tmp_path).frames == 20


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e12])
def test_a_length_that_is_none_is_refused(loaded, data, seconds):
    with pytest.raises(OptionsError, match="--seconds must be above 0 and at most 86400 seconds"):
        open_song(loaded, "one", data=data, seconds=seconds)


def test_seconds_mean_nothing_to_a_model_without_a_frame_rate(loaded, data):
    model = copy_model({"audio": InputConfig()}, {"motion": OutputConfig()}, rows={}, dims={"audio": AUDIO_DIM})
    model.streams = {name: replace(stream, fps=None) for name, stream in model.streams.items()}
    timeless = replace(loaded, model=model)
    assert open_song(timeless, "one", data=data).fps is None
    with pytest.raises(ModelError, match="does not know its frames per second, without which --seconds"):
        open_song(timeless, "one", data=data, seconds=2.0)


def test_rates_of_which_neither_is_a_multiple_of_the_other_are_refused(loaded):
    model = loaded.model
    streams = {**model.streams, "audio": replace(model.streams["audio"], fps=30.0)}
    with pytest.raises(ModelError, match="audio has 30 frames per second and motion 20, neither a multiple"):
        SequenceModel(model.config, streams)
