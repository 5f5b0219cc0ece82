"""Beats of MIDI files, found in folders and WADs and rendered."""

import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from recipes.midi import Renderer, find_songs, read_grid
from recipes.midi import rendering as rendering_module
from tests.recipes.midi_factory import make_midi, make_wad, note, signature, tempo
from transflower.core.errors import DataError, FormatError


def test_beats_follow_the_tempo_map():
    data = make_midi([(0, tempo(120)), (0, note()), (192, tempo(60)), (192, note(velocity=0))])
    grid = read_grid(data)
    np.testing.assert_allclose(grid.beats, [0, 0.5, 1, 2], atol=1e-5)
    assert grid.seconds == pytest.approx(3.0)
    assert grid.is_downbeat.tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("count", "part", "beats", "downbeats"), [(3, 4, 12, 4), (6, 8, 8, 4), (7, 4, 12, 2), (2, 2, 6, 3)]
)
def test_bars_follow_the_time_signature(count, part, beats, downbeats):
    grid = read_grid(make_midi([(0, signature(count, part)), (0, note()), (96 * 12, note(velocity=0))]))
    assert (len(grid.beats), int(grid.is_downbeat.sum())) == (beats, downbeats)


def test_running_status_and_other_messages_are_passed_over():
    body = [(0, tempo(120)), (0, b"\xf0\x03\x01\x02\xf7"), (0, b"\xc0\x05"), (0, note()), (96, b"\x3c\x00")]
    assert read_grid(make_midi(body)).seconds == pytest.approx(0.5)


@pytest.mark.parametrize("data", [b"RIFF", make_midi([(0, note())])[:-6], make_midi([], kind=2)])
def test_what_is_no_whole_midi_file_is_refused(data):
    with pytest.raises(DataError):
        read_grid(data)


def test_songs_of_wads_and_folders_come_once(tmp_path):
    one, other = (make_midi([(0, tempo(bpm)), (0, note()), (96, note(velocity=0))]) for bpm in (100, 120))
    wad = make_wad([("D_ONE", one), ("D_AGAIN", one), ("D_MUS", b"MUS\x1a"), ("OTHER", other)])
    (tmp_path / "a.wad").write_bytes(wad)
    (tmp_path / "b.mid").write_bytes(other)
    assert [song.name for song in find_songs(tmp_path)] == ["D_ONE", "b"]
    assert [song.name for song in find_songs(tmp_path / "a.wad")] == ["D_ONE"]
    (tmp_path / "c.mid").write_bytes(b"MThd")
    with pytest.raises(FormatError, match=r"c\.mid"):
        find_songs(tmp_path)


def test_a_sound_is_rendered_once(tmp_path, monkeypatch):
    soundfont = tmp_path / "some.sf2"
    soundfont.write_bytes(b"RIFF")
    calls = []

    def run(command, **_):
        calls.append(command)
        soundfile.write(command[command.index("-F") + 1], np.full((100, 2), 0.25), 24000)
        return SimpleNamespace(returncode=0, stderr=b"")

    monkeypatch.setattr(rendering_module.shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", run)
    renderer = Renderer(soundfont, tmp_path / "kept")
    first, again = renderer.render(b"one"), renderer.render(b"one")
    assert first == again
    assert len(calls) == 1
    assert soundfile.read(first)[0].shape == (100,)
    assert renderer.render(b"two") != first
    assert sorted(path.suffix for path in (tmp_path / "kept").iterdir()) == [".flac", ".flac"]
