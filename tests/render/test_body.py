from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from tests.render.factories import make_body, stand
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points
from transflower.motion.skeleton import Skeleton
from transflower.render.body import build_body


def wrapped(body, tone):
    return sorted({sphere for part in body.parts if part.tone == tone for sphere in part.spheres})


@pytest.mark.parametrize(
    "skeleton",
    [
        make_body(),
        make_skeleton(),
        make_skeleton(above=("root",)),
        replace(make_skeleton(), end_sites={}),
        make_body(fingers=5),
        *(make_skeleton(num_joints=count) for count in (1, 2, 3, 8)),
        Skeleton(("lonely",), (-1,), np.zeros((1, 3))),
        Skeleton(("a", "b"), (-1, 0), np.zeros((2, 3))),
    ],
    ids=[
        "humanoid",
        "no elbows",
        "helper above",
        "no end sites",
        "fingers",
        "1",
        "2",
        "3",
        "8",
        "a point",
        "no length",
    ],
)
def test_any_skeleton_gets_a_body(skeleton):
    body = build_body(make_clip(4, skeleton=skeleton))
    assert body.parts
    assert body.spheres.shape == (4, len(body.radii), 3)
    assert np.isfinite(body.spheres).all()
    assert (body.radii > 0).all()
    assert {part.group for part in body.parts} == set(range(len(body.groups)))


def test_the_body_surrounds_every_bone():
    clip = make_clip(3, skeleton=make_body(fingers=5))
    body, positions = build_body(clip), points(clip)
    distance = np.linalg.norm(positions[:, :, None] - body.spheres[:, None], axis=-1) - body.radii
    assert distance.min(axis=2).max() < 0.05


def test_every_finger_is_drawn():
    with_fingers, without = (build_body(stand(make_body(fingers=fingers))) for fingers in (5, 0))
    # Where there are fingers, the palm is one part instead of two.
    assert len(with_fingers.parts) - len(without.parts) == 2 * (5 * 3 - 1)


def test_a_giant_is_thick_in_proportion():
    clip = stand()
    small = clip.skeleton
    sites = {joint: tuple(3 * value for value in tip) for joint, tip in small.end_sites.items()}
    skeleton = replace(small, offsets=3 * small.offsets, end_sites=sites)
    giant = build_body(replace(clip, skeleton=skeleton, translations={0: 3 * clip.translations[0]}))
    child = build_body(clip)
    np.testing.assert_allclose(giant.radii, 3 * child.radii)
    np.testing.assert_allclose(giant.spheres, 3 * child.spheres, atol=1e-9)


def test_left_limbs_are_on_the_left():
    body = build_body(stand())
    assert (body.spheres[0, wrapped(body, "left"), 0] > 0).all()
    assert (body.spheres[0, wrapped(body, "right"), 0] < 0).all()


@pytest.mark.parametrize("yaw", [0.0, 1.0, -2.5, np.pi / 2])
def test_a_body_faces_where_it_is_turned(yaw):
    body = build_body(stand(yaw=yaw))
    assert body.facing == pytest.approx(yaw, abs=1e-6)
    forward = np.array([np.sin(yaw), 0, np.cos(yaw)])
    face, everything = body.spheres[0, wrapped(body, "face")].mean(axis=0), body.spheres[0].mean(axis=0)
    assert (face - everything) @ forward > 0.03


def test_one_who_spins_faces_where_the_first_frame_looks():
    clip = stand(num_frames=40)
    spinning = clip.rotations.copy()
    spinning[:, 0] = rot.from_yaw(0.7 + 2 * np.pi * np.arange(40) / 40)
    assert build_body(replace(clip, rotations=spinning)).facing == pytest.approx(0.7, abs=1e-6)


def test_the_face_turns_with_the_head():
    clip = stand(num_frames=100)
    turned = clip.rotations.copy()
    head = clip.skeleton.index("Head")
    turned[-1, head] = rot.from_yaw(np.array(np.pi / 2))
    body = build_body(replace(clip, rotations=turned))
    face = wrapped(body, "face")
    ahead = body.spheres[0, face].mean(axis=0) - body.spheres[0].mean(axis=0)
    aside = body.spheres[-1, face].mean(axis=0) - body.spheres[-1].mean(axis=0)
    assert ahead[2] > 0.05 > abs(ahead[0])
    assert aside[0] > 0.05


def test_between_frames_the_body_is_in_between():
    body = build_body(make_clip(3))
    np.testing.assert_allclose(body.at(1.25 / 30), 0.75 * body.spheres[1] + 0.25 * body.spheres[2])
    np.testing.assert_array_equal(body.at(-1.0), body.spheres[0])
    np.testing.assert_array_equal(body.at(9.0), body.spheres[2])


def test_heels_are_level_with_the_toes_of_who_stands():
    body = build_body(stand())
    bottoms = (body.spheres[0, :, 1] - body.radii)[body.spheres[0, :, 1] < 0.15]
    lowest = np.sort(bottoms)[:4]  # heel and ball of both feet
    assert np.ptp(lowest) < 0.005
