"""From a song and a folder with a model to files that can be watched."""

import re
from dataclasses import replace

import av
import numpy as np
import pytest

from tests.formats.character.characters import Character
from tests.generation.factories import (
    AUDIO_DIM,
    copy_model,
    make_sidecars,
    motion_sidecar_of,
    save_bvh,
    save_data,
    save_run,
    save_song,
)
from tests.motion.factories import make_skeleton
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from transflower import cli, models
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.formats.bvh import read_bvh
from transflower.formats.gltf.container import read_gltf
from transflower.models import InputConfig, OutputConfig

SMALL = ("--render.width", "64", "--render.height", "64", "--render.fps", "10")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models, data, songs and seeds."""
    folder = tmp_path_factory.mktemp("folder")
    save_run(folder / "run" / "best")
    save_run(folder / "causal", "causal")
    save_run(folder / "plain", sidecars={})
    save_data(folder / "data")
    save_song(folder / "song.wav", 1.23)
    save_bvh(folder / "seed.bvh")
    save_bvh(folder / "chain.bvh", skeleton=make_skeleton(num_joints=3))
    (folder / "empty.wav").touch()
    save_song(folder / "long.wav", 6.0)
    labels = [f"{beat:.6f}\t{beat:.6f}\tbeat" for beat in 0.3 + 0.6 * np.arange(9)]
    (folder / "labels.txt").write_text("\n".join(labels), encoding="utf-8")
    (folder / "late.txt").write_text("60.0\n60.5\n61.0\n", encoding="utf-8")
    np.save(folder / "data" / "bad.audio.npy", np.full((20, AUDIO_DIM), np.nan))
    return folder


def generate(folder, *words: str) -> int:
    return cli.main(["generate", *(word.replace("DIR", str(folder)) for word in words)])


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "DIR/run"], "song: is required"),
        (["DIR/song.wav", "--model", "DIR/run", "--bpm", "500"], "--bpm must be 20 to 400, got 500"),
        (["DIR/song.wav", "--model", "DIR/run", "--bpm", "fast"], "--bpm"),
        (["DIR/song.wav", "--model", "DIR/run", "--first_beat", "-1"], "--first_beat must be a second of the song"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--beats", "DIR/labels.txt", "--bpm", "100"],
            "--beats says when every beat is; leave out --bpm",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--beats", "DIR/missing.txt"], "missing.txt: there is no such file"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--beats", "DIR"],
            "has no file of beats for 'song'; name one song.txt",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--beats", "DIR/song.wav"], "song.wav: is not UTF-8 text"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--beats", "DIR/late.txt"],
            "is 1.25 s long, and the first of the given",
        ),
        (
            ["one", "--model", "DIR/run", "--data", "DIR/data", "--format", "bvh", "--bpm", "100"],
            "the features of one are stored and cannot follow given beats; name its sound file",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--bpm", "100", "--beats", "DIR/late.txt"], "leave out --bpm"),
        (["DIR/song.wav", "--model", "DIR/nowhere"], "nowhere: there is no such folder"),
        (["DIR/song.wav", "--model", "DIR/data"], "holds no model"),
        (["DIR/missing.wav", "--model", "DIR/run"], "missing.wav: there is no such file"),
        (["DIR/empty.wav", "--model", "DIR/run"], "empty.wav: is empty"),
        (["one", "--model", "DIR/run"], "one: there is no such file; to dance to a sequence"),
        (["three", "--model", "DIR/run", "--data", "DIR/data"], "three.audio.npy: is missing"),
        (["../one", "--model", "DIR/run", "--data", "DIR/data"], "'../one' cannot be part of a file name"),
        (
            ["bad", "--model", "DIR/run", "--data", "DIR/data"],
            "bad.audio.npy: does not fit the model's 'audio': it is nan",
        ),
        (["one", "--model", "DIR/run", "--data", "DIR/data"], "no sound for a video of one; name it by --music"),
        (["DIR/song.wav", "--model", "DIR/run", "--sampling.steps", "3"], "sampling.steps: no head of this model has"),
        (["DIR/song.wav", "--model", "DIR/plain"], "does not say how its features are made of sound"),
        (["one", "--model", "DIR/plain", "--data", "DIR/data"], "does not say which motion its motion is"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--prompt", "DIR/chain.bvh"],
            "told from the names and the shape of its 11 joints",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--prompt", "two"], "two: a prompt is a .bvh or"),
        (["DIR/song.wav", "--model", "DIR/run", "--prompt_until", "1"], "--prompt_until says where a prompt ends"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--temperature", "-1"],
            "--temperature: should be greater than or equal",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--temperature", "hot"], "--temperature"),
        (["DIR/song.wav", "--model", "DIR/run", "--temperature", ".nan"], "got nan"),
        (["DIR/song.wav", "--model", "DIR/run", "--samples", "0"], "--samples: should be greater than or equal to 1"),
        (["DIR/song.wav", "--model", "DIR/run", "--seconds", "0"], "--seconds: should be greater than 0"),
        (["DIR/song.wav", "--model", "DIR/run", "--inputs.hat", "DIR/song.wav"], "inputs.hat: the model is not given"),
        (["DIR/song.wav", "--model", "DIR/run", "--format", ""], "nothing would be written"),
        (["DIR/song.wav", "--model", "DIR/run", "--page", "--samples", "9"], "a page shows 8 dances at most"),
        (
            ["DIR/song.wav", "--together", "--samples", "12", "--render.columns", "1", "--render.height", "360"],
            "12 dancers in 1 columns have pictures of 1280 x 30 pixels",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--format", "glb", "--video"], "--video is said by --format now"),
        (["DIR/song.wav", "--model", "DIR/run", "--format", "glb", "--bvh_preset", "unity"], "add bvh to --format"),
        (["DIR/song.wav", "--model", "DIR/run", "--onto", "DIR/missing.vrm"], "missing.vrm"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--onto", "DIR/chain.bvh"],
            "chain.bvh has no",
        ),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--onto", "DIR/song.wav"],
            "song.wav: is no character; there are: .bvh",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--map", "DIR/map.txt"], "--map is the table of a character"),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--bvh_preset", "maya"],
            "there is no BVH preset 'maya'; there are: bl",
        ),
        (
            ["DIR/song.wav", "--model", "DIR/run", "--format", "vrm"],
            "a .vrm file is a character with a dance inside",
        ),
        (["DIR/song.wav", "--model", "DIR/run", "--device", "toaster"], "--device toaster is no device"),
        (["DIR/song.wav", "--model", "DIR/run", "--device", "meta"], "--device meta is no device"),
        (["DIR/song.wav", "--model", "DIR/run", "--device", "hpu"], "--device hpu is no device"),
        (["DIR/song.wav", "--model", "DIR/run", "--device", "meta:1"], "--device meta:1 is no device"),
        (["DIR/song.wav", "--model", "DIR/run", "--device", "xpu:7"], "--device xpu:7 cannot be used here"),
        (["DIR/song.wav", "--model", "DIR/run", "--render.width", "63"], "even and at least 64"),
        (["DIR/song.wav", "--model", "DIR/run", "--temprature", "1"], "did you mean --temperature?"),
    ],
)
def test_what_cannot_be_danced_exits_with_2_and_writes_nothing(folder, tmp_path, capsys, words, message):
    out = tmp_path / "out"
    code = generate(folder, *words, "--out", str(out))
    captured = capsys.readouterr()
    assert code == 2
    assert message in captured.err
    assert captured.err.count("transflower: error: ") == 1
    assert "Traceback" not in captured.err
    assert not out.exists()


def test_dances_that_are_there_are_kept_unless_asked(folder, tmp_path, capsys):
    words = ("DIR/song.wav", "--model", "DIR/run", "--format", "bvh", "--seconds", "0.2", "--out", str(tmp_path))
    assert generate(folder, *words) == 0
    before = (tmp_path / "song.bvh").read_bytes()
    assert generate(folder, *words, "--seed", "7") == 2
    assert "song.bvh is there already; add --overwrite" in capsys.readouterr().err
    assert (tmp_path / "song.bvh").read_bytes() == before
    assert generate(folder, *words, "--seed", "7", "--overwrite") == 0
    assert (tmp_path / "song.bvh").read_bytes() != before


# In time with the music

CLICKS = (0.3, 0.74, 1.1)
RATE = 50.0


def clicks(seconds: float = 1.4, sample_rate: int = 44100) -> Audio:
    """A little hiss, and short loud clicks."""
    samples = 1e-4 * np.random.default_rng(0).standard_normal((round(seconds * sample_rate), 1))
    for moment in CLICKS:
        start = round(moment * sample_rate)
        samples[start : start + sample_rate // 200] = 0.8 * (-1.0) ** np.arange(sample_rate // 200)[:, None]
    return Audio(samples.astype(np.float32), sample_rate)


def test_the_dancer_of_the_video_moves_when_the_click_is_heard(folder, tmp_path, monkeypatch):
    """Sound file -> features -> a dancer whose hips rise with the loudness -> MP4, in which both are measured."""
    settings = AudioSettings(fps=RATE, sample_rate=24000, mels=4, n_fft=512)
    path = tmp_path / "clicks.wav"
    write_wav(path, clicks())
    sidecar = replace(motion_sidecar_of(make_sidecars()), fps=RATE)
    height = sidecar.names.index("Hips_Yposition")
    model = copy_model(
        {"audio": InputConfig(length=3, offset=-1)},
        {"motion": OutputConfig()},
        rows={"audio": 1},
        dims={"audio": len(audio_features.names(settings)), "motion": len(sidecar.names)},
        columns=(0,) * len(sidecar.names),
    )
    head = model.heads["motion"]
    copied = head.sample

    def rise(*args, **options):
        frames, state = copied(*args, **options)
        loudness = frames[:, :, :1, :1].clone()
        frames[:, :, 0] = 0.0
        frames[..., height : height + 1] = 0.9 + 0.3 * (loudness > -60.0)
        return frames, state

    head.sample = rise
    model.streams = {name: replace(stream, fps=RATE) for name, stream in model.streams.items()}
    sidecars = {"motion": sidecar.to_dict(), "audio": audio_features.sidecar(settings)}
    loaded = replace(models.load_model(folder / "run"), model=model, sidecars=sidecars)
    monkeypatch.setattr(models, "load_model", lambda path: loaded)
    render = ("--render.width", "64", "--render.height", "64", "--render.fps", "100", "--render.no_waveform")
    assert generate(folder, str(path), "--model", "DIR/run", "--format", "mp4", "--out", str(tmp_path), *render) == 0
    errors = rises(tmp_path / "clicks.mp4") - heard(tmp_path / "clicks.mp4")
    assert np.abs(errors).max() < 0.01


def rises(path) -> np.ndarray:
    """Middles of the stretches of time in which the picture differs from how it mostly looks."""
    with av.open(str(path)) as container:
        frames = [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="gray")) for frame in container.decode(video=0)
        ]
    pictures = np.stack([picture for _, picture in frames]).astype(float)
    change = np.abs(pictures - np.median(pictures, axis=0)).mean(axis=(1, 2))
    return middles(np.array([moment for moment, _ in frames]), change > change.max() / 2)


def heard(path) -> np.ndarray:
    """Middles of the clicks."""
    with av.open(str(path)) as container:
        blocks = [
            (float(frame.pts * frame.time_base), frame.sample_rate, frame.to_ndarray())
            for frame in container.decode(audio=0)
        ]
    moments = np.concatenate([start + np.arange(block.shape[1]) / rate for start, rate, block in blocks])
    levels = np.concatenate([np.abs(block).max(axis=0) for *_, block in blocks])
    return middles(moments, levels > 0.2)


def middles(moments: np.ndarray, is_on: np.ndarray) -> np.ndarray:
    on = moments[is_on]
    starts, ends = on[np.diff(on, prepend=-1) > 0.2], on[np.diff(on, append=np.inf) > 0.2]
    assert len(starts) == len(CLICKS)
    return (starts + ends) / 2


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
