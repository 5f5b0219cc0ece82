"""From a song and a folder with a model to files that can be watched."""

import re

import av
import numpy as np
import pytest

from tests.cli.generating import SMALL, generate, names
from tests.formats.character.characters import Character
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower.formats.bvh import read_bvh
from transflower.formats.gltf.container import read_gltf


def test_flags_of_before_are_understood(folder, tmp_path, caplog):
    words = ["DIR/song.wav", "--model", "DIR/run", "--no_bvh", "--features", "--out", str(tmp_path), "--no_hold_feet"]
    words += [*(word.replace("render", "film") for word in SMALL), "--film.no_strip"]
    assert generate(folder, *words) == 0
    assert names(tmp_path) == ["motion.json", "song.motion.npy", "song.mp4"]
    assert "--no_bvh --features is now --format mp4,npy" in caplog.messages
    assert "--no_hold_feet is called --no_foot_lock now" in caplog.messages
    assert "--film.no_strip is called --render.no_waveform now" in caplog.messages


def test_a_song_and_a_run_are_enough(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert generate(folder, "DIR/song.wav", "--model", "DIR/run", *SMALL) == 0
    monkeypatch.undo()
    out = tmp_path / "dances" / "song"
    assert names(out) == ["song.bvh", "song.mp4"]
    clip = read_bvh(out / "song.bvh").clip
    assert (clip.num_frames, clip.fps) == (25, 20.0)  # 1.23 s
    with av.open(str(out / "song.mp4")) as container:
        assert len(list(container.decode(video=0))) == 13
        assert container.streams.audio
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["dances/song/song.bvh", "dances/song/song.mp4"]
    assert re.fullmatch(r"1 dance of 25 frames, drawn at [\d.]+ frames/s: [\d.]+ times real time", printed[3])
    assert printed[2] == "song: no beat heard"


def test_a_page_shows_all_dances_with_their_likelihood(folder, tmp_path):
    words = ("DIR/song.wav", "--model", "DIR/causal", "--samples", "2", "--page", "--format", "glb", "--seconds", "0.5")
    assert generate(folder, *words, "--out", str(tmp_path)) == 0
    assert names(tmp_path) == ["song.html", "song_0.glb", "song_1.glb"]
    page = (tmp_path / "song.html").read_text(encoding="utf-8")
    assert page.count('"logLikelihood":[') == 2
    assert '"name":"song_1"' in page


def test_dances_are_put_on_a_character(folder, tmp_path, capsys):
    body = Body(fingers=True, names=CONVENTIONS["vroid"])
    character = Character(body, vrm="1.0", armature=False).write(tmp_path / "me.vrm")
    words = ["DIR/song.wav", "--seconds", "0.5", "--onto", str(character)]
    assert generate(folder, *words, "--out", str(tmp_path / "out"), *SMALL) == 0
    assert names(tmp_path / "out") == ["song.mp4", "song.vrm"]
    assert read_gltf(tmp_path / "out" / "song.vrm").document["meshes"] == read_gltf(character).document["meshes"]
    words += ["--map", str(tmp_path / "map.txt"), "--format", "glb,bvh,html,vrma", "--bvh_preset", "unreal"]
    assert generate(folder, *words, "--out", str(tmp_path / "more")) == 0
    assert names(tmp_path / "more") == ["song.bvh", "song.glb", "song.html", "song.vrma"]
    assert "pelvis" in (tmp_path / "more" / "song.bvh").read_text()
    assert "hips: " in (tmp_path / "map.txt").read_text()
    assert "is written to" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["run", "causal"])
def test_the_same_seed_writes_the_same_bytes(folder, tmp_path, model):
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        words = (
            "DIR/song.wav",
            "--model",
            f"DIR/{model}",
            "--seed",
            seed,
            "--format",
            "bvh",
            "--out",
            str(tmp_path / name),
        )
        assert generate(folder, *words) == 0
    first, second, other = ((tmp_path / name / "song.bvh").read_bytes() for name in "abc")
    assert first == second
    assert first != other


@pytest.mark.parametrize("model", ["run", "causal"])
def test_several_dances_to_a_stored_song_from_a_seed(folder, tmp_path, model, capsys):
    words = ["one", "--model", f"DIR/{model}", "--data", "DIR/data", "--music", "DIR/song.wav", "--samples", "2"]
    words += [
        "--prompt",
        "two",
        "--prompt_until",
        "0.4",
        "--together",
        "--format",
        "bvh,mp4,npy",
        "--temperature",
        "0.5",
    ]
    assert generate(folder, *words, "--out", str(tmp_path), *SMALL) == 0
    numbered = [f"one_{dancer}.{suffix}" for dancer in range(2) for suffix in ("bvh", "mp4", "motion.npy")]
    assert names(tmp_path) == sorted([*numbered, "one.mp4", "motion.json"])
    dances = [np.load(tmp_path / f"one_{dancer}.motion.npy") for dancer in range(2)]
    assert [dance.shape for dance in dances] == [(24, 39)] * 2
    assert np.abs(dances[0] - dances[1]).max() > 0.01
    assert "2 dances of 24 frames" in capsys.readouterr().out


def test_a_seed_changes_how_the_dance_begins(folder, tmp_path):
    for name, seed in (("a", []), ("b", ["--prompt", "DIR/seed.bvh"])):
        words = [
            "DIR/song.wav",
            "--model",
            "DIR/causal",
            "--format",
            "bvh",
            "--seconds",
            "0.5",
            "--out",
            str(tmp_path / name),
        ]
        assert generate(folder, *words, *seed) == 0
    clips = [read_bvh(tmp_path / name / "song.bvh").clip for name in "ab"]
    assert [clip.num_frames for clip in clips] == [10, 10]
    assert np.abs(clips[0].rotations - clips[1].rotations).max() > 0.01


def test_given_beats_are_followed_and_drawn(folder, tmp_path, capsys):
    words = ["DIR/long.wav", "--model", "DIR/run", "--format", "", "--draw_beats", "--out", str(tmp_path)]
    assert generate(folder, *words, "--bpm", "96", "--first_beat", "0.42") == 0
    assert names(tmp_path) == ["long.beats.png"]
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].startswith("long: danced at 96 beats per minute, as given; ")
    assert generate(folder, *words, "--beats", "DIR/labels.txt", "--overwrite") == 0
    assert "long: danced at 100 beats per minute, as given; " in capsys.readouterr().out


def test_dances_that_are_there_are_kept_unless_asked(folder, tmp_path, capsys):
    words = ("DIR/song.wav", "--model", "DIR/run", "--format", "bvh", "--seconds", "0.2", "--out", str(tmp_path))
    assert generate(folder, *words) == 0
    before = (tmp_path / "song.bvh").read_bytes()
    assert generate(folder, *words, "--seed", "7") == 2
    assert "song.bvh is there already; add --overwrite" in capsys.readouterr().err
    assert (tmp_path / "song.bvh").read_bytes() == before
    assert generate(folder, *words, "--seed", "7", "--overwrite") == 0
    assert (tmp_path / "song.bvh").read_bytes() != before


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_fewer_bits_say_what_they_cost(folder, tmp_path, precision, monkeypatch, capsys):
    monkeypatch.setattr("transflower.nn.quantised._MIN_SIZE", 1)
    words = ("--model", "DIR/causal", "--format", "bvh", "--out", str(tmp_path))
    assert generate(folder, "DIR/song.wav", *words) == 0
    assert "full precision" not in capsys.readouterr().out
    assert generate(folder, "DIR/song.wav", *words, "--overwrite", "--precision", precision) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    said = re.fullmatch(rf"{precision} moves the first 25 frames by (\S+) standard deviations .*full precision.*", last)
    assert said is not None
    assert 0 < float(said.group(1)) < 1
