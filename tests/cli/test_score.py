"""``transflower score``."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import make_sidecars, save_bvh, save_data, save_run, save_song, train
from tests.motion.factories import make_clip, make_skeleton
from transflower import cli
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.evaluation.surprise import Stretch
from transflower.formats.bvh import write_bvh
from transflower.models import save_model
from transflower.viewer.page import is_page


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run, a folder of features, a song and motion."""
    folder = tmp_path_factory.mktemp("score")
    save_run(folder / "run" / "best", "causal")
    (folder / "run" / "metrics.jsonl").write_text('{"step": 1, "val/nll": 1.25}\n{"step": 2, "val/nll": 1.5}\n')
    save_run(folder / "plain", sidecars={})
    save_data(folder / "data", num_frames=60)
    save_song(folder / "song.wav", 3.5)
    save_bvh(folder / "dance.bvh", 90)
    save_bvh(folder / "short.bvh", 45)
    save_bvh(folder / "chain.bvh", skeleton=make_skeleton(num_joints=3))
    write_wav(folder / "silence.wav", Audio(np.zeros((56000, 1), np.float32), 16000))
    return folder


def test_frames_and_rate_that_were_read_are_told(folder, tmp_path, caplog):
    caplog.set_level("INFO", logger="transflower")
    words = ("DIR/dance.bvh", "DIR/song.wav", "--model", "DIR/run", "--out", str(tmp_path), "--source_fps", "45")
    assert score(folder, *words) == 0
    assert "dance.bvh: 90 frames, 45 a second, 2.00 s; the song has 3.50 s" in caplog.text


def score(folder, *words):
    return cli.main(["score", *(word.replace("DIR", str(folder)) for word in words)])


def test_a_dance_is_scored_frame_by_frame_with_a_figure_and_a_page(folder, tmp_path, capsys):
    words = (
        "DIR/dance.bvh",
        "DIR/song.wav",
        "--model",
        "DIR/run",
        "--out",
        str(tmp_path / "out"),
        "--page",
        "--offset=-0.5",
    )
    assert score(folder, *words) == 0
    told = capsys.readouterr().out
    assert "the motion has 3.00 s and the song 3.50 s; scored are the 2.50 s that they share" in told
    assert "the song: no beat heard" in told
    assert "of held-out data in its training, -1.25" in told
    with (tmp_path / "out" / "dance.score.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50, "at the 20 frames a second of the model"
    assert {"seconds", "log_likelihood", "typical", "surprise", "surprise root"} <= set(rows[0])
    mean = np.mean([float(row["log_likelihood"]) for row in rows[20:]])
    assert f"log-likelihood {mean:.2f} nats/dim ({mean / np.log(2):.2f} bits/dim" in told
    assert (tmp_path / "out" / "dance.score.png").read_bytes().startswith(b"\x89PNG")
    assert is_page(tmp_path / "out" / "dance.score.html")


def test_features_of_the_song_do_as_well_as_its_sound(folder, tmp_path):
    words = ("DIR/dance.bvh", "DIR/data/one.audio.npy", "--model", "DIR/run", "--out", str(tmp_path), "--page")
    assert score(folder, *words) == 0
    assert is_page(tmp_path / "dance.score.html")


def test_a_glitch_is_told_with_its_time(folder, tmp_path, capsys):
    clip = make_clip(120, fps=20.0)
    rotations = clip.rotations.copy()
    rotations[80, 1] = -rotations[20, 1][[1, 0, 3, 2]]
    write_bvh(tmp_path / "glitch.bvh", replace(clip, rotations=rotations))
    save_song(tmp_path / "song.wav", 6.0)
    words = (f"{tmp_path}/glitch.bvh", f"{tmp_path}/song.wav", "--model", "DIR/run", "--out", str(tmp_path))
    assert score(folder, *words) == 0
    first = capsys.readouterr().out.split("parts\n")[1].split("\n")[0]
    start, stop = (float(word) for word in first.split()[1:4:2])
    assert start <= 4.0 <= stop


def test_a_page_lists_all_stretches_and_the_terminal_the_worst(folder, tmp_path, capsys, monkeypatch):
    some = [Stretch(start=2 + 0.1 * n, stop=2.05 + 0.1 * n, parts=(), lowest=-9.0, deviations=9.0) for n in range(12)]
    monkeypatch.setattr("transflower.evaluation.score.surprising_stretches", lambda *_: some)
    words = ("one", "--data", "DIR/data", "--model", "DIR/run", "--out", str(tmp_path), "--page")
    assert score(folder, *words) == 0
    assert "and 2 more stretches that stand out" in capsys.readouterr().out
    assert (tmp_path / "one.score.html").read_text(encoding="utf-8").count('"lowest":-9.0') == 12


def test_a_sequence_of_a_folder_is_scored_by_its_id(folder, tmp_path, capsys):
    assert score(folder, "one", "--data", "DIR/data", "--model", "DIR/run", "--out", str(tmp_path)) == 0
    assert "over 3.0 s" in capsys.readouterr().out
    assert (tmp_path / "one.score.csv").exists()


def test_the_offset_is_looked_for_and_claimed_only_where_it_is_sure(folder, tmp_path, capsys):
    save_bvh(tmp_path / "long.bvh", 330)
    save_song(tmp_path / "song.wav", 11.0)
    words = (f"{tmp_path}/long.bvh", f"{tmp_path}/song.wav", "--model", "DIR/run", "--out", str(tmp_path))
    assert score(folder, *words, "--find_offset", "--most", "0.1") == 0
    assert "no shift is claimed" in capsys.readouterr().out, "it was not danced to that song"
    assert len((tmp_path / "long.offset.csv").read_text().splitlines()) == 6
    assert (tmp_path / "long.offset.png").exists()
    save_bvh(tmp_path / "later.bvh", 270)
    words = (f"{tmp_path}/later.bvh", *words[1:])
    assert score(folder, *words, "--find_offset", "--most", "0.1", "--offset", "1") == 0
    table = (tmp_path / "later.offset.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in (table[1], table[-1])] == ["0.9000", "1.1000"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("DIR/dance.bvh", "DIR/silence.wav"), "the music of dance is silent throughout"),
        (("DIR/short.bvh", "DIR/song.wav"), "1.5 seconds in common"),
        (("DIR/dance.bvh", "DIR/song.wav", "--offset", "9"), "no moment in common"),
        (("DIR/chain.bvh", "DIR/song.wav"), "cannot be put on the model's skeleton"),
        (("DIR/nothing.bvh", "DIR/song.wav"), "nothing.bvh"),
        (("DIR/dance.bvh", "DIR/nothing.wav"), "there is no such file"),
        (("DIR/dance.bvh",), "name the sound file"),
        (("DIR/dance.bvh", "DIR/song.wav", "--find_offset"), "are needed; take a longer dance"),
        (("DIR/dance.bvh", "DIR/song.wav", "--style", "salsa"), "the model is given no style"),
        (("DIR/dance.bvh", "DIR/song.wav", "--find_offset", "--most", "0.05"), "0.1"),
        (("three", "--data", "DIR/data"), "three"),
    ],
)
def test_wrong_uses_are_told_in_a_sentence(folder, tmp_path, capsys, words, told):
    assert score(folder, *words, "--model", "DIR/run", "--out", str(tmp_path / "out")) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_a_model_that_says_nothing_of_its_motion_is_refused(folder, capsys):
    assert score(folder, "DIR/dance.bvh", "DIR/song.wav", "--model", "DIR/plain") == 2
    assert "draws 0 motions" in capsys.readouterr().err


def test_a_model_without_a_density_is_refused(folder, tmp_path, capsys, monkeypatch):
    save_model(tmp_path / "model", train(make_sidecars()), sidecars=make_sidecars())
    monkeypatch.setattr("transflower.models.heads.flow.FlowHead.has_density", False)
    assert score(folder, "DIR/dance.bvh", "DIR/song.wav", "--model", str(tmp_path / "model")) == 2
    assert "has no likelihood" in capsys.readouterr().err
