import numpy as np
import pytest

from transflower.render.camera import CameraPath

SIZE = (640, 360)
FPS = 30.0


def walk(num_frames=300, *, seed=0):
    """Six points that wander, with jumps of a metre now and then."""
    random = np.random.default_rng(seed)
    middle = np.cumsum(random.normal(0, 0.03, (num_frames, 1, 3)), axis=0)
    middle[150:] += [1.0, 0.0, 0.4]
    return middle + random.uniform(-0.8, 0.8, (num_frames, 6, 3)) + [0, 0.9, 0]


@pytest.mark.parametrize("yaw", [0.0, 0.5, 2.5])
def test_nobody_ever_leaves_the_picture(yaw):
    points = walk()
    path = CameraPath(points, FPS, yaw=yaw, size=SIZE)
    for frame in range(len(points)):
        pixels, scale = path.at(frame / FPS).project(points[frame])
        assert (scale > 0).all()
        assert (pixels > 0).all()
        assert (pixels < SIZE).all()


def test_the_camera_does_not_shake_with_what_it_sees():
    points = walk()
    path = CameraPath(points, FPS, yaw=0.3, size=SIZE)
    eyes = np.array([path.at(frame / FPS).eye for frame in range(len(points))])
    acceleration = np.abs(np.diff(eyes, n=2, axis=0)).max() * FPS**2
    shaking = np.abs(np.diff(points.mean(axis=1), n=2, axis=0)).max() * FPS**2
    assert acceleration < shaking / 20


def test_the_camera_follows_without_lag():
    points = np.linspace(0, 9, 270)[:, None, None] * [1.0, 0, 0] + np.array([[0, 0, 0], [0, 1.8, 0]])
    path = CameraPath(points, FPS, yaw=0.0, size=SIZE)
    pixels, _ = path.at(4.5).project(points[135])
    np.testing.assert_allclose(pixels[:, 0], SIZE[0] / 2, atol=0.5)


def test_a_camera_before_the_dancer_has_its_left_to_the_right_of_the_picture():
    points = np.array([[[0.5, 0.0, 0.0], [-0.5, 1.0, 0.0], [0.0, 0.5, 1.0]]])
    pixels, scale = CameraPath(points, FPS, yaw=0.0, size=SIZE).at(0.0).project(points[0])
    assert pixels[0, 0] > pixels[2, 0] > pixels[1, 0]
    assert pixels[0, 1] > pixels[1, 1]
    assert scale[2] > scale[0]


def test_the_camera_stands_still_beyond_the_ends():
    points = walk(60)
    path = CameraPath(points, FPS, yaw=0.0, size=SIZE)
    np.testing.assert_array_equal(path.at(-3.0).eye, path.at(0.0).eye)
    np.testing.assert_array_equal(path.at(99.0).eye, path.at(59 / FPS).eye)
