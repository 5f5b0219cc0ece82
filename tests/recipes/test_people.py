"""Dances of people without their music."""

from dataclasses import replace

import numpy as np
import pytest

from recipes.dancer.bars import BEATS, find_bars
from recipes.dancer.people import read_people, write_people
from recipes.dancer.steady import steady
from recipes.dancer.steps import RATE, step_signal
from recipes.dancer.styles import label_styles
from tests.motion.factories import make_clip
from transflower.audio.reading import read_audio
from transflower.core.errors import DataError, FormatError
from transflower.core.files import write_json
from transflower.data.recordings import read_recordings
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.formats.bvh import write_bvh
from transflower.motion import rotations as rot
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path, make_recording

BEAT = 60 / 164


def steps(seconds, *, first, beat=BEAT, seed=0):
    """A signal with steps on three beats of each bar of four, and noise."""
    times = np.arange(int(seconds * RATE)) / RATE
    signal = np.random.default_rng(seed).normal(0, 0.5, len(times))
    for number in range(int((seconds - first) / beat)):
        if number % BEATS < BEATS - 1:
            signal += 2 * np.exp(-0.5 * ((times - first - number * beat) / 0.06) ** 2)
    signal -= signal.mean()
    return signal / signal.std()


def test_beats_and_downbeats_are_found_in_steps():
    firsts = (0.3, 0.9)
    takes = [
        [steps(30, first=first, seed=seed), steps(30, first=first, seed=seed + 9)] for seed, first in enumerate(firsts)
    ]
    for first, bars in zip(firsts, find_bars(takes, np.random.default_rng(0)), strict=True):
        assert bars.is_clear
        beats = bars.beats()
        assert np.diff(beats).mean() == pytest.approx(BEAT, rel=0.01)
        assert abs((beats[0] - first + BEATS * BEAT / 2) % (BEATS * BEAT) - BEATS * BEAT / 2) < 0.1


def test_noise_has_no_bars():
    rng = np.random.default_rng(1)
    takes = [[steps(30, first=0.3)], [rng.normal(size=30 * RATE)]]
    assert [bars.is_clear for bars in find_bars(takes, rng)] == [True, False]


def test_steps_are_where_feet_stop():
    recording = make_recording(0, 0, seconds=12)
    signal = step_signal(recording.clip)
    assert len(signal) == pytest.approx(12 * RATE, abs=3)
    assert signal.std() == pytest.approx(1, rel=1e-3)


def test_takes_lose_the_tremor_of_the_capture_and_keep_the_dance():
    clip = make_recording(0, 0, seconds=8).clip
    tremor = np.random.default_rng(0).normal(0, 0.02, (*clip.rotations.shape[:2], 3))
    captured = replace(clip, rotations=rot.multiply(clip.rotations, rot.from_expmap(tremor)))
    found = steady(captured)
    before, after = (rot.angle_between(one.rotations, clip.rotations).mean() for one in (captured, found))
    assert after < 0.8 * before
    assert clip_foot_metrics(found).skate < 0.5 * clip_foot_metrics(captured).skate


def test_people_are_recorded_to_songs_on_their_beat(tmp_path, monkeypatch):
    clips = [make_recording(0, index, seconds=14).clip for index in range(2)]
    for name, clip in zip("ab", clips, strict=True):
        write_bvh(tmp_path / f"{name}.bvh", clip)
    table = tmp_path / "recordings.csv"
    table.write_text("id,motion,style,partner,split\na,a.bvh,salsa,b,\nb,b.bvh,salsa,,val\n")
    # Whose feet they are does not matter here; their bars are clear.
    told = find_bars([[steps(14, first=0.3), steps(14, first=0.3, seed=1)]] * 2, np.random.default_rng(0))[:1]
    monkeypatch.setattr("recipes.dancer.people.find_bars", lambda groups, rng: told)
    people = read_people(table, seed=0)
    written = write_people(tmp_path, people, num_songs=4, seed=0, jobs=1)
    assert sorted(written) == [*(f"salsa_a_take{number}" for number in range(4)), "salsa_b_take0"]
    for name in written:
        truth = GroundTruth.read(ground_truth_path(tmp_path, name))
        is_slow = name.endswith("take3")
        assert (104 <= truth.tempo <= 136) if is_slow else (72 <= truth.tempo <= 92)
    rows = {row.id: row for row in read_recordings(tmp_path / "people.csv")}
    assert rows["salsa_a_take0"].partner == "salsa_b_take0"
    assert rows["salsa_a_take1"].partner == ""
    names = [*written, "song_000"]
    for name in names:
        np.save(tmp_path / f"{name}.motion.npy", np.zeros((30, 2), np.float32))
    write_json(tmp_path / "motion.json", {"fps": 30})
    (tmp_path / "base_filenames_train.txt").write_text("".join(f"{name}\n" for name in names))
    label_styles(tmp_path, written)
    assert np.load(tmp_path / "song_000.style.npy")[0, 0] == 0
    assert np.load(tmp_path / "salsa_a_take0.style.npy")[0, 0] == 1
    assert (tmp_path / "base_filenames_val.txt").read_text() == "salsa_b_take0\n"


def test_takes_without_a_beat_are_danced_in_silence(tmp_path, monkeypatch):
    write_bvh(tmp_path / "a.bvh", make_recording(0, 0, seconds=14).clip)
    rng = np.random.default_rng(1)
    unclear = find_bars([[steps(30, first=0.3)], [rng.normal(size=14 * RATE)]], rng)[1:]
    monkeypatch.setattr("recipes.dancer.people.find_bars", lambda groups, rng: unclear)
    for split, names in (("", [f"waltz_a_take{number}" for number in range(2)]), ("val", [])):
        table = tmp_path / "recordings.csv"
        table.write_text(f"id,motion,style,split\na,a.bvh,waltz,{split}\n")
        written = write_people(tmp_path, read_people(table, seed=0), num_songs=4, seed=0, jobs=1)
        assert sorted(written) == names
    assert not read_audio(tmp_path / "waltz_a_take0.wav").samples.any()
    assert GroundTruth.read(ground_truth_path(tmp_path, "waltz_a_take1")).beats == ()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("a,a.bvh,salsa,b\nb,a.bvh,waltz,", "has another style than"),
        ("a,a.bvh,x,b\nb,a.bvh,x,\nc,a.bvh,x,", "dances alone"),
    ],
)
def test_couples_that_are_none_are_refused(tmp_path, lines, message):
    write_bvh(tmp_path / "a.bvh", make_recording(0, 0, seconds=8).clip)
    (tmp_path / "recordings.csv").write_text(f"id,motion,style,partner\n{lines}\n")
    with pytest.raises(DataError, match=message):
        read_people(tmp_path / "recordings.csv", seed=0)


@pytest.mark.parametrize(
    ("fps", "stop", "message"),
    [
        (30, "2.5", "a.bvh: lasts 2.47 seconds at 30 frames a second; a take needs 3 seconds at more than 10"),
        (10, "", "a.bvh: lasts 11.9 seconds at 10 frames"),
        (9, "", "a.bvh: lasts 13.2 seconds at 9 frames"),
        (30, "0.03", "a.bvh: holds one frame only"),
    ],
)
def test_takes_too_short_or_too_slow_to_be_smoothed_are_refused(tmp_path, fps, stop, message):
    write_bvh(tmp_path / "a.bvh", make_clip(120, fps=30.0))
    (tmp_path / "recordings.csv").write_text(f"id,motion,style,fps,stop\na,a.bvh,salsa,{fps},{stop}\n")
    with pytest.raises(FormatError, match=message):
        read_people(tmp_path / "recordings.csv", seed=0)
