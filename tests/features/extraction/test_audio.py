import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.factories import encode, make_noise
from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.core.files import read_json, write_json
from transflower.features.audio import AudioSettings, extract, settings_from_dict
from transflower.features.extraction.audio import AudioExtraction, extract_audio
from transflower.features.sidecar import AudioSidecar, read_sidecar

OPTIONS = AudioExtraction(jobs=1, mels=8)


@pytest.fixture
def songs(tmp_path) -> Path:
    """Two seconds of noise, twice."""
    for seed, name in enumerate(("a", "b")):
        write_wav(tmp_path / "songs" / f"{name}.wav", make_noise(0.5, seed=seed))
    return tmp_path / "songs"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name[0] != ".") if folder.exists() else []


def test_features_of_a_folder_are_those_of_its_songs(songs, tmp_path):
    out = tmp_path / "out"
    report = extract_audio([songs], out, OPTIONS)
    assert (report.written, report.skipped) == (2, 0)
    assert names(out) == ["a.audio.npy", "audio.json", "b.audio.npy"]
    expected = extract(read_audio(songs / "b.wav"), AudioSettings(mels=8))
    np.testing.assert_array_equal(np.load(out / "b.audio.npy"), expected)
    sidecar = read_sidecar(out / "audio.json")
    assert isinstance(sidecar, AudioSidecar)
    assert (sidecar.fps, len(sidecar.names), len(sidecar.silence)) == (30, 13, 13)
    assert settings_from_dict(sidecar.settings) == AudioSettings(mels=8)


def test_features_follow_the_beats_in_files_and_are_made_again_when_these_change(songs, tmp_path):
    options = replace(OPTIONS, beats=tmp_path / "beats")
    (tmp_path / "beats").mkdir()
    (tmp_path / "beats" / "a.txt").write_text("0.1\n0.45\n0.8\n", encoding="utf-8")
    extract_audio([songs], tmp_path / "out", options)
    settings = AudioSettings(mels=8)
    given = extract(read_audio(songs / "a.wav"), settings, beats=np.array([0.1, 0.45, 0.8]))
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "a.audio.npy"), given)
    heard = extract(read_audio(songs / "b.wav"), settings)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "b.audio.npy"), heard)
    (tmp_path / "beats" / "a.txt").write_text("0.1\n0.45\n0.9\n", encoding="utf-8")
    assert extract_audio([songs], tmp_path / "out", options).written == 1


def test_a_folder_without_beats_of_these_songs_is_refused(songs, tmp_path):
    with pytest.raises(DataError, match=r"nowhere is not a folder with files of beats"):
        extract_audio([songs], tmp_path / "out", replace(OPTIONS, beats=tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"songs has no file of beats for any of these sounds, such as a.txt"):
        extract_audio([songs], tmp_path / "out", replace(OPTIONS, beats=songs))
    (songs / "a.txt").write_text("1.0\n0.5\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a.txt, line 2: a beat at 0.5 s does not come after"):
        extract_audio([songs], tmp_path / "out", replace(OPTIONS, beats=songs))


def test_twins_are_copies(songs, tmp_path):
    extract_audio([songs / "a.wav"], tmp_path, replace(OPTIONS, mirror=True))
    twins = [np.load(tmp_path / f"{name}.audio.npy") for name in ("a", "a_mirrored")]
    np.testing.assert_array_equal(*twins)


def test_what_is_done_is_not_done_again(songs, tmp_path):
    extract_audio([songs / "a.wav"], tmp_path, OPTIONS)
    report = extract_audio([songs], tmp_path, OPTIONS)
    assert (report.written, report.skipped) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [({"mels": 9}, "mels is 8, not 9"), ({"fps": 20.0}, "fps is 30"), ({"reading": "causal"}, "reading is whole")],
)
def test_a_sidecar_of_other_settings_is_kept_and_the_setting_named(songs, tmp_path, changes, setting):
    extract_audio([songs / "a.wav"], tmp_path, OPTIONS)
    with pytest.raises(DataError, match=setting):
        extract_audio([songs], tmp_path, replace(OPTIONS, **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "mel"}, "settings: they are not those of audio features: got an unexpected keyword argument 'type'"),
        ({"fps": None}, "settings: they are not those of audio features: "),
        ({"mels": "8"}, "settings: they are not those of audio features: "),
        ({"mels": -1}, "settings: mels must be 1 to"),
    ],
)
def test_a_sidecar_that_somebody_has_changed_is_named(songs, tmp_path, changes, message):
    extract_audio([songs / "a.wav"], tmp_path, OPTIONS)
    described = read_json(tmp_path / "audio.json")
    write_json(tmp_path / "audio.json", {**described, "settings": {**described["settings"], **changes}})
    with pytest.raises(FormatError, match=rf"audio\.json: {message}"):
        extract_audio([songs], tmp_path, OPTIONS)


def test_good_files_are_written_and_bad_ones_listed(songs, tmp_path):
    (songs / "c.mp3").write_bytes(b"no sound")
    with pytest.raises(DataError, match=r"(?s)2 recordings written.*1 of 3 recordings.*c\.mp3"):
        extract_audio([songs], tmp_path / "out", OPTIONS)
    assert names(tmp_path / "out") == ["a.audio.npy", "audio.json", "b.audio.npy"]


def test_nothing_appears_where_no_file_is_usable(tmp_path):
    (tmp_path / "c.wav").touch()
    with pytest.raises(DataError, match=r"c\.wav: is empty"):
        extract_audio([tmp_path / "c.wav"], tmp_path / "out", OPTIONS)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("changes", "letters"), [({"name": "x" * 250}, 1), ({"mirror": True}, 240), ({}, 246)])
def test_names_too_long_for_any_file_are_refused_before_the_work(songs, tmp_path, changes, letters):
    (songs / "a.wav").rename(songs / f"{'a' * letters}.wav")
    with pytest.raises(DataError, match="255 are the most"):
        extract_audio([songs], tmp_path / "out", replace(OPTIONS, **changes))
    assert not (tmp_path / "out").exists()


def test_a_song_in_two_formats_is_refused_with_both_files(songs, tmp_path):
    (songs / "a.mp3").touch()
    with pytest.raises(DataError, match=r"a\.wav: has the same id as .*a\.mp3"):
        extract_audio([songs], tmp_path / "out", OPTIONS)


def test_a_sidecar_of_motion_is_refused(songs, tmp_path):
    skeleton = '{"names": ["Hips"], "parents": [-1], "offsets": [[0, 0, 0]], "end_sites": {}}'
    tree = f'{{"kind": "motion", "fps": 30, "names": [], "representation": "expmap", "skeleton": {skeleton}}}'
    (tmp_path / "audio.json").write_text(tree)
    with pytest.raises(DataError, match="describes motion features"):
        extract_audio([songs], tmp_path, OPTIONS)


@pytest.mark.parametrize(("changes", "place"), [({"mels": 0}, "mels"), ({"name": ""}, "name")])
def test_options_that_mean_nothing_are_refused(changes, place):
    with pytest.raises((OptionsError, DataError), match=place):
        AudioExtraction(**changes)


@pytest.mark.parametrize(
    ("name", "codec"),
    (
        *(("a.mp4", "aac"), ("a.MOV", "aac"), ("a.mkv", "flac"), ("a.webm", "libopus"), ("a.oga", "flac")),
        *(("a.aiff", "pcm_s16be"), ("a.caf", "pcm_s16le"), ("a.w64", "pcm_s16le"), ("a.au", "pcm_s16be")),
        *(("a.wma", "wmav2"), ("a.ac3", "ac3"), ("a.avi", "pcm_s16le"), ("a.wv", "wavpack"), ("a.ts", "aac")),
    ),
)
def test_all_kinds_of_sound_are_found_in_folders(tmp_path, name, codec):
    (tmp_path / "songs").mkdir()
    encode(tmp_path / "songs" / name, make_noise(0.5, 48000), codec, bit_rate=128_000 if codec == "wmav2" else None)
    report = extract_audio([tmp_path / "songs"], tmp_path / "out", OPTIONS)
    assert (report.written, report.notes) == (1, ())
    assert abs(len(np.load(tmp_path / "out" / "a.audio.npy")) - 15) <= 2


def test_files_of_other_kinds_are_counted_and_named(songs, tmp_path):
    for name in ("c.txt", "d.txt", "e.txt", "f.txt", "g.bvh", "LICENSE", ".hidden.txt", "sub/h.pdf"):
        (songs / name).parent.mkdir(exist_ok=True)
        (songs / name).touch()
    for _ in range(2):  # what extraction itself wrote into the folder is not named
        report = extract_audio([songs], songs / "out", OPTIONS)
        assert report.notes == (
            "ignored 7 files of other kinds: 4 .txt (c.txt, d.txt, e.txt, ...), 1 .bvh (g.bvh), 1 .pdf (h.pdf), "
            "1 without suffix (LICENSE)",
        )


def test_a_pipe_or_device_is_refused_and_not_waited_for(songs, tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "zero.wav").symlink_to("/dev/zero")
    paths = [tmp_path / "pipe.wav", tmp_path / "zero.wav", songs / "a.wav"]
    with pytest.raises(DataError, match=r"(?s)nothing was extracted.*pipe\.wav: .* pipe.*zero\.wav: .* device"):
        extract_audio(paths, tmp_path / "out", OPTIONS)


def test_what_shows_at_the_end_of_a_song_leaves_nothing_half_written(tmp_path):
    samples = make_noise(25.0, 8000, 1).samples.copy()
    samples[-1] = np.inf
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"a\.wav: sample 199999 \(25\.000 s\) is inf"):
        extract_audio([tmp_path / "a.wav"], tmp_path / "out", OPTIONS)
    assert not (tmp_path / "out").exists()


def test_the_channels_of_a_song_in_opposite_phase_do_not_cancel(tmp_path):
    one = make_noise(3.0, channels=1)
    write_wav(tmp_path / "one.wav", one)
    write_wav(tmp_path / "swapped.wav", Audio(one.samples * np.float32([1, -1]), one.sample_rate))
    extract_audio([tmp_path / "one.wav", tmp_path / "swapped.wav"], tmp_path / "out", OPTIONS)
    rows = [np.load(tmp_path / "out" / f"{name}.audio.npy")[10:, :8] for name in ("one", "swapped")]
    np.testing.assert_allclose(*rows, atol=0.1)
