import numpy as np

from tests.generation.factories import save_song
from transflower.audio.reading import read_audio
from transflower.reports.songs import find_songs


def test_a_song_is_the_file_of_its_name_or_the_part_that_the_table_names(tmp_path):
    data, recordings = tmp_path / "data", tmp_path / "recordings"
    data.mkdir()
    recordings.mkdir()
    named, tabled = save_song(recordings / "one.wav"), save_song(tmp_path / "song.wav")
    (data / "recordings.csv").write_text(
        "id,motion,song,offset\none,a.bvh,,\ntwo,b.bvh,../song.wav,0.5\nthree,c.bvh,,\n"
    )
    found = find_songs(["one", "two", "three"], data, recordings, seconds=0.25)
    quarter = read_audio(named).samples[: found["one"].sample_rate // 4]
    np.testing.assert_array_equal(found["one"].samples, quarter)
    whole = read_audio(tabled)
    start = whole.sample_rate // 2
    np.testing.assert_array_equal(found["two"].samples, whole.samples[start : start + whole.sample_rate // 4])
    assert set(found) == {"one", "two"}


def test_a_dance_that_starts_before_its_song_hears_silence_first(tmp_path):
    save_song(tmp_path / "song.wav")
    (tmp_path / "recordings.csv").write_text("id,motion,song,offset\none,a.bvh,song.wav,-0.5\n")
    (sound,) = find_songs(["one"], tmp_path, None, seconds=1.0).values()
    quiet = sound.sample_rate // 2
    assert not sound.samples[:quiet].any()
    np.testing.assert_array_equal(sound.samples[quiet:], read_audio(tmp_path / "song.wav").samples[:quiet])


def test_a_song_that_cannot_be_read_is_left_out_with_a_warning(tmp_path, caplog):
    (tmp_path / "one.wav").write_bytes(b"no sound")
    assert find_songs(["one"], tmp_path, tmp_path, seconds=1.0) == {}
    assert "the dances to one are shown without sound" in caplog.text
