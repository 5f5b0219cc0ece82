"""The data of a dancer for any music."""

import numpy as np
import pytest

from recipes.dancer.__main__ import DancerData, _moves_of, run
from recipes.dancer.heard import are_heard
from recipes.dancer.takes import file_takes, midi_takes
from recipes.midi import read_grid
from tests.recipes.midi_factory import make_midi, note, tempo
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, OptionsError
from transflower.features.sidecar import read_sidecar
from transflower.models import load_model
from transflower.models.pretrained import PRETRAINED
from transflower.synthetic.features import extract_features
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path, write_recordings
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
    takes = file_takes(given_folder, count=2)
    assert [take.name for take in takes] == ["given_band_one_take0", "given_band_one_take1"]
    with pytest.raises(DataError, match=r"NAME\.beats\.txt"):
        file_takes(tmp_path, count=1)


def test_variants_of_midi_songs_are_rendered_by_the_soundfonts_in_turn(tmp_path):
    class FakeRenderer:
        def __init__(self, name):
            self.name = name

        def render(self, data):
            path = tmp_path / "sound.wav"
            seconds = read_grid(data).seconds
            write_wav(path, Audio(np.zeros((round(24000 * seconds), 1), np.float32), 24000))
            return path

    one, other = FakeRenderer("one"), FakeRenderer("other")
    for name, bpm in (("a", 90), ("b", 120)):
        bars = [(0 if index == 0 else 96, note(velocity=100)) for index in range(60)]
        (tmp_path / f"{name}.mid").write_bytes(make_midi([(0, tempo(bpm)), *bars, (96, note(velocity=0))]))
    takes = midi_takes(tmp_path, [one, other], count=2)
    assert [take.renderer for take in takes] == [one, other, other, one]
    assert len({take.name for take in takes}) == 4
    sound, beats = takes[0].load(10.0, np.random.default_rng(0))
    assert sound.seconds > 8
    assert len(beats.beats) > 10


def test_recordings_and_features_of_composed_and_given_songs_are_made(given_folder, tmp_path):
    options = DancerData(
        out=tmp_path, songs=7, steady_songs=1, gap_songs=1, given=(given_folder,), takes=1, seconds=12.0, jobs=1
    )
    assert "8 songs of many genres, 1 of four styles and 1 parts" in run(options)
    names = {path.name.split(".")[0] for path in (tmp_path / "recordings").iterdir()}
    assert names == {*(f"song_00{index}" for index in range(7)), "gaps_000", "steady_000", "given_band_one_take0"}
    truth = GroundTruth.read(ground_truth_path(tmp_path / "recordings", "given_band_one_take0"))
    assert truth.genre == "given"
    kinds = ("audio", "audio_causal", "motion", "moves")
    kept = {path.name.split(".")[0] for path in (tmp_path / "features").glob("*.motion.npy")}
    assert len(kept) >= 6
    assert read_sidecar(tmp_path / "features" / "audio_causal.json").to_dict()["fade_without_beat"]
    for name in kept:
        rows = [len(np.load(tmp_path / "features" / f"{name}.{kind}.npy")) for kind in kinds]
        assert len(set(rows)) == 1


def test_kinds_of_moves_of_a_model_are_looked_for_again(tmp_path):
    write_recordings(tmp_path / "recordings", songs=3, seconds=8.0, seed=0)
    columns = len(load_model(PRETRAINED).sidecars["motion"]["names"])
    known = _moves_of(PRETRAINED)
    assert len(known.mean) == columns
    extract_features(tmp_path / "recordings", tmp_path / "features", seed=0, jobs=1, moves=known)
    assert read_sidecar(tmp_path / "features" / "moves.json").to_dict() == known.to_dict()


def test_midi_songs_need_soundfonts(tmp_path):
    with pytest.raises(OptionsError, match="--soundfonts"):
        DancerData(out=tmp_path, midi=(tmp_path,))


def test_beats_are_heard_where_sound_begins_on_them():
    song = make_song(3, 12)
    assert are_heard(song.audio, song.beats)
    assert not are_heard(song.audio, song.beats + 0.31 * np.diff(song.beats).mean())
    assert not are_heard(Audio(np.zeros((240000, 1), np.float32), 24000), song.beats)
