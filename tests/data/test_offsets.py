import numpy as np
import pytest

from tests.generation.factories import make_song
from transflower.audio.writing import write_wav
from transflower.data import offsets
from transflower.data.recordings import RecordingRow
from transflower.features.sync import Shift


@pytest.mark.parametrize(("confidence", "is_believed"), [(0.01, False), (0.1, True)])
def test_an_offset_that_is_as_likely_as_any_other_is_not_believed(tmp_path, monkeypatch, confidence, is_believed):
    write_wav(tmp_path / "song.wav", make_song(1.0))
    write_wav(tmp_path / "take.wav", make_song(1.0, seed=1))
    monkeypatch.setattr(offsets, "sound_shift", lambda *_: Shift(seconds=np.float64(0.4), confidence=confidence))
    row = RecordingRow(id="take", motion=tmp_path / "take.bvh", song=tmp_path / "song.wav")
    (found,), notes = offsets.find_offsets([row], "auto", source_fps=None, jobs=1)
    assert found.offset == (0.4 if is_believed else None)
    sure, unsure = "take starts at 0.400 s of its song", "no offset is found for take: the likeliest, 0.400 s"
    assert notes[0].startswith(sure if is_believed else unsure)
