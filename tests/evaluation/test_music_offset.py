"""The shift between song and dance that is likeliest."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.models.factories import AUDIO, MOTION, tiny_config, tiny_model
from transflower.core.errors import DataError
from transflower.evaluation.music_offset import curve_of, offset_curve
from transflower.generation import generate
from transflower.generation.recordings import ModelledRecording
from transflower.models import LoadedModel
from transflower.reports.score import told_offset

SECONDS = np.arange(-10, 11) / 30
RNG = np.random.default_rng(0)


def test_a_shift_that_is_likelier_throughout_is_sure_with_its_margin_in_nats():
    rows = RNG.standard_normal((21, 600))
    rows[15] += 1.0
    curve = curve_of(rows, SECONDS, block=60)
    assert curve.best == SECONDS[15]
    assert curve.is_sure
    assert curve.margin == pytest.approx(rows[15].sum() - np.delete(rows.sum(1), [14, 15, 16]).max())


def test_of_a_flat_curve_nothing_is_claimed():
    assert not curve_of(0.1 * RNG.standard_normal((21, 600)), SECONDS, block=60).is_sure
    one = RNG.standard_normal((21, 600))
    one[3, 100:110] += 100.0
    assert not curve_of(one, SECONDS, block=60).is_sure, "a single moment makes no shift sure"


@pytest.fixture(scope="module")
def danced():
    """A model, and a dance of it to music that changes fast, at 10 frames a second."""
    model = tiny_model(tiny_config("causal"), seed=3)
    song = {"audio": (6 * RNG.standard_normal((160, AUDIO))).astype(np.float32)}
    dance = generate(model, song, num_frames=140)["motion"][0]
    return LoadedModel(model=model, sidecars={}, folder=Path()), ModelledRecording(
        inputs=song, outputs={"motion": dance}, song_frames=160
    )


@pytest.mark.parametrize("late", [0, 5, -4])
def test_a_dance_that_was_shifted_is_put_back(danced, late):
    loaded, recording = danced
    # What is left of the dance begins so many frames within the song, or so many before what is left of the song.
    kept = ModelledRecording(
        inputs={"audio": recording.inputs["audio"][max(0, -late) :]},
        outputs={"motion": recording.outputs["motion"][max(0, late) :]},
        song_frames=160 - max(0, -late),
    )
    curve = offset_curve(loaded, kept, output="motion", fps=10.0, most=0.6)
    assert curve.seconds[np.argmax(curve.nats)] == pytest.approx(late / 10)
    assert curve.is_sure


def test_too_little_in_common_is_refused(danced):
    loaded, recording = danced
    with pytest.raises(DataError, match="smaller --most"):
        offset_curve(loaded, recording.first(90), output="motion", fps=10.0, most=3.0)


def test_music_that_never_changes_makes_no_shift_likelier(danced):
    loaded, recording = danced
    still = replace(recording, inputs={"audio": np.ones((160, AUDIO), np.float32)})
    curve = offset_curve(loaded, still, output="motion", fps=10.0, most=0.6)
    np.testing.assert_allclose(curve.nats, curve.nats[0])


def test_silence_around_the_song_is_read_by_no_frame_that_counts(monkeypatch):
    model = LoadedModel(model=tiny_model(), sidecars={}, folder=Path())
    rng = np.random.default_rng(1)
    song = {"audio": rng.standard_normal((130, AUDIO)).astype(np.float32)}
    dance = {"motion": rng.standard_normal((130, MOTION)).astype(np.float32)}
    recording = ModelledRecording(inputs=song, outputs=dance, song_frames=130)
    curves = []
    for silence in (-3, 3):
        for module in ("evaluation.music_offset", "generation.teacher_forcing"):
            row = {"audio": np.full(AUDIO, silence, np.float32)}
            monkeypatch.setattr(f"transflower.{module}.silence_rows", lambda _, row=row: row)
        curves.append(offset_curve(model, recording, output="motion", fps=10.0, most=0.6))
    np.testing.assert_allclose(curves[0].nats, curves[1].nats)


def test_shifts_are_looked_for_around_a_given_one_in_the_whole_song(danced):
    loaded, recording = danced
    late = replace(recording, outputs={"motion": recording.outputs["motion"][25:]})
    curve = offset_curve(loaded, late, output="motion", fps=10.0, most=0.6, around=23)
    assert curve.best == pytest.approx(2.5)
    assert curve.seconds[[0, -1]] == pytest.approx([1.7, 2.9])
    assert curve.is_sure


def test_the_least_and_the_greatest_shift_that_are_tried_are_not_claimed(danced):
    loaded, recording = danced
    late = replace(recording, outputs={"motion": recording.outputs["motion"][6:]})
    curve = offset_curve(loaded, late, output="motion", fps=10.0, most=0.6)
    assert curve.best == pytest.approx(0.6)
    assert not curve.is_sure
    assert "raise --most" in told_offset(curve, "one")
