"""Real recordings below ``--real-data=DIR``, by the sources that they are of."""

import re

import numpy as np
import pytest

from transflower.audio.audio import Audio
from transflower.audio.reading import read_audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.data.import_options import ImportConfig
from transflower.data.importing import import_corpus
from transflower.features.sidecar import read_sidecar
from transflower.features.sync import onset_envelope, sound_shift
from transflower.motion.common_skeleton import common_skeleton

pytestmark = [pytest.mark.real_data, pytest.mark.timeout(600)]

RIGHTLY_NOT = {
    "transflower_skeleton": "is a skeleton without MOTION",
    "pybvh_full_precision_frame_time": "has no hips, spine, head",  # of 2 joints
    "pybvh_rotation_first_root": "has no hips, spine, head",  # of 4 joints
}
"""Files of the folder ``bvh`` that are no dances, and what is said of them."""


@pytest.fixture
def folder_of(real_data_dir):
    def folder_of(name):
        if not (real_data_dir / name).is_dir():
            pytest.skip(f"there is no folder {name} in the real data")
        return real_data_dir / name

    return folder_of


@pytest.mark.parametrize("source", ("bandai", "cmu"))
def test_every_file_of_a_source_becomes_features(source, folder_of, tmp_path):
    folder = folder_of(source)
    report = import_corpus(ImportConfig(source=source, folder=folder, out=tmp_path))
    files = set(folder.rglob("*.bvh"))
    assert {row.motion for row in report.rows} == files
    assert report.reports[0].written == len(files)
    assert all(np.isfinite(np.load(tmp_path / f"{row.id}.motion.npy")).all() for row in report.rows)


def test_recordings_of_many_exporters_are_put_on_one_skeleton(folder_of, tmp_path):
    folder = folder_of("bvh")
    with pytest.raises(DataError) as fault:  # for those that rightly cannot be used
        import_corpus(ImportConfig(source="own", folder=folder, out=tmp_path))
    assert read_sidecar(tmp_path / "motion.json").skeleton.names == common_skeleton().names
    made = {path.name.removesuffix(".motion.npy") for path in tmp_path.glob("*.motion.npy")}
    assert made == {path.stem for path in folder.glob("*.bvh")} - set(RIGHTLY_NOT)
    for name, told in RIGHTLY_NOT.items():
        assert re.search(rf"{name}.bvh.*{told}", str(fault.value))


def test_a_part_of_a_real_song_is_found_in_it(real_audio, tmp_path):
    audio = read_audio(real_audio)
    rate, seconds = audio.sample_rate, len(audio.samples) / audio.sample_rate
    if seconds < 30:
        pytest.skip("a loop repeats itself, so that its parts are in several places")
    start, noise = round(7.3 * rate), np.random.default_rng(0)
    part = audio.samples[start : start + 15 * rate].mean(axis=1, keepdims=True)
    room = 0.5 * part + 0.2 * np.roll(part, round(0.03 * rate), axis=0) + 0.01 * noise.standard_normal(part.shape)
    write_wav(tmp_path / "room.wav", Audio(room.astype(np.float32), rate))
    shift = sound_shift(onset_envelope(real_audio), onset_envelope(tmp_path / "room.wav"))
    assert shift.seconds == pytest.approx(7.3, abs=0.02)
    assert shift.confidence > 0.15
