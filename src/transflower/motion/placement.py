"""Where a body stands and faces, as changes from frame to frame, and back.

The ground part of the root's motion is taken out of the root's pose and kept as deltas in the facing frame of each
frame, so that features do not depend on where in the room, or in which direction, a dance happens.

Shape letters: T frames.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A place on the ground and a direction to face."""

    x: float = 0.0
    """Metres."""
    z: float = 0.0
    """Metres."""
    heading: float = 0.0
    """Radians about Y; 0 faces +Z, a quarter turn to the left faces +X."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundedRoot:
    """A root's motion, split into a pose over the ground and the ground's deltas."""

    rotations: Float[np.ndarray, "T 4"]
    """World rotation without the heading."""
    positions: Float[np.ndarray, "T 3"]
    """Position relative to the ground point below, in the facing frame: ``(0, height, 0)`` when encoded."""
    deltas: Float[np.ndarray, "T 3"]
    """Per frame: sideways (to the left) and forward in metres in the facing frame of that frame, and the turn."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Where a body stands and faces, frame by frame."""

    positions: Float[np.ndarray, "T 3"]
    """Metres, on the ground: Y is 0."""
    headings: Float[np.ndarray, " T"]
    """Radians, as in ``Placement``."""

    def __getitem__(self, frames: slice) -> "Places":
        """Some of the frames."""
        return Places(positions=self.positions[frames], headings=self.headings[frames])

    @property
    def num_frames(self) -> int:
        """Frames."""
        return len(self.headings)


def find_places(
    root_positions: Float[np.ndarray, "T 3"], root_rotations: Float[np.ndarray, "T 4"], forward: tuple[float, ...]
) -> Places:
    """Where a root stands and faces; ``forward`` is as ``ground`` takes it."""
    headings = _headings(root_rotations, np.asarray(forward, float))
    return Places(positions=root_positions * (1, 0, 1), headings=np.unwrap(headings))


def seen_from(places: Places, other: Places) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, " T"]]:
    """Positions and headings in the facing frames of another body."""
    offsets = rot.rotate(rot.from_yaw(-other.headings), places.positions - other.positions)
    return offsets, places.headings - other.headings


def placed_by(positions: Float[np.ndarray, "T 3"], headings: Float[np.ndarray, " T"], other: Places) -> Places:
    """The places that are ``seen_from`` another body in such a way."""
    world = other.positions + rot.rotate(rot.from_yaw(other.headings), positions)
    return Places(positions=world * (1, 0, 1), headings=headings + other.headings)


def ground(
    root_positions: Float[np.ndarray, "T 3"], root_rotations: Float[np.ndarray, "T 4"], forward: tuple[float, ...]
) -> tuple[GroundedRoot, Placement]:
    """Split the root's motion in world space; also where its first frame is.

    ``forward`` is the axis of the root's own frame that faces where the body faces. The first frame has no frame
    before it: its deltas are taken from the second (0 where there is none).
    """
    headings = _headings(root_rotations, np.asarray(forward, float))
    to_facing = rot.from_yaw(-headings)
    steps = _differences(root_positions * (1, 0, 1))
    turns = _differences(np.unwrap(headings))
    deltas = rot.rotate(to_facing, steps)
    deltas[:, 1] = deltas[:, 2]
    deltas[:, 2] = turns
    grounded = GroundedRoot(
        rotations=rot.multiply(to_facing, root_rotations),
        positions=root_positions * (0, 1, 0),
        deltas=deltas,
    )
    first = Placement(x=float(root_positions[0, 0]), z=float(root_positions[0, 2]), heading=float(headings[0]))
    return grounded, first


def unground(grounded: GroundedRoot, start: Placement) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, "T 4"]]:
    """World positions and rotations of a root whose first frame is at ``start``: inverse of ``ground``.

    The deltas of the first frame lead there from a frame that is not given, so they are not used.
    """
    headings, places = _path(grounded.deltas, start)
    to_world = rot.from_yaw(headings)
    return places + rot.rotate(to_world, grounded.positions), rot.multiply(to_world, grounded.rotations)


def walk(deltas: Float[np.ndarray, "T 3"], start: Placement) -> Placement:
    """Where the last frame is, if the first is at ``start``."""
    headings, places = _path(deltas, start)
    return Placement(x=float(places[-1, 0]), z=float(places[-1, 2]), heading=float(headings[-1]))


def _path(deltas: np.ndarray, start: Placement) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, "T 3"]]:
    """Heading and place on the ground of every frame."""
    turns, steps = deltas[:, 2].copy(), np.zeros((len(deltas), 3))
    steps[:, 0], steps[:, 2] = deltas[:, 0], deltas[:, 1]
    turns[0], steps[0] = start.heading, 0
    headings = np.cumsum(turns)
    travelled = np.cumsum(rot.rotate(rot.from_yaw(headings), steps), axis=0)
    return headings, np.array([start.x, 0.0, start.z]) + travelled


def _headings(root_rotations: np.ndarray, forward: np.ndarray) -> np.ndarray:
    facing = rot.rotate(root_rotations, np.broadcast_to(forward, (len(root_rotations), 3)))
    upright = np.hypot(facing[:, 0], facing[:, 2]) > 1e-6
    # A body that faces straight up or down has no heading of its own: it keeps the one it had.
    last_known = np.maximum.accumulate(np.where(upright, np.arange(len(facing)), 0))
    return np.arctan2(facing[:, 0], facing[:, 2])[last_known]


def _differences(values: np.ndarray) -> np.ndarray:
    steps = np.diff(values, axis=0)
    first = steps[:1] if len(steps) else np.zeros_like(values)
    return np.concatenate([first, steps])
