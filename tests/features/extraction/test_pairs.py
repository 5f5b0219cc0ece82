import json

import numpy as np
import pytest

from tests.audio.factories import make_noise
from transflower.audio.reading import read_audio
from transflower.audio.writing import write_wav
from transflower.cli import main
from transflower.core.errors import DataError, FormatError
from transflower.core.table_faults import TableFaults
from transflower.features.audio import AudioSettings, extract, silence
from transflower.features.extraction.audio import AudioExtraction, extract_audio
from transflower.features.extraction.pairs import Pair, read_pairs


@pytest.fixture
def places(tmp_path):
    """A song for several dances, a song with its own dance, and the motion of all."""
    for seed, name in enumerate(("club", "own")):
        write_wav(tmp_path / "songs" / f"{name}.wav", make_noise(1.0, seed=seed))
    out = tmp_path / "out"
    out.mkdir()
    for name, rows in {"anna__take1": 20, "ben": 45, "own": 30}.items():
        np.save(out / f"{name}.motion.npy", np.zeros((rows, 2), np.float32))
    (out / "motion.json").write_text(json.dumps({"fps": 30}))
    return tmp_path / "songs", out, tmp_path / "pairs.csv"


def options(table, **changes):
    return AudioExtraction(jobs=1, mels=8, pairs=table, **changes)


def test_a_song_is_cut_for_each_of_its_dances(places):
    songs, out, table = places
    table.write_text("dance,song,offset\nanna/take1.bvh,club.wav,0.2\nben,club,-0.1\n")
    assert extract_audio([songs], out, options(table)).written == 3
    song, quiet = extract(read_audio(songs / "club.wav"), AudioSettings(mels=8)), silence(AudioSettings(mels=8))
    anna, ben, own = (np.load(out / f"{one}.audio.npy") for one in ("anna__take1", "ben", "own"))
    np.testing.assert_array_equal(anna, song[6:26])
    # Levels and onsets; how likely a beat is depends on how long there has been none.
    np.testing.assert_allclose(ben[6:33, :9], song[3:, :9], atol=0.01)
    np.testing.assert_array_equal(ben[33:, :9], np.tile(quiet, (12, 1))[:, :9])
    np.testing.assert_array_equal(own, extract(read_audio(songs / "own.wav"), AudioSettings(mels=8)))
    assert not (out / "club.audio.npy").exists()


@pytest.mark.parametrize("is_absolute", (False, True))
def test_a_table_of_recordings_says_where_its_songs_lie(places, monkeypatch, is_absolute):
    songs, out, _ = places
    song = songs / "club.wav" if is_absolute else "../songs/club.wav"
    (out / "recordings.csv").write_text(f"id,motion,song,offset\nben,x.bvh,{song},0.2\nown,y.bvh,,\n")
    monkeypatch.chdir(songs.parent)
    assert extract_audio([songs.name], out, options(out / "recordings.csv")).written == 2
    assert len(np.load(out / "ben.audio.npy")) == 45
    assert not (out / "club.audio.npy").exists()


def test_a_table_that_was_edited_is_followed_anew(places):
    songs, out, table = places
    table.write_text("dance,song\nben,club\n")
    extract_audio([songs], out, options(table))
    before = np.load(out / "ben.audio.npy")
    assert extract_audio([songs], out, options(table)).written == 0
    table.write_text("dance,song,offset\nben,club,0.5\n")
    assert extract_audio([songs], out, options(table)).written == 1
    table.write_text("dance,song,offset\n\nben,club,0.50\n")
    assert extract_audio([songs], out, options(table)).written == 0
    assert (np.load(out / "ben.audio.npy") != before).any()


def test_every_line_that_cannot_be_followed_is_told_at_once(places, capsys):
    songs, out, table = places
    lines = ["dance,song,offset", "anna__take1,club,1", "carl,club,1", "ben,disco,1", "ben,club,soon", "ben,club"]
    lines += [
        ",club,1",
        "anna__take1,own,2",
        "../ben,club,1",
        "ben,club,1e400",
        "own,club,999999",
        "ben,club,1" + "0" * 5000,
    ]
    table.write_text("\n".join(lines))
    assert main(["extract", "audio", str(songs), "--out", str(out), "--pairs", str(table), "--mels", "8"]) == 2
    told = capsys.readouterr().err
    for part in (
        "line 3: there is no motion of dance 'carl'",
        "line 4: song 'disco' is none of the 2 that are given: club, own",
        "line 5: offset 'soon' is not a number",
        "line 6: has 2 cells, the header has 3",
        "line 7: names no id",
        "line 8: dance 'anna__take1' has a song already, in line 2",
        "line 9: there is no motion of dance '../ben'",
        "line 10: offset '1e400' is not a finite number",
        "line 11: offset 999999 is more than a day",
        "line 12: offset",
    ):
        assert part in told
    assert not list(out.glob("*.audio.npy"))
    assert max(map(len, told.splitlines())) < 400


@pytest.mark.parametrize(("text", "line"), [("songs/club.wav", None), ("club.wav", "may be 2: a__club, songs__club")])
def test_a_song_is_known_by_the_end_of_its_path_if_that_is_one_song_alone(places, text, line):
    songs, out, table = places
    write_wav(songs.parent / "a" / "club.wav", make_noise(0.2))
    table.write_text(f"dance,song\nben,{text}\n")
    pairing = options(table, ids="path")
    if line is None:
        assert extract_audio([songs.parent], out, pairing).written == 3
        assert (out / "a__club.audio.npy").exists()
        return
    with pytest.raises(DataError, match=line):
        extract_audio([songs.parent], out, pairing)


@pytest.mark.parametrize(
    ("content", "reason"),
    (
        (b"", "must begin with the names of its columns"),
        (b"take1,club,0", "must begin with the names"),
        (b"dance,song,ofset\n", "must begin with the names"),
        (b"dance,dance,song\n", "must begin with the names"),
        (b"dance,song\n\xff\n", "is not UTF-8 text"),
        (None, "cannot be read"),
    ),
)
def test_a_table_that_is_none_is_refused(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "pairs.csv").write_bytes(content)
    with pytest.raises(FormatError, match=rf"pairs\.csv.*{reason}"):
        list(read_pairs(tmp_path / "pairs.csv", TableFaults(tmp_path / "pairs.csv")))


@pytest.mark.parametrize("separator", (",", ";", "\t"))
def test_tables_as_spreadsheets_write_them_are_read(tmp_path, separator):
    text = '\ufeffSong,Dance,Offset\r\n"a song",x,\r\n,,\r\nb,y,-1.5\r\n'.replace(",", separator)
    table = tmp_path / "pairs.csv"
    table.write_bytes(text.encode())
    assert list(read_pairs(table, TableFaults(table))) == [Pair(2, "x", "a song", 0.0), Pair(4, "y", "b", -1.5)]


def test_a_song_with_a_zero_byte_is_none(places):
    songs, out, table = places
    table.write_text("dance,song\nben,cl\0ub\n")
    with pytest.raises(DataError, match=r"line 2: song .* is none of the 2 that are given"):
        extract_audio([songs], out, options(table))


def test_a_quote_that_does_not_end_is_a_line_and_no_crash(tmp_path):
    table = tmp_path / "pairs.csv"
    table.write_text('dance,song\nx,"club\ny,own\n')
    faults = TableFaults(table)
    assert not list(read_pairs(table, faults))
    with pytest.raises(DataError, match=r"^no pairs: .*pairs\.csv, line 3"):
        faults.refuse("no pairs")


def test_all_faults_of_a_line_are_told_and_one_of_another_file_once(places):
    songs, out, table = places
    (out / "motion.json").write_text(json.dumps({"fps": 20}))
    table.write_text("dance,song,offset\n,,soon\ncarl,disco,late\nben,club,\nown,disco,\n")
    with pytest.raises(DataError) as error:
        extract_audio([songs], out, options(table))
    parts = [line.partition(": ")[2] for line in str(error.value).splitlines()[1:]]
    starts = ["names no id", "names no song", "offset 'soon'", "offset 'late'", "song 'disco'", "there is no motion of"]
    starts += ["holds 20 frames", "song 'disco'"]
    for part, start in zip(parts, starts, strict=True):
        assert part.startswith(start)


def test_motion_of_another_rate_is_refused(places):
    songs, out, table = places
    table.write_text("dance,song\nben,club\n")
    (out / "motion.json").write_text(json.dumps({"fps": 20}))
    with pytest.raises(DataError, match=r"motion\.json: holds 20 frames per second, not 30; add --fps 20"):
        extract_audio([songs], out, options(table))
