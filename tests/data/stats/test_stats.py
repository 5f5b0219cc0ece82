"""Statistics of a folder of features, as text and as a page."""

import re

import numpy as np
import pytest

from tests.data.factories import ramp, write_folder
from tests.motion.factories import make_clip
from transflower.cli import main
from transflower.core import file_stamp
from transflower.core.errors import DataError, OptionsError
from transflower.core.files import CACHE_FOLDER
from transflower.data.stats import folder_stats
from transflower.data.stats.folder_stats import measure_folder
from transflower.data.stats.options import StatsConfig
from transflower.data.stats.text import told
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import LabelsSidecar, sidecar_from_dict, write_sidecar
from transflower.motion.clip import Clip
from transflower.motion.rotations import from_expmap, identity

FPS, SECONDS = 30, 12
BPM = 120


def swinging(*, late=0.0, flip=None) -> Clip:
    """An arm that swings to and fro, and stands still at every beat."""
    base = make_clip(2)
    frames = FPS * SECONDS
    rotations = identity(frames, base.skeleton.num_joints)
    angles = np.cos(np.pi * BPM / 60 * (np.arange(frames) / FPS - late))
    rotations[:, 3] = from_expmap(angles[:, None] * [0.0, 0.0, 0.6])
    if flip is not None:
        rotations[flip, 7] = from_expmap(np.array([np.pi * 0.9, 0.0, 0.0]))
    return Clip(base.skeleton, float(FPS), rotations, {0: np.tile([0.0, 1.0, 0.0], (frames, 1))})


def music(sidecar, *, silent_from=SECONDS, quieter=0.0) -> np.ndarray:
    times = np.arange(FPS * SECONDS) / FPS
    rows = np.tile(np.array(sidecar.silence, np.float32), (len(times), 1))
    heard = times < silent_from
    rows[heard, :8] = -20 - quieter
    turn = 2 * np.pi * BPM / 60 * times
    columns = [sidecar.names.index(name) for name in ("beat_cos", "beat_sin", "beat_sure")]
    rows[:, columns] = np.column_stack([np.cos(turn), np.sin(turn), np.ones_like(turn)])
    return rows


@pytest.fixture
def folder(tmp_path):
    sound = sidecar_from_dict(audio_features.sidecar(AudioSettings(mels=8)), tmp_path / "audio.json")
    motion = describe_motion(swinging(), "expmap")
    arrays = {
        "good": {"motion": encode_motion(swinging(), motion), "audio": music(sound)},
        "early": {"motion": encode_motion(swinging(late=-0.15), motion), "audio": music(sound, silent_from=9)},
        "flip": {"motion": encode_motion(swinging(flip=100), motion), "audio": music(sound, quieter=40)},
        "dumb": {"motion": encode_motion(swinging(), motion)},
    }
    for number, one in enumerate(arrays):
        arrays[one]["style"] = np.full((FPS * SECONDS, 1), number % 2, np.int64)
    out = write_folder(tmp_path / "features", arrays, {"train": ["good", "early"], "val": ["flip", "dumb"]})
    write_sidecar(out / "audio.json", sound)
    write_sidecar(out / "motion.json", motion)
    write_sidecar(out / "style.json", LabelsSidecar(names=("style",), fps=float(FPS), vocabulary=("groove", "salsa")))
    return out


def test_a_folder_is_described(folder):
    stats = measure_folder(StatsConfig(folder=folder))
    by_id = {one.sequence_id: one for one in stats.sequences}
    assert by_id["good"].shift == pytest.approx(0, abs=0.01)
    assert by_id["early"].shift == pytest.approx(0.15, abs=0.02)
    assert by_id["good"].shift_confidence > 0.9
    assert by_id["early"].silence == pytest.approx(3, abs=0.1)
    assert by_id["dumb"].loudness is None
    text = told(stats, most=10)
    for part in (
        "4 sequences, 0.01 hours",
        "train: 2 sequences",
        "motion: 4 files, motion, ",
        "skeleton of motion: ",
        "lengths: 12.0 s",
        "loudness: -20 dB in the median, -60 to -20 dB; much quieter: flip (-60 dB)",
        "in early",
        "120 to 120 beats per minute",
        "go with those of the music in 3 of 3 sequences",
        "shifted by more than 0.1 s: early (0.15 s later, confidence",
        "style: salsa 0.4 min, groove 0.4 min",
        "missing: audio of 1 sequences: dumb",
        "flip.motion.npy at 3.33 s: 'LeftUpLeg' by 162 degrees",
    ):
        assert part in text


def test_what_was_measured_is_not_measured_again(folder, monkeypatch):
    monkeypatch.setattr("transflower.core.file_stamp.SETTLED_SECONDS", 0.0)
    first = measure_folder(StatsConfig(folder=folder))
    looked_at = []
    measure = folder_stats.measure_sequence
    monkeypatch.setattr(
        folder_stats, "measure_sequence", lambda item, **about: (looked_at.append(item[0]), measure(item, **about))[1]
    )
    assert measure_folder(StatsConfig(folder=folder)).sequences == first.sequences
    assert looked_at == []
    np.save(folder / "good.motion.npy", np.load(folder / "early.motion.npy"))
    assert measure_folder(StatsConfig(folder=folder)).sequences != first.sequences
    assert looked_at == ["good"]
    (folder / CACHE_FOLDER / "stats.jsonl").write_text('{"key": 1, "stamps": [], "value": 3}\n[]\n{"key"')
    measure_folder(StatsConfig(folder=folder))
    assert looked_at[1:] == ["dumb", "early", "flip", "good"]


def test_an_array_that_is_written_while_it_is_measured_is_measured_again(folder, monkeypatch):
    monkeypatch.setattr(file_stamp, "SETTLED_SECONDS", 0.0)
    measure = folder_stats.measure_sequence

    def measured_too_early(item, **options):
        found = measure(item, **options)
        (folder / "good.motion.npy").touch()
        return found

    monkeypatch.setattr(folder_stats, "measure_sequence", measured_too_early)
    measure_folder(StatsConfig(folder=folder, jobs=1))
    again = []
    monkeypatch.setattr(
        folder_stats, "measure_sequence", lambda item, **options: (again.append(item[0]), measure(item, **options))[1]
    )
    measure_folder(StatsConfig(folder=folder, jobs=1))
    assert again == ["good"]


def test_work_by_processes_gives_the_same(folder, monkeypatch):
    alone = measure_folder(StatsConfig(folder=folder, jobs=1))
    monkeypatch.setattr("transflower.data.stats.folder_stats._FEWEST_FOR_PROCESSES", 1)
    assert measure_folder(StatsConfig(folder=folder, jobs=2)).sequences == alone.sequences


@pytest.mark.parametrize("verb", ("stats", "check"))
def test_the_page_needs_no_other_file_and_is_not_replaced_unasked(folder, tmp_path, capsys, verb):
    page = tmp_path / "page.html"
    assert main(["data", verb, str(folder), "--page", str(page)]) == (0 if verb == "stats" else 2)
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") >= 8
    assert "Sync: beats of the motion" in text
    assert "salsa" in text
    assert not re.search(r'(src|href)="(?!#)', text)
    assert ("dumb.audio.npy: is missing" in text) or verb == "stats"
    assert main(["data", verb, str(folder), "--page", str(page)]) == 2
    assert "page.html exists; choose another --page, or add --overwrite" in capsys.readouterr().err


def test_values_far_from_all_others_are_told_of_arrays_of_unknown_meaning(tmp_path):
    rows = np.random.default_rng(0).standard_normal((400, 2)).astype(np.float32)
    rows[200, 1] = 500
    write_folder(tmp_path, {"a": {"pose": rows}, "b": {"pose": ramp(9)}})
    (tmp_path / "pose.json").write_text('{"fps": 20}')
    (outlier,) = measure_folder(StatsConfig(folder=tmp_path)).outliers
    assert (outlier.file, outlier.second) == ("a.pose.npy", 10.0)
    assert "column 1 is" in outlier.what


def test_files_that_cannot_be_read_are_told_and_stop_nothing(folder):
    (folder / "good.motion.npy").write_bytes(b"no array")
    (folder / "style.json").write_text("[]")
    (folder / "base_filenames_val.txt").write_text("../away\n")
    text = told(measure_folder(StatsConfig(folder=folder)), most=10)
    assert "not measured: " in text
    assert "good.motion.npy: is not a whole .npy array" in text
    assert "style.json: must hold a JSON object" in text


def test_what_cannot_be_measured_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no ID"):
        measure_folder(StatsConfig(folder=tmp_path))
    with pytest.raises(OptionsError, match=r"page must be called FILE\.html"):
        StatsConfig(folder=tmp_path, page=tmp_path / "page.pdf")
