import numpy as np
import pytest

from transflower.audio.reading import read_audio
from transflower.core.errors import DataError
from transflower.formats.bvh import read_bvh
from transflower.motion.kinematics import forward
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path, make_recording, write_recording, write_recordings
from transflower.synthetic.skeleton import SKELETON
from transflower.synthetic.songs import STYLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dances")
    assert write_recordings(folder, songs=2, seconds=8, seed=5) == ["song_000", "song_001"]
    return folder


def test_a_recording_is_a_sound_a_dance_and_their_truth(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"song_00{k}.{kind}" for k in (0, 1) for kind in ("bvh", "truth.json", "wav")]


def test_files_read_back_as_what_was_made(folder):
    recording = make_recording(5, 1, seconds=8)
    clip = read_bvh(folder / "song_001.bvh").clip
    assert clip.fps == 30
    assert clip.num_frames == 240
    assert clip.skeleton.names == SKELETON.names
    np.testing.assert_allclose(forward(clip)[0], forward(recording.clip)[0], atol=1e-4)
    audio = read_audio(folder / "song_001.wav")
    assert audio.seconds == pytest.approx(8)
    np.testing.assert_allclose(audio.samples, recording.song.audio.samples, atol=1e-4)
    assert GroundTruth.read(ground_truth_path(folder, "song_001")) == recording.ground_truth


def test_the_same_seed_gives_the_same_bytes_however_many_songs(folder, tmp_path):
    write_recordings(tmp_path, songs=1, seconds=8, seed=5)
    for kind in ("wav", "bvh", "truth.json"):
        assert (tmp_path / f"song_000.{kind}").read_bytes() == (folder / f"song_000.{kind}").read_bytes()


def test_styles_take_turns():
    assert [make_recording(0, index, seconds=8).ground_truth.style for index in range(4)] == list(STYLES)


def test_there_is_a_move_for_every_phrase(folder):
    ground_truth = GroundTruth.read(ground_truth_path(folder, "song_000"))
    num_phrases = int(np.ceil(len(ground_truth.beats) / 8))
    assert len(ground_truth.moves) == len(ground_truth.mirrored) == len(ground_truth.energies) == num_phrases
    assert ground_truth.probabilities.shape == (len(ground_truth.moves), 24)


def test_dances_that_cannot_be_made_leave_nothing_behind(tmp_path):
    with pytest.raises(DataError, match="at least 1 song"):
        write_recordings(tmp_path / "none", songs=0, seconds=8, seed=0)
    with pytest.raises(DataError, match="too short"):
        write_recordings(tmp_path / "short", songs=1, seconds=2, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_a_wide_recording_knows_its_music_too(tmp_path):
    recording = make_recording(1, 5, seconds=14, variety="wide")
    write_recording(tmp_path, "one", recording)
    truth = GroundTruth.read(ground_truth_path(tmp_path, "one"))
    assert truth == recording.ground_truth
    assert truth.genre == "metal"
    assert len(truth.music_beats) > 1.8 * len(truth.beats)
    assert set(truth.downbeats) <= set(truth.beats)


def test_a_recording_of_the_four_styles_says_nothing_new(folder):
    text = ground_truth_path(folder, "song_000").read_text()
    assert not any(name in text for name in ("genre", "music_beats", "downbeats"))
