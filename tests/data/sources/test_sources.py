"""What each source finds in its own layout."""

import re
from pathlib import Path

import pytest

from tests.data.sources.layouts import LAYOUTS, bvh, sound
from transflower.core.errors import DataError, OptionsError, TransflowerError
from transflower.data.import_options import ImportConfig
from transflower.data.sources import CORPORA, find_corpus
from transflower.data.sources.aistpp import tempo_of


def find(source, folder, **options):
    """Id -> row, and the notes."""
    found = find_corpus(source).find(ImportConfig(source=source, folder=folder, out=folder / "out", **options))
    return {row.id: row for row in found.rows}, "\n".join(found.notes)


@pytest.fixture
def folder(request, tmp_path):
    LAYOUTS[request.param](tmp_path / "data")
    return tmp_path / "data"


def of(source):
    return pytest.mark.parametrize("folder", [source], indirect=True)


def test_every_source_has_a_layout_and_terms():
    assert set(LAYOUTS) == set(CORPORA)
    assert all(corpus.terms and corpus.title for corpus in CORPORA.values())


@of("aistpp")
def test_names_of_aist_tell_everything(folder):
    rows, notes = find("aistpp", folder)
    first, second = rows["gBR_sBM_cAll_d04_mBR0_ch01"], rows["gHO_sFM_cAll_d20_mHO5_ch02"]
    assert (first.style, first.dancer, first.tempo, first.split, first.offset) == ("break", "d04", 80, "train", 0)
    assert (second.style, second.dancer, second.tempo, second.split) == ("house", "d20", 135, "val")
    assert first.song == folder / "all_musics/mBR0.wav"
    assert len(rows) == 2
    assert "left out 1 dances of ignore_list.txt: gJS_sBM_cAll_d01_mJS3_ch03" in notes


@pytest.mark.parametrize(
    ("song", "tempo"), (("mBR5", 130), ("mPO1", 90), ("mHO0", 110), ("mXX0", None), ("mBR6", None))
)
def test_tempi_of_aist_are_those_of_the_published_table(song, tempo):
    assert tempo_of(song) == tempo


@of("aistpp")
def test_songs_that_are_missing_are_told(folder):
    (folder / "all_musics/mHO5.wav").unlink()
    assert "1 of 2 recordings have no song; missing: mHO5; --music" in find("aistpp", folder)[1]
    sound(folder.parent / "music/MHO5.wav")
    rows, notes = find("aistpp", folder, music=folder.parent / "music")
    assert rows["gHO_sFM_cAll_d20_mHO5_ch02"].song.name == "MHO5.wav"
    assert "missing: mBR0" in notes


@of("amass")
def test_archives_of_amass_have_their_folders_in_their_ids(folder):
    rows, _ = find("amass", folder)
    assert {one: (row.dancer, row.text) for one, row in rows.items()} == {
        "KIT__3__walk_fast": ("KIT_3", "walk fast"),
        "CMU__01__01_01": ("CMU_01", "01 01"),
    }


@of("motorica")
def test_takes_of_motorica_are_read_once(folder):
    rows, notes = find("motorica", folder)
    jazz, casual = rows["kthjazz_gJZ_sFM_cAll_d02_mJZ_ch01_inthemood_002"], rows["kthmisc_gCA_sFM_cAll_d01_mCA_ch0"]
    assert (jazz.style, jazz.dancer, jazz.motion.suffix, jazz.song.suffix) == ("jazz", "kthjazz-d02", ".bvh", ".wav")
    assert (casual.style, casual.motion.suffix, casual.split) == ("casual", ".pkl", "test")
    assert len(rows) == 2
    assert "left out 2 files of takes that are there already, or mirrored" in notes
    assert "1 of 2 recordings have no song" in notes


@of("finedance")
def test_numbers_of_finedance_join_motion_sound_and_label(folder):
    rows, notes = find("finedance", folder)
    assert (rows["001"].style, rows["001"].song) == ("dai", folder / "music_wav/001.wav")
    assert rows["002"].style == ""
    assert "labels that cannot be read: 002.json" in notes
    assert "left out 1 dances that its authors leave out: 117" in notes
    assert "117" not in rows


@of("cmu")
def test_trials_of_cmu_have_texts_and_rates_of_their_index(folder, tmp_path):
    rows, notes = find("cmu", folder)
    assert set(rows) == {"60_01", "05_02", "indian__08"}
    salsa = rows["60_01"]
    assert (salsa.style, salsa.dancer, salsa.text, salsa.fps) == ("salsa", "60", "salsa dance", None)
    assert (rows["05_02"].style, rows["indian__08"].style) == ("", "indian")
    assert "often 120 where the truth is 60" in notes
    (tmp_path / "rates.csv").write_text("trial;fps;note\n60_1;60;x\n5_2.amc;120;\n08;9;\nindian/08.bvh;100;\n")
    rows, notes = find("cmu", folder, table=tmp_path / "rates.csv")
    assert [rows[one].fps for one in ("60_01", "05_02", "indian__08")] == [60, 120, 100]
    (tmp_path / "rates.csv").write_text("motion,fps\n60_1,60\n08,100\n")
    rows, notes = find("cmu", folder, table=tmp_path / "rates.csv")
    assert "tells no frame rate of 2 of 3 recordings: 05_02, " in notes


@of("bandai")
def test_names_of_bandai_tell_style_and_content(folder):
    rows, _ = find("bandai", folder)
    row = rows["dataset-1_dance-short_happy_001"]
    assert (row.style, row.text, row.dancer) == ("happy", "dance short", "")


@of("lafan1")
def test_names_of_lafan1_tell_theme_and_person(folder):
    rows, _ = find("lafan1", folder)
    assert (rows["dance1_subject1"].style, rows["dance1_subject1"].dancer) == ("dance", "subject1")
    assert rows["pushAndStumble1_subject5"].style == "push and stumble"


@of("100style")
def test_takes_of_100style_are_cut_by_their_table(folder):
    rows, notes = find("100style", folder)
    assert (rows["Aeroplane_FW"].start, rows["Aeroplane_FW"].stop) == (0.5, 1.5)
    assert (rows["Aeroplane_ID"].start, rows["Aeroplane_ID"].text) == (0, "stands")
    assert rows["Aeroplane_FW"].style == "aeroplane"
    assert "left out 1 takes of which Frame_Cuts.csv says nothing: Aeroplane_TR1.bvh" in notes
    (folder / "Frame_Cuts.csv").unlink()
    rows, notes = find("100style", folder)
    assert rows["Aeroplane_TR1"].stop is None
    assert "there is no Frame_Cuts.csv" in notes


@of("beat")
def test_gestures_have_the_speech_of_their_name(folder):
    rows, _ = find("beat", folder)
    assert rows["2_scott_0_1_1"].dancer == "scott"
    assert rows["2_scott_0_1_1"].song == folder / "2/2_scott_0_1_1.wav"


@of("own")
def test_a_pattern_says_what_names_mean(folder):
    rows, notes = find("own", folder, pattern="{style}_{dancer}_{song}")
    assert {one: (row.style, row.dancer, row.song.name) for one, row in rows.items()} == {
        "salsa_anna_club": ("salsa", "anna", "club.wav"),
        "waltz_ben_blue danube": ("waltz", "ben", "Blue Danube.wav"),
    }
    assert notes == ""


@of("own")
def test_a_pattern_may_have_folders_and_numbers_and_skip_parts(folder):
    for path in folder.glob("*.bvh"):
        path.unlink()
    bvh(folder / "all" / "rock" / "eve-120-x.bvh")
    rows, _ = find("own", folder, pattern="{style}/{dancer}-{tempo}-{}")
    row = rows["all__rock__eve-120-x"]
    assert (row.style, row.dancer, row.tempo, row.song) == ("rock", "eve", 120, None)


@of("own")
def test_a_table_says_everything(folder):
    (folder / "t.csv").write_text("id,motion,song,style,offset\nx,salsa_anna_club.bvh,songs/club.wav,salsa,0.5\n")
    rows, _ = find("own", folder, table=folder / "t.csv")
    assert (rows["x"].style, rows["x"].offset, rows["x"].song.name) == ("salsa", 0.5, "club.wav")


@of("own")
def test_motion_and_sound_of_one_name_belong_together(folder):
    sound(folder / "salsa_anna_club.wav")
    rows, notes = find("own", folder)
    assert rows["salsa_anna_club"].song == folder / "salsa_anna_club.wav"
    assert "1 of 2 recordings have no song; missing: waltz_ben_blue danube" in notes


def test_sounds_of_one_name_in_several_folders_belong_to_the_motion_beside_them(tmp_path):
    for name in ("a", "b"):
        bvh(tmp_path / name / "take1.bvh", 2)
        sound(tmp_path / name / "take1.wav")
    for source in ("own", "cmu"):
        rows, notes = find(source, tmp_path)
        assert [rows[f"{name}__take1"].song for name in ("a", "b")] == [
            tmp_path / "a/take1.wav",
            tmp_path / "b/take1.wav",
        ]
        assert "several sounds" not in notes


@pytest.mark.parametrize("source", ("own", "cmu", "beat", "finedance", "aistpp", "motorica"))
def test_of_several_sounds_of_one_name_elsewhere_none_is_taken(source, tmp_path):
    folder = tmp_path / "data"
    LAYOUTS[source](folder)
    songs = {row.song: one for one, row in find(source, folder)[0].items() if row.song}
    if source == "own":
        songs = {folder / "salsa_anna_club.wav": "salsa_anna_club"}
    if source == "cmu":
        songs = {folder / "60_01.wav": "60_01"}
    (path, one), *_ = songs.items()
    for name in ("a", "b"):
        sound(tmp_path / "music" / name / path.name)
    rows, notes = find(source, folder, music=tmp_path / "music")
    assert rows[one].song is None
    assert f"none of which is taken: {path.stem} ({tmp_path}/music/a/{path.name}, " in notes


def test_one_sound_in_two_formats_is_one(tmp_path):
    bvh(tmp_path / "take.bvh", 2)
    sound(tmp_path / "songs/take.wav")
    (tmp_path / "songs/take.mp3").write_bytes(b"")
    rows, notes = find("own", tmp_path)
    assert (rows["take"].song.parent.name, notes) == ("songs", "")


def test_folders_of_songs_that_may_not_be_read_are_told(tmp_path, monkeypatch):
    def refuse(folder, suffixes, problems):
        problems.append("closed: cannot be read")
        return []

    monkeypatch.setattr("transflower.data.sources.files.recordings_below", refuse)
    with pytest.raises(DataError, match="not all sounds can be reached: closed"):
        find("own", tmp_path)


def _save(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def _cuts(folder, line, column="STYLE_NAME"):
    LAYOUTS["100style"](folder)
    (folder / "Frame_Cuts.csv").write_text(f"{column},FW_START,FW_STOP\n{line}\n")


def _twice(folder):
    for place in ("a", "b"):
        bvh(folder / place / "dataset-1_walk_tired_002.bvh", 2)


MALFORMED = {
    "no folder": ("aistpp", {}, lambda folder: None, "data is not a folder"),
    "empty": ("bandai", {}, lambda folder: folder.mkdir(), "data holds no motion; that is in .bvh files"),
    "no arrays": (
        "arrays",
        {},
        lambda folder: folder.mkdir(),
        "holds no arrays; they lie in a folder for each feature",
    ),
    "array of words": (
        "arrays",
        {},
        lambda folder: _save(folder / "x/a.npy", b"words"),
        "arrays cannot be used: .*a.npy: is not a whole",
    ),
    "rates without motion": ("cmu", {"table": "name,fps\na,1\n"}, LAYOUTS["cmu"], "line 1: .* 'motion' is missing"),
    "rate of 0": ("cmu", {"table": "motion,fps\n60_1,0\n"}, LAYOUTS["cmu"], "line 2: fps is 0; it must be above 0"),
    "rate in words": (
        "cmu",
        {"table": "motion,fps\n60_1,fast\n"},
        LAYOUTS["cmu"],
        "line 2: fps 'fast' is not a number",
    ),
    "no rates": ("cmu", {"table": "motion,fps\n"}, LAYOUTS["cmu"], "tells no frame rate"),
    "cuts backwards": (
        "100style",
        {},
        lambda folder: _cuts(folder, "Aeroplane,90,30"),
        "line 2: FW starts at frame 90 and stops at 30",
    ),
    "cuts in words": (
        "100style",
        {},
        lambda folder: _cuts(folder, "Aeroplane,a,b"),
        "line 2: FW: 'a' is not a whole number",
    ),
    "cuts of other columns": ("100style", {}, lambda folder: _cuts(folder, "x", "NAME"), "'style_name' is missing"),
    "ids twice": ("bandai", {}, _twice, "ids must be unique: .* has the same id as"),
    "unknown field": ("own", {"pattern": "{who}_{song}"}, LAYOUTS["own"], "no field 'who'; there are style, dancer"),
    "no field": ("own", {"pattern": "take"}, LAYOUTS["own"], "'take' has no field"),
    "field twice": ("own", {"pattern": "{song}_{song}"}, LAYOUTS["own"], "has {song} twice"),
    "pattern that fits nothing": (
        "own",
        {"pattern": "{style}-{song}"},
        LAYOUTS["own"],
        "fits 0 of 2 names, not 'salsa_anna",
    ),
    "tempo in words": (
        "own",
        {"pattern": "{tempo}_{}"},
        LAYOUTS["own"],
        "names cannot be followed.*tempo 'salsa' is not a",
    ),
    "table of a song that is not there": (
        "own",
        {"table": "id,motion,song\na,salsa_anna_club.bvh,x.wav\n"},
        LAYOUTS["own"],
        "line 2: song .*x.wav: cannot be read",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_wrong_is_told(case, tmp_path):
    source, options, make, told = MALFORMED[case]
    make(tmp_path / "data")
    if "table" in options:
        Path(tmp_path / "data/given.csv").write_text(options["table"])
        options = {"table": tmp_path / "data/given.csv"}
    with pytest.raises(TransflowerError) as fault:
        find(source, tmp_path / "data", **options)
    assert re.search(told, str(fault.value), re.DOTALL), str(fault.value)


def test_other_sources_are_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(OptionsError, match=r"no source 'aist' .did you mean 'aistpp'"):
        find_corpus("aist")
    with pytest.raises(OptionsError, match="--pattern is of `own`"):
        ImportConfig(source="cmu", folder=tmp_path, out=tmp_path, pattern="{song}")
    with pytest.raises(OptionsError, match="not both"):
        ImportConfig(source="own", folder=tmp_path, out=tmp_path, pattern="{song}", table=tmp_path)
    with pytest.raises(OptionsError, match="--table is of"):
        ImportConfig(source="beat", folder=tmp_path, out=tmp_path, table=tmp_path)


def test_songs_that_no_source_would_look_for_are_refused(tmp_path):
    with pytest.raises(OptionsError, match="--table or --music, not both; the table names the songs"):
        ImportConfig(source="own", folder=tmp_path, out=tmp_path, table=tmp_path, music=tmp_path)
    for source in ("amass", "bandai", "lafan1", "100style", "arrays"):
        with pytest.raises(OptionsError, match=f"--music has no effect on `{source}`"):
            ImportConfig(source=source, folder=tmp_path, out=tmp_path, music=tmp_path)
