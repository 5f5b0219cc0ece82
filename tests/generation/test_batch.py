"""A batch of different songs."""

from dataclasses import replace

import numpy as np
import pytest

from tests.generation.copied import MUSIC, column
from tests.generation.factories import copy_model
from tests.models.factories import AUDIO, MEAN, MOTION, tiny_config, tiny_model
from transflower.core.errors import ModelError
from transflower.generation import Request, SamplingOptions, generate, generate_batch
from transflower.models import InputConfig, OutputConfig


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
