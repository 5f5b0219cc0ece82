"""The benchmarks run, at sizes that measure nothing."""

import re

import pytest
import torch

from benchmarks import __main__ as benchmarks
from benchmarks import bvh, extraction, generation, machine, realtime, starting, streaming, training, video
from benchmarks.models import Size, make_causal, make_windowed
from transflower.synthetic.recording import write_recordings

TINY = Size(width=16, heads=2, input_layers=1, layers=1, flow_steps=1)


@pytest.fixture(autouse=True)
def _quick_machine(monkeypatch):
    monkeypatch.setattr(machine, "flops_per_second", lambda: 1e11)
    monkeypatch.setattr(machine, "bytes_per_second", lambda num_bytes: 1e10)


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (lambda: bvh.run(seconds=8.0, budget=0), ["transflower", "bvhio"]),
        (
            lambda: training.run(pairs={("live-tiny", "transflower-tiny"): 1}, budget=0),
            ["live-tiny", "transflower-tiny"],
        ),
        (lambda: video.run(seconds=0.2), ["720p", "720p", "1080p", "1080p", "9:16", "9:16"]),
    ],
    ids=["bvh", "training", "video"],
)
def test_every_way_is_shown_beside_its_floor(run, names):
    _, head, *rows = run().splitlines()
    assert "floor" in head
    assert [row.split()[0].rstrip(",") for row in rows] == names


def test_generation_shows_windowed_and_live_models_in_all_precisions(monkeypatch):
    makers = {"transflower-tiny": make_windowed, "live-tiny": make_causal}
    monkeypatch.setattr(generation, "make_preset", lambda name: (makers[name](TINY), None))
    shown = generation.run(pairs=[("transflower-tiny", "live-tiny")], batch_sizes=[2], budget=0)
    title, head, *rows = shown.splitlines()
    assert "2 at a time" in title
    assert "floor" in head
    assert [row.split(":")[0].split() for row in rows[4:]] == [["live-tiny", name] for name in ("fp32", "bf16", "int8")]
    assert all("times transflower-tiny fp32; weights at" in row for row in rows[4:])
    assert [row.split()[:2] for row in rows[:4]] == [
        ["transflower-tiny", "fp32"],
        ["live-tiny", "fp32"],
        ["live-tiny", "bf16"],
        ["live-tiny", "int8"],
    ]


def test_a_start_tells_what_each_stage_took():
    title, first = starting.run(sequences=25, starts=1).splitlines()
    assert "25 sequences" in title
    stages = re.findall(r"(imports|recordings|first step) (\d+\.\d) \(", first)
    assert [name for name, _ in stages] == ["imports", "recordings", "first step"]
    assert all(float(seconds) > 0 for name, seconds in stages if name != "recordings")


def test_windows_that_are_read_stand_beside_those_that_are_learnt(monkeypatch):
    monkeypatch.setattr(streaming, "best_seconds", lambda work, budget: 2.0)
    shown = streaming.run(presets=["live-tiny"], sequences=3, seconds=0)
    assert re.search(r"live-tiny +\d+ read/s +1\.00 learnt/s +\d+x", shown)


def test_extraction_stands_beside_loops_over_other_libraries(tmp_path, monkeypatch):
    write_recordings(tmp_path, songs=1, seconds=12, seed=0)
    loops = {"_by_bvhio": 12.0, "_by_librosa": 12.0, "_by_librosa_levels": 12.0}
    for name, seconds in loops.items():
        monkeypatch.setattr(extraction, name, lambda path, seconds=seconds: seconds)
    rows = [line for line in extraction.run(tmp_path, budget=0, copies=1).splitlines() if line.startswith("  ")]
    assert [row.split()[0] for row in rows] == ["transflower,", "loop", *2 * ["transflower,"], *3 * ["loop"]]
    assert all("0.2 min in" in row for row in rows)


def test_realtime_counts_every_frame_of_the_sound():
    shown = realtime.run(minutes=1 / 60, preset="live-tiny", sleep=lambda seconds: None)
    frames = int(shown.splitlines()[1].split()[0])
    assert 25 < frames <= 30


def test_attention_counts_as_the_two_products_that_it_is():
    query = torch.randn(1, 2, 8, 4)
    attend = torch.nn.functional.scaled_dot_product_attention
    assert machine.count_flops(lambda: attend(query, query, query)) == 2 * (2 * 2 * 8 * 8 * 4)


@pytest.mark.parametrize("make", [make_causal, make_windowed])
def test_step_of_generation_goes_on_for_ever(make):
    step = generation.make_step(make(TINY).eval(), batch_size=2)
    for _ in range(5):
        step()


def test_what_is_timed_is_the_model_in_its_precision(monkeypatch):
    timed = []
    make_step = generation.make_step

    def noted(model, **kwargs):
        timed.append(getattr(model, "precision", "unprepared"))
        return make_step(model, **kwargs)

    monkeypatch.setattr(generation, "make_step", noted)
    monkeypatch.setattr(generation, "make_preset", lambda name: (make_causal(TINY), None))
    generation.run(pairs=(("windowed", "live"),), batch_sizes=(1,), budget=0)
    assert timed[1::2] == ["fp32", "fp32", "bf16", "int8"]


def test_unknown_benchmark_is_refused_with_the_names_there_are(capsys):
    assert benchmarks.main(["speed"]) == 2
    known = "bvh, extraction, generation, starting, streaming, training, video, learning"
    assert f"there are: {known}" in capsys.readouterr().err
