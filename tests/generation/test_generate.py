"""The time line of a dance, by models that copy; and real models against themselves."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.generation.factories import copy_model
from tests.models.factories import AUDIO, MEAN, MOTION, tiny_config, tiny_model, with_head
from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import StreamSpec
from transflower.data.dataset import WindowDataset
from transflower.data.store import Store
from transflower.data.windows import WindowLayout
from transflower.generation import Request, SamplingOptions, generate, generate_batch
from transflower.models import InputConfig, OutputConfig
from transflower.models.heads import DeterministicHeadConfig
from transflower.nn.flows.conditioners.recurrent import RecurrentConditionerConfig
from transflower.nn.noise import GivenNoise

MUSIC = np.arange(100, 140, dtype=np.float32)[:, None]
SILENCE = {"audio": np.array([-7.0], np.float32)}


def column(rows: np.ndarray) -> list[float]:
    return rows[..., 0].tolist()


def music_at(frame: int) -> float:
    return float(MUSIC[frame, 0]) if 0 <= frame < len(MUSIC) else -7.0


# What is given


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


# What is drawn


def counting_model(**options):
    """Each frame is the last one and the music of its moment together."""
    return copy_model(
        {"audio": InputConfig(), "motion": InputConfig(length=4, offset=-4)},
        {"motion": OutputConfig(length=2)},
        rows={"audio": 0},
        is_change=True,
        **options,
    )


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


# Several frames of each prediction


def ramp_model(**options):
    """Predicts three frames: the music of the position, and one more each."""
    return copy_model(
        {"audio": InputConfig(length=2), "motion": InputConfig(length=2, offset=-2)},
        {"motion": OutputConfig(length=3)},
        rows={"audio": 0},
        is_ramp=True,
        **options,
    )


@pytest.mark.parametrize("use_frames", [1, 2, 3])
@pytest.mark.parametrize("num_frames", [1, 7, 40])
def test_as_many_frames_of_each_prediction_are_used_as_asked(use_frames, num_frames):
    options = SamplingOptions(use_frames=use_frames)
    drawn = generate(ramp_model(), {"audio": MUSIC}, num_frames=num_frames, options=options)["motion"]
    assert column(drawn[0]) == [100 + k - k % use_frames + k % use_frames for k in range(num_frames)]
    tenfold = generate(ramp_model(), {"audio": 10 * MUSIC}, num_frames=num_frames, options=options)["motion"]
    assert column(tenfold[0]) == [1000 + 10 * (k - k % use_frames) + k % use_frames for k in range(num_frames)]


@pytest.mark.parametrize("use_frames", [1, 2, 3])
def test_the_next_prediction_goes_on_from_the_last_frame_used(use_frames):
    music, model = np.zeros((12, 1), np.float32), ramp_model(is_change=True)
    options = SamplingOptions(use_frames=use_frames)
    drawn = generate(model, {"audio": music}, num_frames=12, prompt={"motion": np.array([[5.0]])}, options=options)
    # The first frame repeats the one before it, each further one of the same prediction is one more.
    assert column(drawn["motion"][0]) == [5 + k // use_frames * (use_frames - 1) + k % use_frames for k in range(12)]


def test_more_frames_than_are_predicted_cannot_be_used():
    with pytest.raises(OptionsError, match="predicts 3 frames of 'motion' at once, use_frames is 4"):
        generate(ramp_model(), {"audio": MUSIC}, num_frames=4, options=SamplingOptions(use_frames=4))


def test_a_head_that_remembers_its_last_frame_predicts_anew_at_each():
    config = tiny_config("causal", outputs={"motion": OutputConfig(length=2)})
    flow = replace(config.head.flow, conditioner=RecurrentConditionerConfig(width=8))
    model = tiny_model(replace(config, head=replace(config.head, flow=flow)))
    generate(model, real_inputs(), num_frames=3)
    with pytest.raises(OptionsError, match="the head of 'motion' remembers"):
        generate(model, real_inputs(), num_frames=3, options=SamplingOptions(use_frames=2))


# A batch of different songs


def request(num_frames: int, *, seed: int, prompt: int = 0, **options) -> Request:
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal((num_frames, AUDIO)).astype(np.float32)
    known = MEAN + rng.standard_normal((prompt, MOTION)).astype(np.float32)
    return Request(
        inputs={"audio": audio}, num_frames=num_frames, prompt={"motion": known} if prompt else None, **options
    )


@pytest.mark.parametrize("kind", ["windowed", "causal"])
@pytest.mark.parametrize("fill", [None, {"audio": np.full(AUDIO, -1.0, np.float32)}], ids=["edges", "silence"])
def test_every_song_of_a_batch_is_danced_to_as_if_alone(kind, fill):
    model = tiny_model(tiny_config(kind))
    requests = [request(9, seed=0), request(14, seed=1, prompt=8), request(3, seed=2, prompt=8), request(11, seed=3)]
    requests.append(replace(requests[0], seed=7))
    options = SamplingOptions(seed=5)
    together = generate_batch(model, requests, num_samples=2, options=options, fill=fill)
    for one, drawn in zip(requests, together, strict=True):
        alone = generate(
            model,
            one.inputs,
            num_frames=one.num_frames,
            prompt=one.prompt,
            num_samples=2,
            options=replace(options, seed=options.seed if one.seed is None else one.seed),
            fill=fill,
        )
        assert drawn["motion"].shape == (2, one.num_frames, MOTION)
        np.testing.assert_allclose(drawn["motion"], alone["motion"], atol=2e-4)


def test_what_follows_the_end_of_a_song_cannot_fail_the_others():
    model = copy_model({"audio": InputConfig()}, {"motion": OutputConfig()}, rows={"audio": 0})
    whole = np.ones((9, 1), np.float32)
    broken = {"audio": np.array([np.inf], np.float32)}
    requests = [Request(inputs={"audio": MUSIC[:3]}, num_frames=3), Request(inputs={"audio": whole}, num_frames=9)]
    first, second = generate_batch(model, requests, fill=broken)
    assert column(first["motion"][0]) == [100, 101, 102]
    assert column(second["motion"][0]) == [1] * 9
    with pytest.raises(ModelError, match="sample 0 is not finite in frame 3"):
        generate_batch(model, [replace(requests[0], num_frames=4), requests[1]], fill=broken)


def test_songs_may_differ_in_what_has_no_time():
    model = copy_model(
        {"audio": InputConfig(), "style": InputConfig(mode="tile")},
        {"motion": OutputConfig()},
        rows={"style": 0},
    )
    requests = [Request(inputs={"audio": MUSIC, "style": np.array([[one]])}, num_frames=2) for one in (3.0, 4.0)]
    first, second = generate_batch(model, requests)
    assert column(first["motion"][0]) == [3, 3]
    assert column(second["motion"][0]) == [4, 4]


# Real models


def real_inputs(num_frames: int = 12) -> dict[str, np.ndarray]:
    return {"audio": np.random.default_rng(1).standard_normal((num_frames, AUDIO)).astype(np.float32)}


REAL = pytest.mark.parametrize("kind", ["windowed", "causal"])


@REAL
def test_a_row_of_a_batch_is_drawn_as_if_alone(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    several = generate(model, inputs, num_frames=12, num_samples=3, options=SamplingOptions(seed=4))["motion"]
    alone = generate(model, inputs, num_frames=12, num_samples=1, options=SamplingOptions(seed=4))["motion"]
    np.testing.assert_allclose(several[:1], alone, atol=1e-4)
    assert np.abs(several[0] - several[1]).max() > 0.1


@REAL
def test_the_same_seed_gives_the_same_dance_to_the_bit(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    first, second, other = (
        generate(model, inputs, num_frames=12, num_samples=2, options=SamplingOptions(seed=seed))["motion"]
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1


@REAL
def test_temperature_calms(kind):
    model, inputs = tiny_model(tiny_config(kind)), real_inputs()
    spread = [
        generate(model, inputs, num_frames=3, num_samples=16, options=SamplingOptions(temperature=temperature))[
            "motion"
        ][:, 0]
        .std(axis=0)
        .sum()
        for temperature in (1.0, 0.3, 0.0)
    ]
    assert spread[0] > 2 * spread[1] > 4 * spread[2]
    assert spread[2] < 1e-5


@REAL
def test_training_windows_of_a_finished_dance_predict_it(kind, tmp_path):
    """What a model reads while it dances is what training would have shown it of the same dance."""
    config = replace(tiny_config(kind), head=DeterministicHeadConfig())
    model, inputs, frames = tiny_model(config), real_inputs(), 12
    fill = {"audio": np.array([0.5, -0.5, 2.0], np.float32), "motion": np.float32(MEAN)}
    dance = generate(model, inputs, num_frames=frames, fill=fill)["motion"][0]
    for name, rows in {**inputs, "motion": dance}.items():
        np.save(tmp_path / f"a.{name}.npy", rows)
    layout = WindowLayout(
        inputs=config.spans,
        targets=config.target_spans,
        positions=frames,
    )
    streams = {"motion": StreamSpec(dim=MOTION), "audio": StreamSpec(dim=AUDIO)}
    names = {name: (name,) for name in streams}
    windows = WindowDataset(Store(tmp_path), {"a": frames}, layout=layout, streams=streams, features=names, fill=fill)
    assert len(windows) == 1
    batch = windows.batch([0])
    scaled = {name: model.scale_input(name, rows) for name, rows in batch["inputs"].items()}
    with torch.no_grad():
        contexts = model.encoder(scaled)["motion"]
        predicted, _ = model.head("motion").sample(contexts, None, noise=GivenNoise([]))
    np.testing.assert_allclose(model.scaling("motion").restore(predicted)[0, :, 0].numpy(), dance, atol=1e-4)


def test_a_seeded_causal_dance_goes_on_as_the_encoder_reads_seed_and_dance_together():
    config = replace(tiny_config("causal"), head=DeterministicHeadConfig())
    model, inputs, count = tiny_model(config), real_inputs(), 5
    silence = np.array([0.5, -0.5, 2.0], np.float32)
    seed = np.float32(MEAN + np.random.default_rng(2).standard_normal((count, MOTION)))
    dance = generate(model, inputs, num_frames=12, prompt={"motion": seed}, fill={"audio": silence})["motion"][0]
    motion = np.concatenate([seed, dance[:-1]])
    music = np.concatenate([np.tile(silence, (count - 1, 1)), inputs["audio"], np.tile(silence, (2, 1))])
    read = {"motion": motion, "audio": music}
    scaled = {name: model.scale_input(name, torch.from_numpy(rows)[None]) for name, rows in read.items()}
    with torch.no_grad():
        predicted, _ = model.head("motion").sample(model.encoder(scaled)["motion"], None, noise=GivenNoise([]))
    restored = model.scaling("motion").restore(predicted)[0, count - 1 :, 0].numpy()
    np.testing.assert_allclose(restored, dance, atol=1e-4)


def test_a_model_in_training_dances_in_evaluation_and_goes_back():
    config = tiny_config("windowed")
    dropping = {**config.inputs, "motion": replace(config.inputs["motion"], dropout=0.5)}
    model = tiny_model(replace(config, inputs=dropping)).train()
    dances = [generate(model, real_inputs(), num_frames=4)["motion"] for _ in range(2)]
    np.testing.assert_array_equal(*dances)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_heads_of_changes_start_from_the_last_frame_of_the_seed():
    model = tiny_model(with_head(tiny_config("causal", clamp=1e3), target="change"))
    far = np.float32(np.tile(MEAN + 50 * (MEAN != 7.0), (4, 1)))
    dance = generate(
        model, real_inputs(), num_frames=1, prompt={"motion": far}, options=SamplingOptions(temperature=0.1)
    )["motion"]
    assert np.abs(dance[0, 0] - far[0]).max() < 20


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
