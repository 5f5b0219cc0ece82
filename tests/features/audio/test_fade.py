"""Sound without a beat fades to silence."""

import numpy as np
import pytest

from transflower.features.audio import AudioSettings, names, silence
from transflower.features.audio.fade import BeatFade

SETTINGS = AudioSettings(fps=10.0)
SURE = names(SETTINGS).index("beat_sure")
RNG = np.random.default_rng(0)


def rows_of(sure: list[float]) -> np.ndarray:
    rows = RNG.standard_normal((len(sure), len(names(SETTINGS)))).astype(np.float32)
    rows[:, SURE] = sure
    return rows


def test_sound_with_a_beat_stays_and_other_sound_is_silence_but_for_the_beat():
    loud, noise = rows_of([0.9] * 30), rows_of([0.05] * 30)
    np.testing.assert_array_equal(BeatFade(SETTINGS).push(loud), loud)
    faded = BeatFade(SETTINGS).push(noise)
    beat = [index for index, name in enumerate(names(SETTINGS)) if name.startswith("beat")]
    others = [index for index in range(noise.shape[1]) if index not in beat]
    np.testing.assert_array_equal(faded[:, others], np.tile(silence(SETTINGS)[others], (30, 1)))
    np.testing.assert_array_equal(faded[:, beat], noise[:, beat])


def test_it_fades_within_a_second():
    rows = rows_of([1.0] * 20 + [0.0] * 20)
    quiet = silence(SETTINGS)
    left = (BeatFade(SETTINGS).push(rows)[:, 0] - quiet[0]) / (rows[:, 0] - quiet[0])
    np.testing.assert_allclose(left, [1.0] * 20 + [1 - step / 10 for step in range(1, 11)] + [0.0] * 10, atol=1e-5)


@pytest.mark.parametrize("ends", [[], [1, 2, 3], [15, 15, 29]], ids=str)
def test_pieces_give_the_frames_of_the_whole(ends):
    rows = rows_of(np.linspace(0, 0.5, 40).tolist())
    fade, found = BeatFade(SETTINGS), []
    for piece in np.split(rows, ends):
        found.append(fade.push(piece))
        restored = BeatFade(SETTINGS)
        restored.load_state_dict(fade.state_dict())
        fade = restored
    np.testing.assert_allclose(np.concatenate(found), BeatFade(SETTINGS).push(rows), atol=1e-6)
