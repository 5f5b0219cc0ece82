"""``transflower view``."""

import webbrowser

import pytest

from tests.viewer.factories import make_dance, make_rising_tone, write_silent_video
from transflower import cli
from transflower.audio.writing import write_wav
from transflower.formats.bvh import write_bvh
from transflower.viewer import write_page
from transflower.viewer.page import is_page


@pytest.fixture
def song(tmp_path):
    write_bvh(tmp_path / "song.bvh", make_dance(seconds=1).clip)
    write_wav(tmp_path / "song.wav", make_rising_tone(seconds=2))
    return tmp_path / "song.bvh"


@pytest.fixture
def opened(monkeypatch):
    """Addresses that the browser was asked to open."""
    found = []
    monkeypatch.setattr(webbrowser, "open", found.append)
    monkeypatch.setenv("DISPLAY", ":0")
    return found


def test_a_page_is_written_beside_the_dance_with_the_song_there_and_opened(song, opened, capsys):
    assert cli.main(["view", str(song)]) == 0
    page = song.with_suffix(".html")
    assert capsys.readouterr().out.strip() == str(page)
    assert 'id="sound"' in page.read_text(encoding="utf-8")
    assert opened == [page.as_uri()]
    assert cli.main(["view", str(song)]) == 0, "a page is replaced"


def test_a_folder_is_shown_in_a_page_inside_it(song, opened):
    write_bvh(song.with_name("song_2.bvh"), make_dance(seconds=1).clip)
    assert cli.main(["view", str(song.parent), "--no_open"]) == 0
    assert is_page(song.parent / "song.html", "transflower view")
    assert opened == []


def test_the_page_goes_where_it_is_told_with_the_music_that_is_named(song, opened, tmp_path):
    (tmp_path / "quiet.wav").write_bytes((tmp_path / "song.wav").read_bytes())
    out = tmp_path / "there" / "page.html"
    assert cli.main(["view", str(song), "--out", str(out), "--music", str(tmp_path / "quiet.wav")]) == 0
    assert is_page(out, "transflower view")


def test_a_page_that_generate_wrote_is_replaced_only_when_told(song, opened, capsys):
    page = song.with_suffix(".html")
    write_page(page, [make_dance(seconds=1, likelihood=True)], title="song")
    before = page.read_bytes()
    assert cli.main(["view", str(song)]) == 2
    assert page.read_bytes() == before
    assert "add --overwrite" in capsys.readouterr().err
    assert cli.main(["view", str(song), "--overwrite"]) == 0
    assert page.read_bytes() != before


def test_a_name_without_suffix_is_completed_and_is_the_title_of_several(song, opened, tmp_path):
    write_bvh(tmp_path / "other.bvh", make_dance(seconds=1).clip)
    words = ["view", str(song), str(tmp_path / "other.bvh"), "--no_open", "--out", str(tmp_path / "five v1.2")]
    assert cli.main(words) == 0
    assert "<title>five v1.2</title>" in (tmp_path / "five v1.2.html").read_text(encoding="utf-8")


def test_only_music_that_is_named_must_hold_sound(song, opened, capsys):
    write_silent_video(song.with_suffix(".mp4"))
    song.with_suffix(".wav").unlink()
    assert cli.main(["view", str(song)]) == 0
    assert 'id="sound"' not in song.with_suffix(".html").read_text(encoding="utf-8")
    assert cli.main(["view", str(song), "--music", str(song.with_suffix(".mp4"))]) == 2
    assert "holds no sound" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["DIR/nowhere.bvh"], "nowhere.bvh"),
        (["DIR/song.wav"], "is of no format that holds motion"),
        (["DIR/song.bvh", "--music", "DIR/nowhere.wav"], "nowhere.wav"),
        (
            ["DIR/song.bvh", "--out", "DIR/mine.html"],
            "mine.html is there already; add --overwrite",
        ),
        (["DIR/song.bvh", "--out", "DIR"], "is a folder; --out names the file of the page"),
        (["DIR/song.bvh", "--up", "sideways"], "sideways"),
        ([], "paths"),
    ],
)
def test_what_a_user_can_do_wrong_is_one_sentence(song, opened, capsys, words, message):
    (song.parent / "mine.html").write_text("mine")
    assert cli.main(["view", *(word.replace("DIR", str(song.parent)) for word in words)]) == 2
    *_, told = capsys.readouterr().err.splitlines()
    assert told.startswith("transflower: error: ")
    assert message in told
    assert (song.parent / "mine.html").read_text() == "mine"
    assert not song.with_suffix(".html").exists()
