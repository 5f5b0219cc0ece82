"""A tokeniser nested in a model: sound at 30 frames per second makes tokens at 7.5, and tokens make motion at 30.

The outer model draws tokens. The inner one is a model like any other: it draws motion given tokens and its own past.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.factories import TINY
from transflower.core.options import decode
from transflower.core.spans import StreamSpec
from transflower.data.check import check_folder
from transflower.data.verb_options import CheckConfig
from transflower.generation import Session, generate, open_song
from transflower.models import LoadedModel, load_model
from transflower.training import Experiment, train

RATE = 4
"""Frames of sound, and of motion, for each token."""
TOKENS = 5
SMALL = {"width": 8, "layers": 1, "heads": 2, "window": 6}
HEAD = {"type": "deterministic"}


def write_folder(folder: Path) -> Path:
    """Sound whose loudness is the token of its time, motion that is near it."""
    folder.mkdir(parents=True)
    for number, one in enumerate("abc"):
        rng = np.random.default_rng(number)
        tokens = rng.integers(0, TOKENS, (15, 1))
        frames = np.repeat(tokens, RATE, axis=0)[: 15 * RATE - number].astype(np.float32)
        np.save(folder / f"{one}.tokens.npy", tokens)
        np.save(folder / f"{one}.audio.npy", np.hstack([frames, rng.standard_normal(frames.shape)]).astype(np.float32))
        np.save(folder / f"{one}.motion.npy", frames * [1, -1, 0.5] + 0.1 * rng.standard_normal((len(frames), 3)))
    (folder / "audio.json").write_text(json.dumps({"fps": 30, "silence": [0.0, 0.0]}))
    (folder / "motion.json").write_text(json.dumps({"fps": 30}))
    (folder / "base_filenames_train.txt").write_text("a\nb")
    (folder / "base_filenames_val.txt").write_text("c")
    return folder


def trained(folder: Path, out: Path, model: dict, *, positions: int, rollouts: int = 0) -> LoadedModel:
    tree = {
        "model": {"encoder": {"type": "causal", **SMALL, "music": SMALL}, **model},
        "data": {"folder": str(folder), "fps": {"tokens": 7.5}},
        "training": {
            **TINY["training"],
            "max_steps": 6,
            "positions": positions,
            "rollouts": {"sequences": rollouts, "frames": 9},
        },
    }
    train(decode(Experiment, tree), out)
    return load_model(out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_folder(tmp_path_factory.mktemp("nested") / "data")


@pytest.fixture(scope="module")
def tokeniser(folder, tmp_path_factory) -> LoadedModel:
    """Tokens to motion."""
    model = {
        "inputs": {"motion": {"offset": -1}, "tokens": {"kind": "categorical"}},
        "outputs": {"motion": {}},
        "head": HEAD,
    }
    return trained(folder, tmp_path_factory.mktemp("tokeniser") / "run", model, positions=2 * RATE, rollouts=1)


@pytest.fixture(scope="module")
def outer(folder, tokeniser, tmp_path_factory) -> LoadedModel:
    """Sound to tokens; sound is seen a token ahead."""
    model = {
        "inputs": {"tokens": {"offset": -1, "kind": "categorical"}, "audio": {"length": 1 + RATE}},
        "outputs": {"tokens": {"kind": "categorical"}},
        "nested": {"tokeniser": str(tokeniser.folder)},
    }
    return trained(folder, tmp_path_factory.mktemp("outer") / "run", model, positions=3)


def test_a_folder_of_several_rates_is_checked(folder):
    report = check_folder(CheckConfig(folder=folder, features=("audio", "motion", "tokens"), fps={"tokens": 7.5},
                                      categorical=("tokens",)))  # fmt: skip
    report.raise_problems()
    assert "tokens has 1 frame for every 4 of audio" in str(report)
    assert report.lengths == {"a": 60, "b": 59, "c": 58}


def test_the_rates_are_those_of_the_data(outer, tokeniser):
    assert outer.model.spans["audio"].rate == RATE
    assert 1 / tokeniser.model.spans["tokens"].rate == RATE
    assert outer.model.streams["tokens"] == StreamSpec(dim=1, kind="categorical", num_classes=TOKENS, fps=7.5)


def test_a_song_is_drawn_by_the_outer_and_turned_into_motion_by_the_inner_model(outer, folder):
    song = open_song(outer, "b", data=folder)
    assert (song.frames, song.fps) == (14, 7.5)  # 59 frames of sound are 14 whole tokens
    tokens = generate(outer, song.inputs, num_frames=song.frames)["tokens"]
    assert tokens.shape == (1, 14, 1)
    assert tokens.min() >= 0
    assert tokens.max() < TOKENS
    inner = outer.model.nested["tokeniser"].model
    motion = generate(inner, {"tokens": tokens[0]}, num_frames=RATE * song.frames)["motion"]
    assert motion.shape == (1, 56, 3)
    assert np.isfinite(motion).all()


@pytest.mark.parametrize("chunk", [1, 3, 8])
def test_live_sessions_draw_the_same_tokens_and_the_same_motion(outer, folder, chunk):
    song = open_song(outer, "a", data=folder)
    expected = generate(outer, song.inputs, num_frames=song.frames)["tokens"]
    tokens = pulled(Session(outer), "audio", song.inputs["audio"], chunk)["tokens"]
    np.testing.assert_array_equal(tokens, expected)
    inner = outer.model.nested["tokeniser"].model
    motion = pulled(Session(inner), "tokens", tokens[0], chunk)["motion"]
    whole = generate(inner, {"tokens": expected[0]}, num_frames=RATE * song.frames)["motion"]
    np.testing.assert_allclose(motion, whole, atol=1e-5)


def test_the_prompt_of_the_inner_model_may_end_anywhere(outer, folder):
    inner, tokens = outer.model.nested["tokeniser"].model, np.load(folder / "a.tokens.npy")
    motion = np.load(folder / "a.motion.npy").astype(np.float32)
    for length in (1, 6, 8):
        prompt = {"motion": motion[:length]}
        drawn = generate(inner, {"tokens": tokens}, num_frames=20, prompt=prompt)["motion"]
        assert drawn.shape == (1, 20, 3)
        assert np.isfinite(drawn).all()


def pulled(session: Session, name: str, rows: np.ndarray, chunk: int) -> dict[str, np.ndarray]:
    parts = []
    for first in range(0, len(rows), chunk):
        session.push(name, rows[first : first + chunk])
        parts.append(session.pull())
    session.end()
    parts.append(session.pull())
    return {output: np.concatenate([part[output] for part in parts], axis=1) for output in parts[0]}
