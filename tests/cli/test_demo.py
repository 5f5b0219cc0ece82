import pytest

from tests.evaluation.factories import quick_recogniser
from transflower import cli
from transflower.core import workers
from transflower.core.options import load_yaml, write_yaml
from transflower.evaluation import ground_truth_metrics
from transflower.formats.bvh import read_bvh
from transflower.models.presets import PRESETS

SECONDS = 7
TINY = (
    f"--preset quick --songs 10 --seconds {SECONDS} --minutes 0.02 --samples 1 "
    "--render.width 128 --render.height 64 --render.fps 5"
)
QUICK = """
extends: dancer-tiny
training: {positions: 60, validate_batches: 1, rollouts: {sequences: 1, samples: 1, frames: 30}}
"""
"""The preset of the demo with windows of two seconds, which validates in little time."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_goes_all_the_way_and_says_how_well(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(ground_truth_metrics, "move_recogniser", quick_recogniser)
    monkeypatch.setattr(workers, "has_semaphores", lambda: False)  # To start a process takes longer than its work.
    (tmp_path / "quick.yaml").write_text(QUICK)
    monkeypatch.setattr("transflower.models.presets.PRESETS", {**PRESETS, "quick": tmp_path / "quick.yaml"})
    assert cli.main(["demo", "--out", str(tmp_path / "demo"), *TINY.split()]) == 0
    told = capsys.readouterr().out
    for phrase in ("nats/dim", "by chance", "that appear: ", "unrecognised bars: ", "in truth"):
        assert phrase in told
    (video,) = (tmp_path / "demo" / "dance").glob("*.mp4")
    clip = read_bvh(video.with_suffix(".bvh")).clip
    assert clip.num_frames == SECONDS * 30
    assert str(video) in told
    for folder in ("at_once", "salsa"):
        assert [path.suffix for path in sorted((tmp_path / "demo" / folder).iterdir())] == [".bvh", ".mp4"]
    assert (tmp_path / "demo" / "moves.png").exists()
    assert load_yaml(tmp_path / "demo" / "demo.yaml")["seconds"] == SECONDS
    assert (tmp_path / "demo" / "run" / "last" / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--songs", "5"], "fewer than 10 songs"), (["--preset", "waltz"], "no preset 'waltz'")],
)
def test_what_cannot_be_shown_is_refused_before_anything_is_made(tmp_path, capsys, words, message):
    assert cli.main(["demo", "--out", str(tmp_path / "demo"), *words]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


def test_a_folder_of_a_demo_with_other_options_is_left_as_it_is(tmp_path, capsys):
    kept = {"preset": "dancer-tiny", "songs": 12, "seconds": 40.0, "noisy_share": 0.2, "seed": 0, "minutes": 9}
    (tmp_path / "demo").mkdir()
    write_yaml(tmp_path / "demo" / "demo.yaml", kept)
    assert cli.main(["demo", "--out", str(tmp_path / "demo"), "--songs", "20", "--seconds", "40"]) == 2
    assert "holds a demo with other options: songs (12 -> 20); go on with its own" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["demo.yaml"]
