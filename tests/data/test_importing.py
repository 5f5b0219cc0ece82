"""``transflower data import``, from a folder to features."""

import os
import time
from dataclasses import replace

import numpy as np
import pytest

from tests.data.sources.layouts import LAYOUTS, bvh, sound
from tests.features.test_sync import drums
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.cli import main
from transflower.data.import_options import ImportConfig
from transflower.data.importing import import_corpus
from transflower.data.recordings import RecordingRow, read_recordings, write_recordings
from transflower.data.store import Store
from transflower.features.sidecar import read_sidecar
from transflower.motion.common_skeleton import common_skeleton


def run(source, folder, *words):
    return main(["data", "import", source, str(folder), "--out", str(folder.parent / "out"), "--jobs", "1", *words])


FRAMES = {
    "aistpp": {"gBR_sBM_cAll_d04_mBR0_ch01": 30, "gHO_sFM_cAll_d20_mHO5_ch02": 30},
    "amass": {"KIT__3__walk_fast": 12, "CMU__01__01_01": 12},
    "motorica": {"kthjazz_gJZ_sFM_cAll_d02_mJZ_ch01_inthemood_002": 40, "kthmisc_gCA_sFM_cAll_d01_mCA_ch0": 40},
    "finedance": {"001": 40, "002": 40},
    "cmu": {"60_01": 20, "05_02": 20, "indian__08": 20},
    "bandai": {"dataset-1_dance-short_happy_001": 40, "dataset-1_walk_tired_002": 40},
    "lafan1": {"dance1_subject1": 40, "pushAndStumble1_subject5": 40},
    "100style": {"Aeroplane_FW": 30, "Aeroplane_ID": 30},
    "beat": {"1_wayne_0_1_1": 40, "2_scott_0_1_1": 40},
    "own": {"salsa_anna_club": 40, "waltz_ben_blue danube": 40},
}
"""Source -> id -> frames at 30 a second."""


@pytest.mark.parametrize("source", FRAMES)
def test_features_of_every_source_are_extracted(source, tmp_path, capsys):
    LAYOUTS[source](tmp_path / "data")
    words = ["--pattern", "{style}_{dancer}_{song}"] if source == "own" else []
    # Archives and pickles of several bodies, and frames beside BVH, have several skeletons.
    assert run(source, tmp_path / "data", *words) == 0, capsys.readouterr().err
    out = tmp_path / "out"
    store = Store(out)
    for one, frames in FRAMES[source].items():
        assert len(store.open(one, "motion")) == pytest.approx(frames, abs=1)
    rows = read_recordings(out / "recordings.csv")
    assert {row.id for row in rows} == set(FRAMES[source])
    for row in rows:
        sounds = out / f"{row.id}.audio.npy"
        assert sounds.exists() == (row.song is not None)
        if row.song:
            assert len(np.load(sounds)) == len(store.open(row.id, "motion"))
    assert "terms: " in capsys.readouterr().out


def test_lists_of_the_source_are_written_with_mirrored_dances(tmp_path, capsys):
    LAYOUTS["aistpp"](tmp_path / "data")
    assert run("aistpp", tmp_path / "data", "--mirror") == 0
    assert "lists of train, val were written" in capsys.readouterr().out
    train = (tmp_path / "out/base_filenames_train.txt").read_text().split()
    assert train == ["gBR_sBM_cAll_d04_mBR0_ch01", "gBR_sBM_cAll_d04_mBR0_ch01_mirrored"]
    assert main(["data", "check", str(tmp_path / "out")]) == 0


def test_styles_become_labels_where_all_recordings_have_one(tmp_path, capsys):
    LAYOUTS["bandai"](tmp_path / "data")
    assert run("bandai", tmp_path / "data") == 0
    sidecar = read_sidecar(tmp_path / "out/style.json")
    style = np.load(tmp_path / "out/dataset-1_walk_tired_002.style.npy")
    assert [sidecar.vocabulary[int(one)] for one in np.unique(style)] == ["tired"]
    LAYOUTS["cmu"](tmp_path / "cmu/data")
    assert run("cmu", tmp_path / "cmu/data") == 0
    assert "1 of 3 recordings have no style, 05_02; write them into the table" in capsys.readouterr().out
    assert not (tmp_path / "cmu/out/style.json").exists()


def test_arrays_are_taken_as_they_are(tmp_path, capsys):
    LAYOUTS["arrays"](tmp_path / "data")
    assert run("arrays", tmp_path / "data", "--source_fps", "20") == 0
    out = tmp_path / "out"
    assert np.load(out / "a.pose.npy").dtype == np.float32
    assert np.load(out / "c.music.npy").dtype == np.int64
    assert (out / "pose.json").read_text().split() == ["{", '"fps":', "20.0", "}"]
    assert "features are missing: c" in capsys.readouterr().out
    assert run("arrays", tmp_path / "data", "--source_fps", "20") == 0
    assert "features of 0 recordings written, 5 were there already" in capsys.readouterr().out


def test_descriptions_of_arrays_stay_and_contents_decide_which_are_taken(tmp_path, capsys):
    LAYOUTS["arrays"](tmp_path / "data")
    out = tmp_path / "out"
    assert run("arrays", tmp_path / "data", "--no_extract") == 0
    assert [path.name for path in out.iterdir()] == ["recordings.csv"]
    (out / "pose.json").write_text('{"fps": 30, "names": ["x"]}')
    assert run("arrays", tmp_path / "data", "--source_fps", "20") == 0
    assert "names" in (out / "pose.json").read_text()
    assert "pose.json stays as it was; --overwrite" in capsys.readouterr().out
    # One that is older than what was made of it, and one that was only touched.
    np.save(tmp_path / "data/pose/a.npy", np.ones((40, 5)))
    os.utime(tmp_path / "data/pose/a.npy", (1, 1))
    (tmp_path / "data/pose/b.npy").touch()
    future = time.time() + 100
    os.utime(tmp_path / "data/pose/b.npy", (future, future))
    assert run("arrays", tmp_path / "data") == 0
    assert "features of 1 recordings written, 4 were there already" in capsys.readouterr().out
    assert np.load(out / "a.pose.npy").all()
    assert run("arrays", tmp_path / "data", "--source_fps", "20", "--overwrite") == 0
    assert "names" not in (out / "pose.json").read_text()


def test_lists_that_somebody_made_stay(tmp_path, capsys):
    names = ("salsa_anna_club", "waltz_ben_blue danube")
    LAYOUTS["own"](tmp_path / "data")
    table = tmp_path / "data/table.csv"
    table.write_text("id,motion,split\n" + "".join(f"{name},{name}.bvh,train\n" for name in names[:1]))
    words = ("--table", str(table))
    assert run("own", tmp_path / "data", *words) == 0
    table.write_text("id,motion,split\n" + "".join(f"{name},{name}.bvh,train\n" for name in names))
    assert run("own", tmp_path / "data", *words) == 0
    train, val = (tmp_path / f"out/base_filenames_{split}.txt" for split in ("train", "val"))
    assert train.read_text().splitlines() == list(names)  # It grew.
    train.write_text(f"{names[0]}\n")
    val.write_text(f"{names[1]}\n")
    capsys.readouterr()
    assert run("own", tmp_path / "data", *words) == 0
    told = capsys.readouterr().out
    assert f"the lists of train, val stay as they were, because they have 1 sequences, such as {names[1]}" in told
    assert "were written\n" not in told
    assert "data split" not in told
    assert (train.read_text(), val.read_text()) == (f"{names[0]}\n", f"{names[1]}\n")
    assert run("own", tmp_path / "data", *words, "--overwrite") == 0
    assert train.read_text().splitlines() == list(names)
    assert not val.exists()


def test_several_skeletons_become_one(tmp_path):
    LAYOUTS["motorica"](tmp_path / "data")
    assert run("motorica", tmp_path / "data") == 0
    assert read_sidecar(tmp_path / "out/motion.json").skeleton.names == common_skeleton().names
    # Others join them there.
    bvh(tmp_path / "more/dance1_subject1.bvh")
    assert run("lafan1", tmp_path / "more") == 0


def test_files_are_read_and_heard_as_they_are_said_to_be(tmp_path):
    LAYOUTS["own"](tmp_path / "data")
    (tmp_path / "beats").mkdir()
    (tmp_path / "beats/club.txt").write_text("0.1\n0.6\n")
    words = ("--pattern", "{style}_{dancer}_{song}", "--beats", str(tmp_path / "beats"), "--unit", "0.005")
    assert run("own", tmp_path / "data", *words, "--onto", "common", "--map", str(tmp_path / "maps")) == 0
    names = read_sidecar(tmp_path / "out/audio.json").names
    hand = np.load(tmp_path / "out/salsa_anna_club.audio.npy")[:, names.index("beat_cos")]
    np.testing.assert_allclose(hand[[3, 18]], 1, atol=1e-6)
    assert len(list((tmp_path / "maps").iterdir())) == 1


def test_an_import_goes_on_where_it_stopped(tmp_path, capsys):
    LAYOUTS["own"](tmp_path / "data")
    assert run("own", tmp_path / "data") == 0
    motion = tmp_path / "out/salsa_anna_club.motion.npy"
    before = motion.stat().st_mtime_ns
    (tmp_path / "out/waltz_ben_blue danube.motion.npy").unlink()
    capsys.readouterr()
    assert run("own", tmp_path / "data") == 0
    assert "features of 1 recordings written, 1 were there already" in capsys.readouterr().out
    assert motion.stat().st_mtime_ns == before


def test_sources_are_put_together_in_one_table(tmp_path):
    LAYOUTS["bandai"](tmp_path / "data")
    LAYOUTS["lafan1"](tmp_path / "more")
    assert run("bandai", tmp_path / "data") == run("lafan1", tmp_path / "more") == 0
    assert len(read_recordings(tmp_path / "out/recordings.csv")) == 4
    (tmp_path / "rates.csv").write_text("motion,fps\n60_01,60\n")
    LAYOUTS["cmu"](tmp_path / "cmu")
    assert run("cmu", tmp_path / "cmu", "--table", str(tmp_path / "rates.csv"), "--no_extract") == 0
    (tmp_path / "own.csv").write_text("id,motion,style\n60_01,cmu/salsa/60_01.bvh,mambo\nnew,cmu/05/05_02.bvh,\n")
    assert run("own", tmp_path / "cmu", "--table", str(tmp_path / "own.csv"), "--no_extract") == 0
    rows = {row.id: row for row in read_recordings(tmp_path / "out/recordings.csv")}
    assert len(rows) == 8
    assert rows["60_01"].style == "mambo"
    bvh(tmp_path / "third" / "dance1_subject1.bvh", 3)
    assert run("lafan1", tmp_path / "third") == 2


def test_a_broken_recording_stops_no_other(tmp_path, capsys):
    LAYOUTS["bandai"](tmp_path / "data")
    (tmp_path / "data/data/dataset-1_bow_sad_003.bvh").write_text("HIERARCHY\nROOT")
    assert run("bandai", tmp_path / "data") == 2
    assert "1 of 3 recordings could not be used" in capsys.readouterr().err
    assert (tmp_path / "out/dataset-1_walk_tired_002.motion.npy").exists()


def test_a_table_may_be_looked_at_before_anything_is_extracted(tmp_path):
    LAYOUTS["own"](tmp_path / "data")
    assert run("own", tmp_path / "data", "--no_extract") == 0
    table = tmp_path / "out/recordings.csv"
    assert sorted(path.name for path in table.parent.iterdir()) == ["recordings.csv"]
    table.write_text(table.read_text().replace("salsa_anna_club,", "renamed,", 1))
    assert run("own", tmp_path / "data", "--table", str(table)) == 0
    assert (tmp_path / "out/renamed.motion.npy").exists()


def test_offsets_are_found_by_the_sound_of_the_recording_and_kept(tmp_path, capsys):
    song = drums(20.0)
    write_wav(tmp_path / "songs/club.wav", song)
    first = round(3.2 * song.sample_rate)
    bvh(tmp_path / "data/salsa_club.bvh", 60)
    part = song.samples[first : first + 9 * song.sample_rate]
    write_wav(tmp_path / "data/salsa_club.wav", Audio(0.5 * part, song.sample_rate))
    words = ["--pattern", "{style}_{song}", "--music", str(tmp_path / "songs"), "--find_offset", "auto"]
    assert run("own", tmp_path / "data", *words) == 0
    assert "salsa_club starts at 3.200 s of its song (by sound, confidence" in capsys.readouterr().out
    (row,) = read_recordings(tmp_path / "out/recordings.csv")
    assert row.offset == pytest.approx(3.2, abs=0.01)
    (tmp_path / "data/salsa_club.wav").unlink()
    assert run("own", tmp_path / "data", *words) == 0
    (row,) = read_recordings(tmp_path / "out/recordings.csv")
    assert row.offset == pytest.approx(3.2, abs=0.01)


@pytest.mark.parametrize("changed", ({"start": 0.5}, {"fps": 60.0}, {"start": 0.0}))
def test_an_offset_of_another_start_or_rate_is_not_kept(tmp_path, changed):
    LAYOUTS["own"](tmp_path)
    row = RecordingRow(id="x", motion=tmp_path / "salsa_anna_club.bvh", song=tmp_path / "songs/club.wav")
    given = tmp_path / "given.csv"
    config = ImportConfig(source="own", folder=tmp_path, out=tmp_path / "out", table=given, extract=False, jobs=1)
    write_recordings(given, [replace(row, offset=3.0)])
    import_corpus(config)
    write_recordings(given, [replace(row, **changed)])
    (found,) = import_corpus(config).rows
    assert found.offset == (3.0 if changed == {"start": 0.0} else None)


def test_offsets_that_cannot_be_found_are_told(tmp_path):
    LAYOUTS["own"](tmp_path / "data")
    sound(tmp_path / "data/salsa_anna_club.wav", 0.5)
    config = ImportConfig(
        source="own", folder=tmp_path / "data", out=tmp_path / "out", pattern="{style}_{dancer}_{song}",
        music=tmp_path / "data/songs", find_offset="clap", extract=False, jobs=1,
    )  # fmt: skip
    told = str(import_corpus(config))
    assert "no offset is found for salsa_anna_club: a sound is shorter than 5 seconds" in told
    assert "no offset is found for waltz_ben_blue danube: the sound of the recording is missing, which would be" in told


def test_offsets_that_were_looked_for_outlast_a_failure(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "waltz.bvh").write_text("HIERARCHY\n")
    monkeypatch.setattr(
        "transflower.data.importing.find_offsets",
        lambda rows, *_, **__: ([replace(row, offset=1.5) for row in rows], []),
    )
    assert run("own", tmp_path / "data", "--find_offset", "auto") == 2
    assert [row.offset for row in read_recordings(tmp_path / "out" / "recordings.csv")] == [1.5]


def test_a_table_is_left_after_a_failure_only_where_it_explains_features(tmp_path, capsys):
    for name in ("salsa_anna", "waltz_ben"):
        bvh(tmp_path / "data" / f"{name}.bvh")
    words = ["--pattern", "{style}_{dancer}"]
    table = tmp_path / "out" / "recordings.csv"
    good = (tmp_path / "data" / "waltz_ben.bvh").read_text()
    for path in (tmp_path / "data").iterdir():
        path.write_text("HIERARCHY\n")
    assert run("own", tmp_path / "data", *words) == 2
    assert not table.exists()
    (tmp_path / "data" / "waltz_ben.bvh").write_text(good)
    assert run("own", tmp_path / "data", *words) == 2
    assert len(read_recordings(table)) == 2
    before = table.read_bytes()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "tango_cy.bvh").write_text("HIERARCHY\n")
    assert run("own", tmp_path / "more", *words) == 2
    assert table.read_bytes() == before
