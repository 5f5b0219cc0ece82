"""The data of a dancer for any music."""

import numpy as np
import pytest

from recipes.dancer.__main__ import DancerData, run
from recipes.dancer.given import find_given, render_midi
from tests.recipes.midi_factory import make_midi, note, tempo
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, OptionsError
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path
from transflower.synthetic.songs import make_song


@pytest.fixture(scope="module")
def given_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    song = make_song(0, 16)
    (folder / "band").mkdir()
    write_wav(folder / "band" / "one.wav", song.audio)
    write_wav(folder / "without beats.wav", song.audio)
    (folder / "band" / "one.beats.txt").write_text("".join(f"{beat:.4f}\n" for beat in song.beats))
    return folder


def test_sounds_with_beats_beside_them_are_found(given_folder, tmp_path):
    assert [song.name for song in find_given(given_folder)] == ["given_band_one"]
    with pytest.raises(DataError, match=r"NAME\.beats\.txt"):
        find_given(tmp_path)


def test_midi_songs_are_rendered_by_the_soundfonts_in_turn(tmp_path, monkeypatch):
    class FakeRenderer:
        def __init__(self, soundfont, folder):
            self.name = soundfont.name

        def render(self, data):
            return tmp_path / f"{self.name}.flac"

    monkeypatch.setattr("recipes.dancer.given.Renderer", FakeRenderer)
    for name, bpm in (("a", 90), ("b", 120), ("c", 150)):
        (tmp_path / f"{name}.mid").write_bytes(make_midi([(0, tempo(bpm)), (0, note()), (960, note(velocity=0))]))
    songs = render_midi([tmp_path], [tmp_path / "x.sf2", tmp_path / "y.sf2"], tmp_path)
    assert [song.sound.stem for song in songs] == ["x.sf2", "y.sf2", "x.sf2"]
    assert len(songs[0].beats.beats) == 10
    assert songs[0].beats.downbeats.tolist() == pytest.approx(songs[0].beats.beats[::4].tolist())


def test_recordings_and_features_of_composed_and_given_songs_are_made(given_folder, tmp_path):
    options = DancerData(out=tmp_path, songs=6, given=(given_folder,), excerpts=1, seconds=12.0, jobs=1)
    assert "6 songs, and 1 to parts of 1" in run(options)
    names = {path.name.split(".")[0] for path in (tmp_path / "recordings").iterdir()}
    assert names == {*(f"song_00{index}" for index in range(6)), "given_band_one_take0"}
    truth = GroundTruth.read(ground_truth_path(tmp_path / "recordings", "given_band_one_take0"))
    assert truth.genre == "given"
    for name in names:
        rows = [len(np.load(tmp_path / "features" / f"{name}.{kind}.npy")) for kind in ("audio", "motion", "moves")]
        assert len(set(rows)) == 1


def test_midi_songs_need_soundfonts(tmp_path):
    with pytest.raises(OptionsError, match="--soundfonts"):
        DancerData(out=tmp_path, midi=(tmp_path,))
