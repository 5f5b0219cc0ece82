from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.fitted_body import fit_body
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.skeleton import Skeleton
from transflower.motion.skinned_body import build_skinned_body
from transflower.synthetic.skeleton import SKELETON


def posed(body, clip, frame=0):
    """Where the vertices are in a frame, and their normals."""
    positions, rotations = (array[frame] for array in forward(clip))
    turns = rot.to_matrix(rotations)
    shifts = positions - np.einsum("jab,jb->ja", turns, rest_positions(clip.skeleton))
    turn = np.einsum("vk,vkab->vab", body.weights, turns[body.joints])
    shift = np.einsum("vk,vka->va", body.weights, shifts[body.joints])
    return np.einsum("vab,vb->va", turn, body.positions) + shift, np.einsum("vab,vb->va", turn, body.normals)


def turned(skeleton, **degrees):
    """One frame, standing, with joints turned about X."""
    rotations = rot.identity(1, skeleton.num_joints)
    for name, angle in degrees.items():
        rotations[:, skeleton.index(name)] = rot.from_expmap(np.array([np.radians(angle), 0, 0]))
    return Clip(skeleton, 30.0, rotations, {0: np.array([[0, 0.95, 0.0]])})


def triangles_of(body):
    return np.concatenate(list(body.triangles.values()))


def test_in_the_pose_it_was_made_in_it_is_the_body_of_the_videos():
    clip = turned(SKELETON, LeftArm=60, Spine1=25, RightUpLeg=-80, RightLeg=100, Head=20)
    body = build_skinned_body(clip)
    vertices, normals = posed(body, clip)
    fitted = fit_body(clip)
    spheres, radii = fitted.spheres()[0], np.array(fitted.mesh.radii)
    # Each vertex lies on a sphere, and its normal points from the middle of that.
    middles = vertices[:, None] - spheres
    off = np.abs(np.linalg.norm(middles, axis=-1) - radii)
    nearest = np.argmin(off - 1e-6 * np.einsum("vma,va->vm", middles, normals), axis=1)
    assert off.min(axis=1).max() < 0.03 * radii.max()
    assert np.median(off[np.arange(len(off)), nearest]) < 1e-6


@pytest.mark.parametrize(
    "skeleton", [SKELETON, make_skeleton(), make_skeleton(num_joints=4), make_skeleton(num_joints=1)]
)
def test_any_skeleton_gets_a_body_of_sound_triangles(skeleton):
    body = build_skinned_body(make_clip(20, skeleton=skeleton))
    np.testing.assert_allclose(body.weights.sum(axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(body.normals, axis=1), 1)
    assert np.isfinite(body.positions).all()
    assert body.joints.max() < skeleton.num_joints
    assert set(triangles_of(body).ravel()) == set(range(len(body.positions)))


def test_bent_limbs_stay_as_thick_as_they_were():
    body = build_skinned_body(turned(SKELETON))
    shin = (body.joints[:, 0] == SKELETON.index("LeftLeg")) & (body.weights[:, 0] == 1)
    thigh = (body.joints[:, 0] == SKELETON.index("LeftUpLeg")) & (body.weights[:, 0] == 1)
    bent = turned(SKELETON, LeftUpLeg=-70, LeftLeg=120)
    vertices = posed(body, bent)[0]
    for part in (shin, thigh):
        before = np.linalg.norm(body.positions[part] - body.positions[part].mean(axis=0), axis=1)
        after = np.linalg.norm(vertices[part] - vertices[part].mean(axis=0), axis=1)
        np.testing.assert_allclose(after, before, atol=1e-9)
    knee = forward(bent)[0][0, SKELETON.index("LeftLeg")]
    for part in (shin, thigh):
        assert np.linalg.norm(vertices[part] - knee, axis=1).min() < 0.06


def test_a_bent_back_folds_nowhere():
    body = build_skinned_body(turned(SKELETON))
    straight, bent = (posed(body, turned(SKELETON, Spine=angle, Spine1=angle, Spine2=angle))[0] for angle in (0, 25))
    a, b, c = (triangles_of(body)[:, corner] for corner in range(3))
    areas = [np.linalg.norm(np.cross(v[b] - v[a], v[c] - v[a]), axis=1).sum() for v in (straight, bent)]
    assert areas[1] == pytest.approx(areas[0], rel=0.05)


def test_helper_joints_within_a_bone_leave_the_limb_round():
    names, parents, offsets = list(SKELETON.names), list(SKELETON.parents), [*SKELETON.offsets]
    arm, elbow = SKELETON.index("LeftArm"), SKELETON.index("LeftForeArm")
    with_twist = Skeleton(
        (*names[:elbow], "LeftArmTwist", *names[elbow:]),
        tuple(
            elbow if j == elbow + 1 else p + (p >= elbow)
            for j, p in enumerate([*parents[:elbow], arm, *parents[elbow:]])
        ),
        np.array([*offsets[:elbow], offsets[elbow] * 0.4, offsets[elbow] * 0.6, *offsets[elbow + 1 :]]),
        {joint + (joint >= elbow): site for joint, site in SKELETON.end_sites.items()},
    )
    body = build_skinned_body(turned(with_twist))
    bent = posed(body, turned(with_twist, LeftForeArm=110))[0]
    upper = np.isin(body.joints[:, 0], [arm, elbow])
    np.testing.assert_allclose(bent[upper], posed(body, turned(with_twist))[0][upper], atol=1e-9)


def test_the_body_does_not_depend_on_where_the_clip_is():
    clip = make_clip(10)
    body = build_skinned_body(clip)
    moved = build_skinned_body(replace(clip, translations={0: clip.translations[0] + [3.0, 0, -2]}))
    np.testing.assert_allclose(moved.positions, body.positions, atol=1e-6)


def test_both_legs_are_found_below_a_joint_of_their_own():
    parents = {"Hips": None, "Pelvis": "Hips", "LeftUpLeg": "Pelvis", "RightUpLeg": "Pelvis", "Spine": "Hips"}
    plain = make_skeleton()
    names = ("Hips", "Pelvis", *plain.names[1:])
    above = [
        names.index(parents.get(n) or plain.names[plain.parents[plain.index(n)]]) if n != "Hips" else -1 for n in names
    ]
    offsets = np.insert(plain.offsets, 1, 0.0, axis=0)
    sites = {joint + 1: site for joint, site in plain.end_sites.items()}
    clip = make_clip(10, skeleton=Skeleton(names, tuple(above), offsets, sites), degrees=5)
    assert [limb.side for limb in fit_body(clip).mesh.anatomy.legs] == ["left", "right"]


def test_bones_that_no_body_has_are_refused():
    skeleton = make_skeleton()
    huge = replace(skeleton, offsets=skeleton.offsets * 1e9)
    with pytest.raises(DataError, match=r"a bone of 8e\+08 m is larger than that of any body; give the unit by --unit"):
        build_skinned_body(make_clip(3, skeleton=huge))


def test_bones_that_pull_away_by_far_leave_a_body(recwarn):
    clip = make_clip(3, moving=("Spine",))
    clip.translations[1][:] = [0, 1e12, 0]
    assert np.isfinite(build_skinned_body(clip).positions).all()
