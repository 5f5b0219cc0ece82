import numpy as np
import pytest

from transflower.evaluation.kinetic_features import at_rate, kinetic_features


def by_hand(positions, fps=60):
    """The definition, frame by frame: means of up to five velocities or accelerations around each step."""
    velocity = (positions[1:] - positions[:-1]) * fps
    acceleration = (velocity[1:] - velocity[:-1]) * fps
    found = []
    for joint in range(positions.shape[1]):
        horizontal, vertical, spent = [], [], []
        for step in range(len(velocity)):
            some = velocity[max(0, step - 2) : step + 3, joint].mean(axis=0)
            horizontal.append(some[0] ** 2 + some[2] ** 2)
            vertical.append(some[1] ** 2)
            spent.append(np.linalg.norm(acceleration[max(0, step - 2) : step + 3, joint].mean(axis=0)))
        found += [np.mean(horizontal), np.mean(vertical), np.mean(spent)]
    return found


def test_they_are_those_of_the_definition():
    positions = np.cumsum(np.random.default_rng(0).normal(0, 0.02, (9, 2, 3)), axis=0)
    np.testing.assert_allclose(kinetic_features(positions, 60.0), by_hand(positions))


@pytest.mark.parametrize("fps", [20.0, 30.0, 60.0, 120.0])
def test_even_motion_has_the_energy_of_its_speed_at_any_frame_rate(fps):
    seconds = np.arange(round(2 * fps)) / fps
    positions = np.stack([3 * seconds, 0.5 * seconds, 4 * seconds], axis=-1)[:, None]
    np.testing.assert_allclose(kinetic_features(positions, fps), [25, 0.25, 0], atol=1e-6)


def test_falling_has_the_acceleration_of_the_fall():
    seconds = np.arange(60) / 30
    positions = np.stack([0 * seconds, 10 - 4.9 * seconds**2, 0 * seconds], axis=-1)[:, None]
    assert kinetic_features(positions, 30.0)[2] == pytest.approx(9.8)


def test_frames_between_frames_lie_on_the_path():
    seconds = np.arange(31) / 30
    positions = np.stack([np.sin(3 * seconds), np.cos(2 * seconds), seconds], axis=-1)[:, None]
    finer = at_rate(positions, 30.0, 60.0)
    assert len(finer) == 61
    np.testing.assert_allclose(finer[::2], positions, atol=1e-12)
    np.testing.assert_allclose(finer[1::2, 0, 0], np.sin(3 * (seconds[:-1] + 1 / 60)), atol=1e-4)
