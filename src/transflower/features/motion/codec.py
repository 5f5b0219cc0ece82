"""A clip as an array of features, and back.

Shape letters: T frames, D columns, J joints with columns.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.features.motion.columns import Columns, named_columns
from transflower.features.motion.representation import REPRESENTATIONS, Representation
from transflower.features.motion.skeletons import first_difference
from transflower.features.sidecar import MotionSidecar
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.placement import (
    GroundedRoot,
    Placement,
    Places,
    find_places,
    ground,
    placed_by,
    seen_from,
    unground,
    walk,
)
from transflower.motion.root import moving_joints, root_in_world


def encode_motion(clip: Clip, sidecar: MotionSidecar, *, partner: Places | None = None) -> Float[np.ndarray, "T D"]:
    """Features with the columns that ``sidecar`` names, as float32: one row for each frame of the clip as it is.

    ``partner`` is where the partner stands, frame by frame, for features whose root is seen from there.

    Raises:
        DataError: the clip's skeleton is not the sidecar's, a joint moves that has no columns, a number is too large,
            or a partner is missing or of another length.
    """
    scheme = _scheme(sidecar)
    _check_clip(clip, sidecar, scheme)
    partner = _check_partner(sidecar, partner, clip.num_frames)
    grounded, _ = _grounded_root(clip, sidecar)
    rotations = clip.rotations[:, scheme.columns.joints]
    rotations[:, -1] = grounded.rotations
    unit = sidecar.metres_per_unit
    near = _typical_row(sidecar, scheme)[: scheme.splits[0]].reshape(len(scheme.columns.joints), -1)
    blocks = [scheme.representation.encode(rotations, near).reshape(clip.num_frames, -1)]
    blocks += [_translations(clip, joint) / unit for joint in scheme.columns.moving]
    if partner is None:
        blocks += [grounded.positions / unit, grounded.deltas / (unit, unit, 1)]
    else:
        places, headings = seen_from(places_of(clip, sidecar), partner)
        blocks += [(grounded.positions + places) / unit, np.stack([np.sin(headings), np.cos(headings)], axis=1)]
    return _as_float32(np.concatenate(blocks, axis=1)[:, scheme.used], sidecar)


def places_of(clip: Clip, sidecar: MotionSidecar) -> Places:
    """Where the body of a clip stands and faces, frame by frame."""
    return find_places(*root_in_world(clip), sidecar.forward)


def first_placement(clip: Clip, sidecar: MotionSidecar) -> Placement:
    """Where the clip's first frame stands and faces: decoding its features from there repeats the clip exactly."""
    return _grounded_root(clip, sidecar)[1]


def decode_motion(
    features: Float[np.ndarray, "T D"],
    sidecar: MotionSidecar,
    start: Placement | None = None,
    *,
    partner: Places | None = None,
) -> Clip:
    """The clip that has these features, on the sidecar's skeleton; any finite numbers will do, as a model makes them.

    The first frame stands at ``start``, by default at the origin, facing +Z; or where it is seen from ``partner``, as
    ``encode_motion`` takes it. Columns that are absent are at rest.

    Raises:
        DataError: the features are not ``[frames, len(sidecar.names)]``, have no frames, or are not finite; or a
            partner is missing or of another length.
    """
    scheme = _scheme(sidecar)
    unit, joints = sidecar.metres_per_unit, scheme.columns.joints
    table = _table(features, sidecar, scheme)
    local, tracks, positions, deltas = np.split(table, scheme.splits, axis=1)
    rotations = rot.identity(len(table), sidecar.skeleton.num_joints)
    rotations[:, joints] = scheme.representation.decode(local.reshape(len(table), len(joints), -1))
    translations = {0: np.zeros((len(table), 3))}
    for index, joint in enumerate(scheme.columns.moving):
        translations[joint] = tracks[:, 3 * index : 3 * index + 3] * unit
    clip = Clip(sidecar.skeleton, sidecar.fps, rotations, translations)
    partner = _check_partner(sidecar, partner, len(table))
    if partner is not None:
        places = placed_by(positions * unit * (1, 0, 1), np.arctan2(deltas[:, 0], deltas[:, 1]), partner)
        turned = rot.multiply(rot.from_yaw(places.headings), rotations[:, joints[-1]])
        return sidecar.root_chain.apply(clip, places.positions + positions * unit * (0, 1, 0), turned)
    grounded = GroundedRoot(
        rotations=rotations[:, joints[-1]], positions=positions * unit, deltas=deltas * (unit, unit, 1)
    )
    return sidecar.root_chain.apply(clip, *unground(grounded, start or Placement()))


def last_placement(
    features: Float[np.ndarray, "T D"], sidecar: MotionSidecar, start: Placement | None = None
) -> Placement:
    """Where the last frame of ``decode_motion`` with the same arguments stands and faces.

    Raises:
        DataError: as there.
    """
    if sidecar.root_frame != "own":
        raise DataError("features that are seen from a partner do not say where they go without one")
    scheme, unit = _scheme(sidecar), sidecar.metres_per_unit
    deltas = np.split(_table(features, sidecar, scheme), scheme.splits, axis=1)[-1]
    return walk(deltas * (unit, unit, 1), start or Placement())


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scheme:
    """A sidecar's columns, found in the order of all columns."""

    representation: Representation
    columns: Columns
    used: list[int]

    @property
    def splits(self) -> list[int]:
        """Where the positions of other joints, those of the root, and the deltas or the facing begin."""
        tracks = len(self.columns.joints) * len(self.representation.suffixes)
        root = tracks + 3 * len(self.columns.moving)
        return [tracks, root, root + 3]


def _as_float32(table: Float[np.ndarray, "T D"], sidecar: MotionSidecar) -> Float[np.ndarray, "T D"]:
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        features = table.astype(np.float32)
    _check_finite(features, sidecar)
    return features


def _scheme(sidecar: MotionSidecar) -> _Scheme:
    representation = REPRESENTATIONS[sidecar.representation]()
    columns = named_columns(sidecar.skeleton, representation.suffixes, sidecar.names, root_frame=sidecar.root_frame)
    place = {name: index for index, name in enumerate(columns.names)}
    return _Scheme(representation=representation, columns=columns, used=[place[name] for name in sidecar.names])


def _table(features: np.ndarray, sidecar: MotionSidecar, scheme: _Scheme) -> Float[np.ndarray, "T D"]:
    """The features with all columns; those that are absent are at rest."""
    _check_features(features, sidecar)
    table = np.tile(_rest_row(sidecar, scheme), (len(features), 1))
    table[:, scheme.used] = features
    return table


def _grounded_root(clip: Clip, sidecar: MotionSidecar) -> tuple[GroundedRoot, Placement]:
    return ground(*root_in_world(clip), sidecar.forward)


def _translations(clip: Clip, joint: int) -> Float[np.ndarray, "T 3"]:
    return clip.translations.get(joint, np.tile(clip.skeleton.offsets[joint], (clip.num_frames, 1)))


def _rest_row(sidecar: MotionSidecar, scheme: _Scheme) -> Float[np.ndarray, " D"]:
    rotations = np.tile(scheme.representation.rest, len(scheme.columns.joints))
    offsets = sidecar.skeleton.offsets[list(scheme.columns.moving)] / sidecar.metres_per_unit
    last = np.zeros(3) if sidecar.root_frame == "own" else (0.0, 1.0)
    return np.concatenate([rotations, offsets.reshape(-1), np.zeros(3), last])


def _typical_row(sidecar: MotionSidecar, scheme: _Scheme) -> Float[np.ndarray, " D"]:
    row = _rest_row(sidecar, scheme)
    for index, name in enumerate(scheme.columns.names):
        row[index] = sidecar.typical.get(name, row[index])
    return row


def _check_clip(clip: Clip, sidecar: MotionSidecar, scheme: _Scheme) -> None:
    difference = first_difference(clip.skeleton, sidecar.skeleton)
    if difference:
        raise DataError(f"the clip's skeleton is not that of the features: {difference}")
    for joint in moving_joints(clip):
        if joint not in scheme.columns.moving:
            name = clip.skeleton.names[joint]
            raise DataError(f"joint {name!r} moves away from its parent, and the features have no columns for that")


def _check_partner(sidecar: MotionSidecar, partner: Places | None, num_frames: int) -> Places | None:
    """The partner from whom the root is seen; None where it is seen from itself."""
    if sidecar.root_frame == "own":
        return None
    if partner is None:
        raise DataError("these features are seen from a partner, and none is given")
    if partner.num_frames < num_frames:
        raise DataError(f"the partner has {partner.num_frames} frames, and {num_frames} are needed")
    return partner[:num_frames]


def _check_features(features: np.ndarray, sidecar: MotionSidecar) -> None:
    wanted = f"[frames, {len(sidecar.names)}]"
    if features.ndim != 2 or features.shape[1] != len(sidecar.names):
        raise DataError(f"motion features must have shape {wanted}, as their sidecar says, got {list(features.shape)}")
    if len(features) == 0:
        raise DataError("motion features have no frames")
    _check_finite(features, sidecar)


def _check_finite(features: np.ndarray, sidecar: MotionSidecar) -> None:
    if not np.isfinite(features).all():
        frame, column = np.argwhere(~np.isfinite(features))[0]
        raise DataError(f"motion features are not finite, first in frame {frame}, column {sidecar.names[column]!r}")
