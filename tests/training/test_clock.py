import pytest

from transflower.training import clock as clock_file
from transflower.training.clock import Clock


@pytest.fixture
def now(monkeypatch):
    time = [100.0]
    monkeypatch.setattr(clock_file.time, "monotonic", lambda: time[0])
    return time


def test_pauses_count_as_time_of_the_run_but_not_of_training(now):
    clock = Clock()
    clock.start()
    now[0] += 10
    clock.frames += 500
    with clock.pause():
        now[0] += 5
    assert clock.seconds == 15
    assert clock.frames_per_second == 50


def test_sessions_add_up(now):
    first = Clock()
    first.start()
    now[0] += 10
    first.frames += 100
    second = Clock()
    second.load_state_dict(first.state_dict())
    now[0] += 1000
    second.start()
    now[0] += 10
    second.frames += 300
    assert second.seconds == 20
    assert second.frames_per_second == 20
