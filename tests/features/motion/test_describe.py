from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.formats.bvh import BvhLayout
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip


def test_a_body_with_legs_says_where_it_faces():
    assert describe_motion(make_clip(5), "expmap").forward == (0, 0, 1)


@pytest.mark.parametrize(
    ("turn", "forward"),
    [((0, np.pi, 0), (0, 0, -1)), ((0, np.pi / 2, 0), (-1, 0, 0)), ((-np.pi / 2, 0, 0), (0, -1, 0))],
)
def test_the_root_s_own_axes_may_point_anywhere(turn, forward):
    """The same body, with a root whose frame is turned, and children turned back."""
    clip = make_clip(5)
    base = rot.from_expmap(np.array(turn, float))
    rotations, offsets = clip.rotations.copy(), clip.skeleton.offsets.copy()
    rotations[:, 0] = rot.multiply(rotations[:, 0], base)
    for child in clip.skeleton.children[0]:
        rotations[:, child] = rot.multiply(rot.inverse(base), rotations[:, child])
        offsets[child] = rot.rotate(rot.inverse(base), offsets[child])
    turned = replace(clip, skeleton=replace(clip.skeleton, offsets=offsets), rotations=rotations)
    sidecar = describe_motion(turned, "expmap")
    assert sidecar.forward == forward
    expected = encode_motion(clip, describe_motion(clip, "expmap"))[:, -6:]
    np.testing.assert_allclose(encode_motion(turned, sidecar)[:, -6:], expected, atol=1e-5)


def test_a_chain_faces_along_z():
    assert describe_motion(make_clip(5, skeleton=make_skeleton(num_joints=3)), "expmap").forward == (0, 0, 1)


def test_joints_near_half_a_turn_are_written_alike_in_all_recordings():
    def held_at(radians: float) -> Clip:
        clip = make_clip(5, degrees=0)
        clip.rotations[:, 1] = rot.from_expmap(np.array([radians, 0.0, 0.0]))
        return clip

    sidecar = describe_motion(held_at(np.pi - 0.1), "expmap")
    column = sidecar.names.index("Spine_alpha")
    np.testing.assert_allclose(encode_motion(held_at(np.pi + 0.1), sidecar)[:, column], np.pi + 0.1, atol=1e-5)


def test_position_channels_of_rigid_bones_are_no_columns_but_offsets():
    clip = make_clip(5)
    tracks = {**clip.translations, 1: np.tile([0.0, 0.7, 0.0], (5, 1))}
    sidecar = describe_motion(replace(clip, translations=tracks), "expmap")
    assert "Spine_Xposition" not in sidecar.names
    np.testing.assert_array_equal(sidecar.skeleton.offsets[1], [0, 0.7, 0])


def test_the_layout_of_the_recording_is_kept():
    layout = BvhLayout(metres_per_unit=0.0254, up="z")
    assert describe_motion(make_clip(2), "expmap", layout=layout).layout == layout
