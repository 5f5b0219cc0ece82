"""The dances that paths name, and their song."""

from pathlib import Path

import numpy as np
import pytest

from tests.motion.factories import make_clip
from tests.viewer.factories import (
    make_character,
    make_dance,
    make_rising_tone,
    with_animations,
    without_animations,
    write_silent_video,
)
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import write_sidecar
from transflower.formats.bvh import write_bvh
from transflower.formats.gltf.container import parse_gltf
from transflower.formats.gltf.sampling import read_animations
from transflower.formats.gltf.vrma import write_vrma
from transflower.formats.gltf.writer import write_glb
from transflower.formats.npz.motion import write_motion
from transflower.formats.recording import Recording
from transflower.viewer.opening import find_dances, find_sound, open_dances, title_of


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for number in (1, 0):
        write_bvh(folder / f"song_{number}.bvh", make_dance(seconds=0.5).clip)
    (folder / "song.html").write_text("")
    return folder


def test_a_folder_gives_its_motion_files_by_name(folder):
    files = find_dances([folder])
    assert [file.name for file in files] == ["song_0.bvh", "song_1.bvh"]
    assert [dance.name for dance in open_dances(files)] == ["dance 0", "dance 1"]
    assert title_of(files) == "song"


def test_files_of_one_name_are_told_apart_by_their_folders(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_bvh(other / "song_0.bvh", make_dance(seconds=0.5).clip)
    files = [folder / "song_0.bvh", other / "song_0.bvh"]
    assert [dance.name for dance in open_dances(files)] == ["song/song_0", "other/song_0"]


def test_of_a_folder_each_dance_is_shown_once_and_files_without_motion_are_left_out(tmp_path):
    dance = make_dance(seconds=0.5)
    recording = Recording(clip=dance.clip)
    write_bvh(tmp_path / "ours.bvh", dance.clip)
    write_glb(tmp_path / "ours.glb", recording)
    write_vrma(tmp_path / "ours.vrma", recording)
    write_bvh(tmp_path / "mine.bvh", dance.clip)
    (tmp_path / "mine.glb").write_bytes(make_character(dance))
    (tmp_path / "still.glb").write_bytes(without_animations(make_character(dance)))
    np.savez(tmp_path / "features.npz", loudness=np.zeros(3))
    write_motion(tmp_path / "yours.npz", recording)
    files = find_dances([tmp_path])
    assert sorted(file.name for file in files) == ["mine.glb", "ours.bvh", "yours.npz"]
    with pytest.raises(FormatError, match=r"still\.glb.*no animation"):
        open_dances(find_dances([tmp_path / "still.glb"]))
    (still := tmp_path / "still").mkdir()
    (tmp_path / "still.glb").rename(still / "still.glb")
    with pytest.raises(DataError, match="still holds no motion"):
        find_dances([still])


def test_files_of_one_name_are_told_apart_by_their_suffixes(tmp_path):
    dance = make_dance(seconds=0.5)
    write_bvh(tmp_path / "song_0.bvh", dance.clip)
    write_glb(tmp_path / "song_0.glb", Recording(clip=dance.clip))
    files = [tmp_path / "song_0.bvh", tmp_path / "song_0.glb"]
    assert [dance.name for dance in open_dances(files)] == ["song_0.bvh", "song_0.glb"]


def test_our_own_body_is_no_character(tmp_path):
    write_glb(tmp_path / "ours.glb", Recording(clip=make_dance(seconds=0.5).clip))
    (tmp_path / "mine.glb").write_bytes(make_character(make_dance(seconds=0.5)))
    ours, mine = open_dances([tmp_path / "ours.glb", tmp_path / "mine.glb"])
    assert ours.model is None
    assert mine.model is not None


@pytest.mark.parametrize("spans", [[(5, 7)], [(6, 7), (5, 7)], [(0, 7.5), (1, 9)]])
def test_a_character_moves_in_the_page_as_it_is_read(tmp_path, spans):
    """Several animations, the longest of which does not begin at second 0."""
    (tmp_path / "mine.glb").write_bytes(with_animations(make_character(make_dance(seconds=1)), *spans))
    (dance,) = open_dances([tmp_path / "mine.glb"])
    assert dance.model is not None
    (shown,) = read_animations(parse_gltf(Path("shown.glb"), dance.model))
    start, stop = max(spans, key=lambda span: span[1] - span[0])
    assert (shown.start, shown.stop) == pytest.approx((0, stop - start))
    assert dance.clip.seconds == pytest.approx(stop - start, abs=0.1)


@pytest.mark.parametrize("name", ["song.wav", "song_1.mp4", "song_0.mp3"])
def test_the_song_beside_a_dance_is_found(folder, tmp_path, name):
    files = find_dances([folder])
    assert find_sound(files) is None
    write_wav(tmp_path / "sound.wav", make_rising_tone(seconds=0.1))
    (tmp_path / "sound.wav").rename(folder / name)
    assert find_sound(files) == folder / name


def test_a_silent_video_is_not_the_song(folder):
    write_silent_video(folder / "song_0.mp4")
    files = find_dances([folder])
    assert find_sound(files) is None
    write_wav(folder / "song.wav", make_rising_tone(seconds=0.1))
    assert find_sound(files) == folder / "song.wav"


def test_dances_without_a_common_name_are_called_as_their_folder():
    assert title_of([Path("/dances/here/a.bvh"), Path("/dances/here/b.bvh")]) == "here"


def test_what_cannot_be_shown_is_named(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="empty holds no motion"):
        find_dances([empty])
    with pytest.raises(DataError, match="a page shows 8 dances, and there are 10"):
        find_dances([folder] * 5)
    with pytest.raises(FormatError, match=r"nowhere\.bvh"):
        open_dances(find_dances([tmp_path / "nowhere.bvh"]))


def test_stored_features_are_shown(tmp_path):
    clip = make_clip(12, fps=30.0)
    sidecar = describe_motion(clip, "expmap")
    write_sidecar(tmp_path / "motion.json", sidecar)
    np.save(tmp_path / "x.motion.npy", encode_motion(clip, sidecar))
    (shown,) = open_dances([tmp_path / "x.motion.npy"])
    assert shown.clip.num_frames == 12
