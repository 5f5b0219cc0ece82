"""Shifts of a foot whose path is known."""

import numpy as np
import pytest

from transflower.motion.foot_shift import shifts_against_slide, steps_along_floor

FPS = 30.0
NUM_STEPS = 5
"""Two, and three frames of lookahead."""


def path(speeds: np.ndarray, height: float = 0.0) -> np.ndarray:
    """A foot of one point that moves along x at these speeds."""
    x = np.concatenate([[0], np.cumsum(speeds / FPS)])
    return np.stack([x, np.full(len(x), height), np.zeros(len(x))], axis=1)[:, None]


def shifted(foot: np.ndarray) -> np.ndarray:
    """How it moves along x when its shifts are put to it."""
    slide, stands = steps_along_floor(foot, np.zeros((len(foot), 1)), first=0, fps=FPS, num_steps=NUM_STEPS)
    shifts = shifts_against_slide(slide, stands, np.zeros((2, 2)), first=0, stop=len(foot), fps=FPS)
    assert np.all(shifts[:, 1] == 0)
    return np.diff(foot[:, 0, 0] + shifts[:, 0]) * FPS


def test_a_foot_that_slides_slowly_stands_still():
    speeds = shifted(path(np.full(30, 0.1)))
    assert np.abs(speeds).max() < 0.02


@pytest.mark.parametrize("foot", [path(np.full(30, 1.5)), path(np.full(30, 0.1), height=0.2)], ids=["fast", "high"])
def test_a_foot_that_moves_or_is_in_the_air_is_left_alone(foot):
    np.testing.assert_allclose(shifted(foot), np.diff(foot[:, 0, 0]) * FPS, atol=1e-9)


def test_a_foot_that_slides_far_is_let_go_without_a_jump():
    speeds = shifted(path(np.full(90, 0.3)))
    assert speeds[:5].max() < 0.1
    np.testing.assert_allclose(speeds[-10:], 0.3, atol=0.02)
    assert np.abs(np.diff(speeds)).max() < 0.25


def test_a_foot_that_is_lifted_comes_back_smoothly_to_where_it_was_drawn():
    foot = path(np.concatenate([np.full(20, 0.2), np.full(20, 2.0)]))
    speeds = shifted(foot)
    assert np.abs(speeds[:18]).max() < 0.1
    assert np.all(speeds[20:] > 1.9)
    np.testing.assert_allclose(speeds.sum() / FPS, foot[-1, 0, 0], atol=0.02)


def test_the_slowest_low_point_counts():
    heel, toes = path(np.full(10, 1.0)), path(np.full(10, 0.05))
    floor = np.zeros((1, 2))
    slide, stands = steps_along_floor(
        np.concatenate([heel, toes], axis=1), floor, first=4, fps=FPS, num_steps=NUM_STEPS
    )
    np.testing.assert_allclose(slide[0, :, 0] * FPS, 0.05)
    assert np.all(stands == 1)
    lifted = np.concatenate([heel, toes + np.array([0, 0.2, 0])], axis=1)
    assert np.all(steps_along_floor(lifted, floor, first=4, fps=FPS, num_steps=NUM_STEPS)[1] == 0)


def test_what_is_not_known_does_not_stand():
    foot = path(np.zeros(3))
    _, stands = steps_along_floor(foot, np.zeros((4, 1)), first=0, fps=FPS, num_steps=NUM_STEPS)
    expected = [[0, 0, 1, 1, 1], [0, 1, 1, 1, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]]
    np.testing.assert_array_equal(stands, expected)
