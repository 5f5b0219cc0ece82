from dataclasses import replace

import numpy as np
import pytest

from tests.render.factories import stand
from transflower.motion import rotations as rot
from transflower.render.body import build_body
from transflower.render.camera import CameraPath
from transflower.render.canvas import RGB, Canvas
from transflower.render.shading import ShadedBody, Tones

SIZE = (320, 320)
TONES = Tones(left=(250, 20, 20), right=(20, 20, 250), trunk=(20, 250, 20))


def drawn(body, *, yaw=0.0, at=0.0):
    canvas = Canvas(SIZE, RGB)
    camera = CameraPath(body.spheres, body.fps, yaw=yaw, size=SIZE).at(at)
    ShadedBody(body, TONES, shade=(0, 0, 0)).draw(canvas, at, camera)
    return np.asarray(canvas.image()).astype(int)


def where(pixels, channel):
    """Columns and rows in which one colour prevails."""
    others = np.delete(pixels, channel, axis=-1).max(axis=-1)
    rows, columns = np.nonzero(pixels[..., channel] > 2 * others + 20)
    return columns, rows


def test_who_faces_us_has_the_left_side_on_our_right():
    pixels = drawn(build_body(stand()))
    assert where(pixels, 0)[0].mean() > where(pixels, 1)[0].mean() > where(pixels, 2)[0].mean()


def test_who_turns_the_back_has_the_left_side_on_our_left():
    pixels = drawn(build_body(stand()), yaw=np.pi)
    assert where(pixels, 0)[0].mean() < where(pixels, 2)[0].mean()


def test_the_side_that_is_nearer_hides_the_other():
    pixels = drawn(build_body(stand()), yaw=np.pi / 2)
    assert len(where(pixels, 0)[0]) > 5 * len(where(pixels, 2)[0])


@pytest.mark.parametrize("yaw", [0.0, 0.3, 0.6])
def test_the_trunk_covers_the_thighs_of_who_stands_and_a_lifted_knee_covers_the_trunk(yaw):
    clip = stand()
    lifted = clip.rotations.copy()
    lifted[:, clip.skeleton.index("LeftUpLeg")] = rot.from_euler(np.radians([-110.0]), "X")
    lifted[:, clip.skeleton.index("LeftLeg")] = rot.from_euler(np.radians([110.0]), "X")
    for rotations, is_covered in ((clip.rotations, True), (lifted, False)):
        body = build_body(replace(clip, rotations=rotations))
        hip = next(part for part in body.parts if part.tone == "left").spheres[0]
        pixels = drawn(body, yaw=yaw)
        places, _ = CameraPath(body.spheres, body.fps, yaw=yaw, size=SIZE).at(0.0).project(body.spheres[0])
        column, row = places[hip].round().astype(int)
        assert (pixels[row, column].argmax() == 1) == is_covered


def test_the_head_is_above_the_feet():
    _, rows = where(drawn(build_body(stand())), 1)
    assert rows.min() < SIZE[1] / 4
    assert rows.max() > SIZE[1] * 3 / 4


def test_limbs_are_round_not_flat():
    pixels = drawn(build_body(stand()))
    columns, rows = where(pixels, 0)
    assert len(np.unique(pixels[rows, columns, 0])) > 8


def test_edges_are_smooth():
    pixels = drawn(build_body(stand())).sum(axis=-1)
    steps = np.abs(np.diff(pixels, axis=1))
    assert ((steps > 5) & (steps < 100)).sum() > (steps > 200).sum()


def test_a_body_outside_the_picture_is_not_drawn():
    body = build_body(stand())
    canvas = Canvas(SIZE, RGB)
    camera = CameraPath(body.spheres + np.array([100.0, 0, 0]), body.fps, yaw=0.0, size=SIZE).at(0.0)
    ShadedBody(body, TONES, shade=(0, 0, 0)).draw(canvas, 0.0, camera)
    assert not canvas.data.any()


def test_tones_mix():
    other = Tones(left=(50, 40, 30), right=(20, 20, 250), trunk=(20, 250, 20))
    assert TONES.towards(other, 0.0) == TONES
    assert TONES.towards(other, 0.5).left == (150, 30, 25)
