"""What cannot be danced is told in one sentence."""

import pytest

from tests.cli.generating import generate


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
