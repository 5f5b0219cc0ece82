"""The time line of a dance, by models that copy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.generation.copied import MUSIC, SILENCE, column, counting_model, music_at
from tests.generation.factories import copy_model
from transflower.core.errors import ModelError, OptionsError
from transflower.generation import SamplingOptions, generate
from transflower.models import InputConfig, OutputConfig


@given(offset=st.integers(-50, 50), length=st.integers(1, 30), row=st.integers(0, 29), position=st.integers(-20, 20))
def test_frame_k_sees_the_music_of_its_own_moment(offset, length, row, position):
    row = row % length
    model = copy_model(
        {"audio": InputConfig(length=length, offset=offset)},
        {"motion": OutputConfig(length=3, offset=position)},
        rows={"audio": row},
    )
    dance = generate(model, {"audio": MUSIC}, num_frames=len(MUSIC), fill=SILENCE)["motion"]
    assert dance.shape == (1, len(MUSIC), 1)
    assert dance.dtype == np.float32
    assert column(dance[0]) == [music_at(k + offset - position + row) for k in range(len(MUSIC))]


@pytest.mark.parametrize("frames", [1, 40, 45])
def test_as_many_frames_as_asked_whatever_the_song(frames):
    model = copy_model({"audio": InputConfig(length=1)}, {"motion": OutputConfig()}, rows={"audio": 0})
    dance = generate(model, {"audio": MUSIC}, num_frames=frames, fill=SILENCE)["motion"]
    assert column(dance[0]) == [music_at(k) for k in range(frames)]


def test_without_a_row_of_silence_the_edges_of_the_music_go_on():
    model = copy_model({"audio": InputConfig(length=1, offset=-1)}, {"motion": OutputConfig()}, rows={"audio": 0})
    dance = generate(model, {"audio": MUSIC}, num_frames=42)["motion"]
    assert column(dance[0]) == [100, *range(100, 140), 139]


def test_inputs_without_time_are_read_at_every_frame():
    model = copy_model(
        {
            "audio": InputConfig(length=4),
            "style": InputConfig(length=4, mode="tile", kind="categorical"),
            "who": InputConfig(length=2, mode="single"),
        },
        {"motion": OutputConfig()},
        rows={"style": 3, "who": 1},
        dims={"who": 2, "motion": 3},
        num_classes=9,
        columns=(0, 1, 2),
    )
    inputs = {"audio": MUSIC, "style": np.array([[8]]), "who": np.array([[1.0, 2.0], [3.0, 4.0]])}
    dance = generate(model, inputs, num_frames=3, num_samples=2)["motion"]
    np.testing.assert_array_equal(dance, np.tile([8.0, 3.0, 4.0], (2, 3, 1)))


def test_what_was_drawn_is_read_again():
    dance = generate(counting_model(), {"audio": MUSIC}, num_frames=40, prompt={"motion": np.array([[5.0], [6.0]])})
    assert column(dance["motion"][0]) == (6 + MUSIC[:, 0].cumsum()).tolist()


def test_without_a_seed_the_mean_pose_was_danced_before():
    ones = np.ones((5, 1), np.float32)
    assert column(generate(counting_model(mean=3.0), {"audio": ones}, num_frames=3)["motion"][0]) == [4, 5, 6]
    filled = generate(counting_model(), {"audio": ones}, num_frames=3, fill={"motion": np.array([8.0])})
    assert column(filled["motion"][0]) == [9, 10, 11]


@pytest.mark.parametrize("length", [1, 2, 4, 9])
@pytest.mark.parametrize("row", range(4))
def test_a_seed_ends_with_frame_minus_one_and_the_mean_pose_is_before_it(length, row):
    model = copy_model(
        {"motion": InputConfig(length=4, offset=-4)}, {"motion": OutputConfig()}, rows={"motion": row}, mean=-3.0
    )
    seed = np.arange(1, length + 1, dtype=np.float32)[:, None]
    dance = column(generate(model, {}, num_frames=6, prompt={"motion": seed})["motion"][0])
    line = [-3.0] * 4 + seed[:, 0].tolist()
    for _ in range(6):
        line.append(line[len(line) - 4 + row])
    assert dance == line[-6:]


def test_several_outputs_each_keep_their_first_frame():
    model = copy_model(
        {"audio": InputConfig(), "motion": InputConfig(length=2, offset=-2), "face": InputConfig(offset=-1)},
        {"motion": OutputConfig(length=3), "face": OutputConfig(length=2), "light": OutputConfig()},
        rows={"audio": 0, "motion": 1, "face": 0},
    )
    model.heads["motion"].config = replace(model.heads["motion"].config, columns=(2,))
    model.heads["face"].config = replace(model.heads["face"].config, columns=(1,))
    seeds = {"motion": np.array([[1.0]]), "face": np.array([[2.0]])}
    drawn = generate(model, {"audio": MUSIC}, num_frames=4, prompt=seeds)
    assert column(drawn["motion"][0]) == [2, 1, 2, 1]  # each copies what the other did last
    assert column(drawn["face"][0]) == [1, 2, 1, 2]
    assert column(drawn["light"][0]) == [100, 101, 102, 103]


@pytest.mark.parametrize("shift", [-3, -1, 0, 2, 5])
def test_an_output_behind_or_ahead_of_its_position_is_drawn_for_every_frame(shift):
    model = copy_model(
        {"audio": InputConfig(), "light": InputConfig(length=2, offset=shift - 2)},
        {"motion": OutputConfig(), "light": OutputConfig(offset=shift)},
        rows={"audio": 0, "light": 1},
    )
    drawn = generate(model, {"audio": MUSIC}, num_frames=40, fill=SILENCE)
    assert column(drawn["motion"][0]) == MUSIC[:, 0].tolist()
    assert column(drawn["light"][0]) == [music_at(k - shift) for k in range(40)]
    model.heads["light"].config = replace(model.heads["light"].config, is_change=True)
    drawn = generate(model, {"audio": np.ones_like(MUSIC)}, num_frames=40, prompt={"light": np.array([[4.0]])})
    assert column(drawn["light"][0]) == [5.0 + k for k in range(40)]


@pytest.mark.parametrize(("history", "length", "before"), [(0, 9, 0), (5, 1, 0), (5, 3, 2), (5, 6, 5), (5, 50, 5)])
def test_a_causal_encoder_is_led_through_the_seed(history, length, before):
    model = copy_model(
        {"motion": InputConfig(offset=-1)},
        {"motion": OutputConfig()},
        rows={"motion": 0},
        history=history,
        columns=(1,),  # how many positions went before
    )
    seed = np.zeros((length, 1), np.float32)
    dance = generate(model, {}, num_frames=3, prompt={"motion": seed})["motion"]
    assert column(dance[0]) == [before, before + 1, before + 2]
    assert column(generate(model, {}, num_frames=2)["motion"][0]) == [0, 1]


# What cannot be


@settings(max_examples=examples(10))
@given(samples=st.integers(1, 4), row=st.integers(0, 3), frame=st.integers(0, 9))
def test_frames_that_are_not_finite_are_refused_with_sample_and_frame(samples, row, frame):
    model = counting_model(noise=1.0)
    head, row = model.heads["motion"], row % samples
    sample, calls = head.sample, []

    def broken(*args, **options):
        frames, state = sample(*args, **options)
        if len(calls) == frame:
            frames[row, 0, 0, 0] = float("nan")
        calls.append(1)
        return frames, state

    head.sample = broken
    with pytest.raises(ModelError, match=f"'motion' of sample {row} .* in frame {frame}; .* temperature below 0.8"):
        generate(model, {"audio": MUSIC}, num_frames=10, num_samples=samples, options=SamplingOptions(temperature=0.8))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_frames": 0}, "at least 1 frame can be generated, got 0"),
        ({"num_samples": 0}, "samples must be at least 1, got 0"),
        ({"options": SamplingOptions(temperature=-1.0)}, "got -1.0"),
        ({"options": SamplingOptions(temperature=float("nan"))}, "got nan"),
        ({"options": SamplingOptions(temperature=float("inf"))}, "got inf"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(OptionsError, match=message):
        generate(counting_model(), {"audio": MUSIC}, **{"num_frames": 4, **options})
