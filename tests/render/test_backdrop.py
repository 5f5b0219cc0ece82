import numpy as np

from tests.render.factories import stand
from transflower.render.backdrop import GRID_METRES, Backdrop
from transflower.render.body import build_body
from transflower.render.camera import CameraPath
from transflower.render.canvas import RGB
from transflower.render.shading import ShadedBody, Tones

SIZE = (320, 180)


def camera_on(body):
    return CameraPath(body.spheres, body.fps, yaw=0.4, size=SIZE).at(0.0)


def room(body, *, lift=0.0):
    """Brightness of the room, without and with the shadow of a body that is lifted off the floor."""
    camera = camera_on(body)
    backdrop = Backdrop(camera, SIZE, RGB, floor=-lift)
    empty = backdrop.draw(camera)
    shaded = empty.copy()
    backdrop.cast_shadow(shaded, ShadedBody(body, Tones((9, 9, 9), (9, 9, 9), (9, 9, 9)), shade=(0, 0, 0)), 0.0, camera)
    return tuple(np.asarray(image.image()).astype(int).sum(axis=-1) for image in (empty, shaded))


def test_feet_cast_a_shadow_where_they_stand():
    body = build_body(stand())
    empty, shaded = room(body)
    rows, columns = np.nonzero(empty - shaded > 40)
    feet = camera_on(body).project(body.spheres[0][body.spheres[0, :, 1] < 0.2])[0]
    assert abs(columns.mean() - feet[:, 0].mean()) < 15
    assert abs(rows.mean() - feet[:, 1].mean()) < 15
    assert (shaded <= empty).all()


def test_the_shadow_fades_with_height():
    body = build_body(stand())
    (empty, near), (high_empty, far) = room(body), room(body, lift=0.3)
    assert (empty - near).max() > 1.5 * (high_empty - far).max()


def test_the_floor_moves_with_the_world():
    body = build_body(stand())
    camera = camera_on(body)
    backdrop = Backdrop(camera, SIZE, RGB, floor=0.0)
    half, whole = (
        backdrop.draw(CameraPath(body.spheres + np.array([way, 0, 0]), 30.0, yaw=0.4, size=SIZE).at(0.0)).data
        for way in (GRID_METRES / 2, GRID_METRES)
    )
    np.testing.assert_array_equal(backdrop.draw(camera).data, whole)
    assert (half != whole).any()
