"""Unusual values, as a check of their folder tells them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.data.checked import check
from tests.data.factories import ramp, write_folder
from tests.motion.factories import make_clip
from transflower.data import unusual_values
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import write_sidecar
from transflower.motion.rotations import from_expmap, identity, multiply


def test_silence_is_told_with_file_and_seconds_and_stops_nothing(tmp_path):
    names, silence = ["mel_00", "mel_01", "beat"], [-80.0, -80.0, 0.0]
    sidecar = {"kind": "audio", "fps": 10, "names": names, "silence": silence, "settings": {}}
    sound, quiet = np.full((100, 3), -30.0), np.tile(silence, (100, 1))
    quiet[:, 2] = 0.9  # A beat is felt for a while after it has stopped.
    hole, rest = sound.copy(), sound.copy()
    hole[40:75, :2], rest[40:55, :2] = -79.0, -79.0
    arrays = {"loud": sound, "mute": quiet, "hole": hole, "rest": rest}
    write_folder(tmp_path, {one: {"audio": array} for one, array in arrays.items()}, {"train": list(arrays)})
    (tmp_path / "audio.json").write_text(json.dumps(sidecar))
    report = check(tmp_path)
    assert not report.problems
    assert report.warnings == [
        "2 of 4 files of audio have unusual values:\n  - mute.audio.npy is silent throughout\n"
        "  - hole.audio.npy is silent from 4.0 to 7.5 s"
    ]


def test_an_array_is_looked_at_once_unless_it_or_its_sidecar_changes(tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.core.file_stamp.SETTLED_SECONDS", 0.0)
    looked_at = []
    describe = unusual_values.describe_silence
    monkeypatch.setattr(
        unusual_values,
        "describe_silence",
        lambda rows, sidecar: (looked_at.append(len(rows)), describe(rows, sidecar))[1],
    )
    sidecar = {"kind": "audio", "fps": 10, "names": ["mel_00"], "silence": [-80.0], "settings": {}}
    arrays = {one: {"audio": np.full((rows, 1), -80.0)} for one, rows in (("a", 30), ("b", 40))}
    write_folder(tmp_path, arrays, {"train": list(arrays)})
    (tmp_path / "audio.json").write_text(json.dumps(sidecar))
    first = check(tmp_path).warnings
    assert looked_at == [30, 40]
    assert check(tmp_path).warnings == first
    assert looked_at == [30, 40]
    np.save(tmp_path / "b.audio.npy", np.full((40, 1), -20.0))
    assert check(tmp_path).warnings != first
    assert looked_at == [30, 40, 40]
    (tmp_path / "audio.json").write_text(json.dumps(sidecar | {"fps": 20}))
    check(tmp_path)
    assert looked_at == [30, 40, 40, 30, 40]


def _dance(*, t_pose=False, flip=None):
    clip = make_clip(90, degrees=20, seed=2)
    rotations = clip.rotations.copy()
    if t_pose:
        rotations[0] = identity(clip.skeleton.num_joints)
        rotations[0, 3] = from_expmap(np.array([0.0, 0.0, np.pi / 2]))
    if flip is not None:
        rotations[flip, 7] = multiply(from_expmap(np.array([np.pi * 0.9, 0.0, 0.0])), rotations[flip, 7])
    return replace(clip, rotations=rotations)


@pytest.mark.parametrize("representation", ("expmap", "rot6d"))
def test_frames_that_do_not_belong_to_a_dance_are_told_and_stop_nothing(tmp_path, representation):
    clips = {"good": _dance(), "pose": _dance(t_pose=True), "flip": _dance(flip=40), "last": _dance(flip=88)}
    sidecar = describe_motion(_dance(), representation)
    write_sidecar(tmp_path / "motion.json", sidecar)
    arrays = {one: {"motion": encode_motion(clip, sidecar)} for one, clip in clips.items()}
    report = check(write_folder(tmp_path, arrays, {"train": list(arrays)}))
    assert not report.problems
    (note,) = report.warnings
    told = [line.removeprefix("  - ") for line in note.splitlines()]
    assert told[0] == "3 of 4 files of motion have unusual values:"
    assert told[1].startswith("pose.motion.npy at 0.00 s: begins with a")
    assert told[2].startswith("flip.motion.npy at 1.33 s: 'LeftUpLeg' by 16")
    assert told[3].startswith("last.motion.npy at 2.93 s:")


def test_sidecar_that_nothing_can_be_made_of_is_told(tmp_path):
    write_folder(tmp_path, {"a": {"motion": ramp(20)}}, {"train": ["a"]})
    (tmp_path / "motion.json").write_text('{"kind": "motion", "fps": 30}')
    (note,) = check(tmp_path).warnings
    assert "motion.json: key 'names'" in note
