import os
import subprocess
import sys
from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from tests.generation.factories import copy_model, make_features, make_song, motion_sidecar_of
from transflower.core.errors import DataError, ModelError, OptionsError, WriteError
from transflower.core.files import read_json
from transflower.data.store import Store
from transflower.features.audio.beat_times import HeardBeats
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.formats.bvh import read_bvh
from transflower.generation import DanceFiles, Song, Wanted
from transflower.models import InputConfig, OutputConfig
from transflower.motion.kinematics import forward
from transflower.render.options import VideoConfig

SMALL = VideoConfig(width=64, height=64, fps=10.0)
SONG = Song(name="a song", inputs={}, frames=8, fps=20.0, sound=make_song(0.4))


@pytest.fixture(scope="module")
def gone():
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def dances(loaded, samples: int = 1) -> dict[str, np.ndarray]:
    found = [make_features(loaded.sidecars, num_frames=8, seed=seed)["motion"] for seed in range(samples)]
    return {"motion": np.stack(found)}


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        ({}, ["a song.bvh", "a song.mp4"]),
        ({"formats": ("bvh",)}, ["a song.bvh"]),
        ({"formats": ("mp4",)}, ["a song.mp4"]),
        ({"formats": ("npy",)}, ["a song.motion.npy", "motion.json"]),
        ({"formats": (), "together": True}, ["a song.mp4"]),
        ({"together": True}, ["a song.bvh", "a song.mp4"]),
    ],
)
def test_each_file_is_written_only_if_it_is_wanted(loaded, tmp_path, wanted, files):
    folder = tmp_path / "new" / "folder"
    written = DanceFiles(loaded, SONG, folder, Wanted(**wanted)).write(dances(loaded), SMALL)
    assert names(folder) == files
    assert sorted(written) == [folder / name for name in files if not name.endswith(".json")]


def test_several_dancers_are_numbered(loaded, tmp_path):
    wanted = Wanted(formats=("bvh", "mp4", "npy"), together=True)
    DanceFiles(loaded, SONG, tmp_path, wanted, samples=2).write(dances(loaded, 2), SMALL)
    stems = ("a song_0", "a song_1")
    numbered = [f"{stem}.{suffix}" for stem in stems for suffix in ("bvh", "mp4", "motion.npy")]
    assert names(tmp_path) == sorted([*numbered, "a song.mp4", "motion.json"])


def test_features_form_a_folder_that_can_be_read_again(loaded, tmp_path):
    drawn = dances(loaded, 2)
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("npy",)), samples=2).write(drawn)
    store = Store(tmp_path)
    for dancer in range(2):
        np.testing.assert_array_equal(store.open(f"a song_{dancer}", "motion").read(), drawn["motion"][dancer])
    assert store.sidecar("motion") == loaded.sidecars["motion"]


def test_the_bvh_moves_as_the_features_say(loaded, tmp_path):
    drawn = dances(loaded)
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh",))).write(drawn)
    clip = read_bvh(tmp_path / "a song.bvh").clip
    sidecar = motion_sidecar_of(loaded.sidecars)
    assert (clip.num_frames, clip.fps) == (8, 20.0)
    positions = forward(decode_motion(drawn["motion"][0], sidecar))[0]
    np.testing.assert_allclose(forward(clip)[0], positions, atol=1e-5)
    again = encode_motion(clip, sidecar)
    np.testing.assert_allclose(again[1:], drawn["motion"][0, 1:], atol=1e-4)


def test_the_video_is_as_long_as_the_dance_and_has_the_sound(loaded, tmp_path):
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("mp4",))).write(dances(loaded), SMALL)
    with av.open(str(tmp_path / "a song.mp4")) as container:
        assert len(list(container.decode(video=0))) == 4
        assert [stream.type for stream in container.streams] == ["video", "audio"]


@pytest.mark.parametrize("taken", ["a song.bvh", "a song.mp4", "a song.motion.npy"])
def test_files_that_are_there_are_not_replaced_unless_asked(loaded, tmp_path, taken):
    (tmp_path / taken).write_text("precious", encoding="utf-8")
    wanted = Wanted(formats=("bvh", "mp4", "npy"))
    with pytest.raises(DataError, match=rf"{taken} is there already; add --overwrite, or choose another --out"):
        DanceFiles(loaded, SONG, tmp_path, wanted)
    assert (tmp_path / taken).read_text(encoding="utf-8") == "precious"
    DanceFiles(loaded, SONG, tmp_path, wanted, overwrite=True).write(dances(loaded), SMALL)
    assert (tmp_path / taken).read_bytes() != b"precious"


@pytest.mark.parametrize("below", [".", "dances/today"])
def test_a_folder_that_is_a_file_is_refused(loaded, tmp_path, below):
    (tmp_path / "out").write_text("precious", encoding="utf-8")
    with pytest.raises(DataError, match="out is a file, not a folder; choose another --out"):
        DanceFiles(loaded, SONG, tmp_path / "out" / below, Wanted())


def test_a_sidecar_that_says_the_same_may_stay_and_another_may_not(loaded, tmp_path):
    wanted = Wanted(formats=("npy",))
    DanceFiles(loaded, SONG, tmp_path, wanted).write(dances(loaded))
    other = replace(SONG, name="another song")
    DanceFiles(loaded, other, tmp_path, wanted).write(dances(loaded))
    (tmp_path / "motion.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"motion.json is there already"):
        DanceFiles(loaded, replace(SONG, name="third"), tmp_path, wanted)


def test_all_that_is_in_the_way_is_counted(loaded, tmp_path):
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh",)), samples=3).write(dances(loaded, 3))
    with pytest.raises(DataError, match=r"a song_0.bvh \(and 2 more\)"):
        DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh",)), samples=3)


def test_a_model_of_plain_numbers_writes_features_alone(loaded, tmp_path):
    plain = replace(loaded, sidecars={"motion": None, "audio": None})
    with pytest.raises(ModelError, match=r"does not say which motion its motion is, .* --format npy"):
        DanceFiles(plain, SONG, tmp_path, Wanted())
    DanceFiles(plain, SONG, tmp_path, Wanted(formats=("npy",))).write(dances(loaded))
    assert names(tmp_path) == ["a song.motion.npy"]


def test_two_bodies_of_one_model_get_a_file_each(loaded, tmp_path):
    model = copy_model({"audio": InputConfig()}, {"left": OutputConfig(), "right": OutputConfig()}, rows={})
    motion = loaded.sidecars["motion"]
    pair = replace(loaded, model=model, sidecars={"left": motion, "right": motion, "audio": None})
    drawn = dict.fromkeys(("left", "right"), dances(loaded)["motion"])
    DanceFiles(pair, SONG, tmp_path, Wanted()).write(drawn, SMALL)
    assert names(tmp_path) == ["a song.left.bvh", "a song.mp4", "a song.right.bvh"]


def test_there_is_no_video_without_sound(loaded, tmp_path):
    silent = replace(SONG, sound=None)
    with pytest.raises(DataError, match=r"no sound for a video of a song; name it by --music FILE, or leave mp4 out"):
        DanceFiles(loaded, silent, tmp_path, Wanted())
    DanceFiles(loaded, silent, tmp_path, Wanted(formats=("bvh",)))


HEARD = HeardBeats(
    times=np.array([0.0, 0.1, 0.2, 0.3]), sure=np.ones(4), tempi=np.full(4, 600.0), share=1.0, certainty=1.0
)


def test_a_picture_of_the_beats_is_written_for_each_dancer(loaded, tmp_path):
    wanted = Wanted(formats=(), beat_picture=True)
    song = replace(SONG, beats=HEARD)
    written = DanceFiles(loaded, song, tmp_path, wanted, samples=2).write(dances(loaded, 2))
    assert [path.name for path in written] == ["a song_0.beats.png", "a song_1.beats.png"]
    with Image.open(written[0]) as picture:
        assert picture.width > 1000


def test_there_is_no_picture_of_beats_for_a_model_that_reads_none(loaded, tmp_path):
    with pytest.raises(ModelError, match="reads no beats, so that none can be drawn: leave out --draw_beats"):
        DanceFiles(loaded, SONG, tmp_path, Wanted(beat_picture=True))


def test_the_video_marks_the_beats_of_the_song(loaded, tmp_path, monkeypatch):
    marked = []
    monkeypatch.setattr(
        "transflower.generation.outputs.write_video", lambda *arguments, beats, **_: marked.append(beats)
    )
    DanceFiles(loaded, replace(SONG, beats=HEARD), tmp_path, Wanted(formats=("mp4",))).write(dances(loaded))
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("mp4",))).write(dances(loaded))
    assert marked[0] is HEARD.times
    assert marked[1] is None


def test_nothing_at_all_is_refused():
    with pytest.raises(OptionsError, match="nothing would be written; name formats by --format: bvh, "):
        Wanted(formats=())


def test_an_unknown_format_is_refused():
    with pytest.raises(OptionsError, match=r"there is no format 'bhv' \(did you mean 'bvh'\?\); there are: bvh, "):
        Wanted(formats=("bhv",))


def test_a_page_holds_all_dancers_by_name(loaded, tmp_path):
    pages = []
    wanted = Wanted(formats=("html",))
    files = DanceFiles(
        loaded, SONG, tmp_path, wanted, samples=2, write_page=lambda path, found: pages.append((path, found))
    )
    drawn = dances(loaded, 2)
    files.write(drawn)
    ((path, dancers),) = pages
    assert path == tmp_path / "a song.html"
    assert [(one.name, one.sample, one.output) for one in dancers] == [
        ("a song_0", 0, "motion"),
        ("a song_1", 1, "motion"),
    ]
    assert dancers[1].clip.num_frames == 8


def test_what_cannot_be_decoded_leaves_nothing_half_written(loaded, tmp_path):
    drawn = dances(loaded)
    drawn["motion"][0, 3, 2] = np.nan
    with pytest.raises(DataError, match="not finite, first in frame 3"):
        DanceFiles(loaded, SONG, tmp_path / "out", Wanted()).write(drawn, SMALL)
    assert not (tmp_path / "out").exists()


def test_sidecars_are_those_of_the_model(loaded, tmp_path):
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("npy",))).write(dances(loaded))
    assert read_json(tmp_path / "motion.json") == loaded.sidecars["motion"]


def stop_after(monkeypatch, error):
    """Let writing end, in one way or another, before the first video."""

    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("transflower.generation.outputs.write_video", fail)


def forget(folder, process):
    """Make what is left in a folder that of a process that is gone."""
    for path in folder.glob(".*"):
        path.rename(path.with_name(path.name.replace(f"-{os.getpid()}-", f"-{process}-")))


def test_what_a_stopped_call_has_written_is_made_anew(loaded, tmp_path, monkeypatch, gone):
    drawn = dances(loaded)
    with monkeypatch.context() as context:
        stop_after(context, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh", "mp4", "npy"))).write(drawn, SMALL)
    forget(tmp_path, gone)
    assert {path.suffix for path in tmp_path.iterdir()} == {".unfinished", ".npy", ".json", ".bvh"}
    DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh", "mp4", "npy"))).write(drawn, SMALL)
    assert names(tmp_path) == ["a song.bvh", "a song.motion.npy", "a song.mp4", "motion.json"]
    with pytest.raises(DataError, match="is there already"):
        DanceFiles(loaded, SONG, tmp_path, Wanted(formats=("bvh", "mp4", "npy")))


def test_what_was_there_before_a_stopped_call_is_still_not_replaced(loaded, tmp_path, monkeypatch, gone):
    (tmp_path / "a song.mp4").touch()
    os.utime(tmp_path / "a song.mp4", (1, 1))
    stop_after(monkeypatch, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        DanceFiles(loaded, SONG, tmp_path, Wanted(), overwrite=True).write(dances(loaded), SMALL)
    forget(tmp_path, gone)
    with pytest.raises(DataError, match=r"a song\.mp4 is there already"):
        DanceFiles(loaded, SONG, tmp_path, Wanted())


def test_what_a_call_that_failed_has_written_is_removed_and_what_was_there_stays(loaded, tmp_path, monkeypatch):
    (tmp_path / "a song.mp4").touch()
    stop_after(monkeypatch, WriteError(tmp_path / "a song.mp4", "no space left"))
    with pytest.raises(WriteError):
        DanceFiles(loaded, SONG, tmp_path, Wanted(), overwrite=True).write(dances(loaded), SMALL)
    assert names(tmp_path) == ["a song.mp4"]


@pytest.mark.parametrize("name", ["s" * 250, "\N{CJK UNIFIED IDEOGRAPH-6B4C}" * 84])
def test_a_name_that_is_too_long_with_its_suffix_is_refused_before_the_dancing(loaded, tmp_path, name):
    with pytest.raises(DataError, match="255 are the most; shorten it"):
        DanceFiles(loaded, replace(SONG, name=name), tmp_path, Wanted(), samples=2)
