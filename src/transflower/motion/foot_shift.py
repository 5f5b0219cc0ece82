"""By how much a foot must be moved along the floor, so that it does not slide while it stands.

The shift of a frame follows from the steps of the foot up to a few frames later, and from the two shifts before it.

Shape letters: K frames whose shifts are asked for, P points of a foot, T frames of it that are known, W steps of a
window, U = W - 1 shifts that are found together.
"""

import numpy as np
from jaxtyping import Bool, Float

_LOW = (0.04, 0.07)
"""Metres above its own usual lowest height: below the first a point may carry weight, above the second it does not."""
_SLOW = (0.45, 0.8)
"""Metres per second along the floor: below the first a foot is meant to stand, above the second it is not."""
_HOLDING_SECONDS = 0.004
"""Smoothness of the shift of a standing foot: a shorter time holds it more exactly, a longer one with less jerk."""
_MOVING_SECONDS = 0.02
"""Smoothness of the shift of a moving foot, on which nobody sees a shift but everybody sees a jerk."""
_RETURN_SECONDS = 0.15
"""How fast a moving foot comes back to where it was drawn; nobody sees that either, if it is smooth."""
_DRIFT_SECONDS = 1.0
"""How fast a standing foot comes back: slowly, but else feet that slide for long were held far from their body."""
_FARTHEST = 0.12
"""Metres by which a foot is moved at most: a larger shift is not foot slide."""

_BLOCK = 256
"""Frames that are solved at a time: how much memory that takes does not depend on the length of the clip."""

Step = tuple[Float[np.ndarray, "K W 2"], Float[np.ndarray, "K W"]]


def steps_along_floor(
    foot: Float[np.ndarray, "T P 3"],
    floor: Float[np.ndarray, "K P"],
    *,
    first: int,
    fps: float,
    num_steps: int,
    told: Bool[np.ndarray, " T"] | None = None,
) -> Step:
    """Steps of the foot around each frame, and from 0 to 1 how much it stands in each of them.

    A foot that rolls from heel to toe, or turns on its ball, does not slide, so its slowest low point counts.

    Args:
        foot: world positions of its points.
        floor: usual lowest height of each point, as it is known at each of the frames.
        first: the first of the K frames. The first step of a window leads to the frame before.
        fps: frames per second.
        num_steps: W. Steps from or to unknown frames are zero, and the foot does not stand in them.
        told: whether it stands, where that is told; then its slowest point counts, however high.
    """
    num_frames, num_points, _ = foot.shape
    steps = np.zeros((num_frames + num_steps, num_points, 2))
    heights = np.full((num_frames + num_steps, num_points), np.inf)
    steps[2 : num_frames + 1] = np.diff(foot[..., [0, 2]], axis=0)
    heights[2 : num_frames + 1] = np.minimum(foot[1:, :, 1], foot[:-1, :, 1])
    steps, heights = (_windows(rows, first, len(floor), num_steps) for rows in (steps, heights))
    heights = heights - floor[:, None]
    lengths = np.linalg.norm(steps, axis=-1)
    counts = heights < _LOW[1] if told is None else True
    slowest = np.where(counts, lengths, np.inf).argmin(axis=-1)[..., None]
    if told is None:
        height, length = (np.take_along_axis(rows, slowest, axis=-1)[..., 0] for rows in (heights, lengths))
        stands = _falling(height, *_LOW) * _falling(length * fps, *_SLOW)
    else:
        both = np.zeros(num_frames + num_steps)
        both[2 : num_frames + 1] = told[1:] & told[:-1]
        stands = _windows(both, first, len(floor), num_steps)
    return np.take_along_axis(steps, slowest[..., None], axis=-2)[..., 0, :], stands


def shifts_against_slide(
    slide: Float[np.ndarray, "K W 2"],
    stands: Float[np.ndarray, "K W"],
    before: Float[np.ndarray, "2 2"],
    *,
    first: int,
    stop: int,
    fps: float,
) -> Float[np.ndarray, "K 2"]:
    """The shift of each frame: against the slide while the foot stands, small, and without a jerk.

    Of the shifts in the window of a frame, those with the least sum of three squares are found: of the slide that is
    left, of the acceleration of the shift, and of the shift itself. The first of them is the frame's.

    Args:
        slide: steps of the foot; of those of a frame, the first leads to the frame before.
        stands: how much it stands in each step.
        before: the shifts of the two frames before the first.
        first: how many frames lie before the first, as far as is known: 2 stands for more.
        stop: how many frames are known.
        fps: frames per second.
    """
    frames = first + np.arange(len(stands))[:, None] + np.arange(stands.shape[1] - 1)
    has_bend = (frames >= 2) & (frames < stop)
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(stands), _BLOCK)]
    solved = [_solve(slide[block], stands[block], has_bend[block], fps) for block in blocks]
    return _scan(np.concatenate(solved), before)


def _solve(
    slide: Float[np.ndarray, "K W 2"], stands: Float[np.ndarray, "K W"], has_bend: Bool[np.ndarray, "K U"], fps: float
) -> Float[np.ndarray, "K 4"]:
    """The shift of each frame as a linear function: its constant part along x and z, and a factor of each shift before.

    ``change @ shifts`` are the changes of the unknown shifts, ``bend @ shifts`` their second differences, both without
    what the two shifts before the first add.
    """
    num_unknown = has_bend.shape[1]
    change = np.eye(num_unknown) - np.eye(num_unknown, k=-1)
    bend = change - np.eye(num_unknown, k=-1) + np.eye(num_unknown, k=-2)
    held, firmest = stands[:, 1:], np.maximum(stands[:, 1:], stands[:, :-1])
    smooth = has_bend * (fps * (_MOVING_SECONDS + firmest * (_HOLDING_SECONDS - _MOVING_SECONDS))) ** 2
    small = (1 - held) / (fps * _RETURN_SECONDS) ** 2 + held / (fps * _DRIFT_SECONDS) ** 2
    matrix = change.T * held[:, None] @ change + bend.T * smooth[:, None] @ bend
    matrix += small[..., None] * np.eye(num_unknown)
    given = np.zeros((len(stands), num_unknown, 4))
    given[..., :2] = -(change.T * held[:, None] @ slide[:, 1:])
    given[:, 0, 2] = held[:, 0]
    given[..., 2] += 2 * smooth[:, :1] * bend[0]
    given[..., 2] -= smooth[:, 1:2] * bend[1]  # there are two unknown shifts at least
    given[..., 3] = -smooth[:, :1] * bend[0]
    return np.linalg.solve(matrix, given)[:, 0]


def _scan(solved: Float[np.ndarray, "K 4"], before: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "K 2"]:
    """Put the shifts before each frame, and the limit, to what was solved for all frames at once."""
    shifts = [before[0], before[1]]
    for x, z, latest, earlier in solved.tolist():
        shift = np.array([x, z]) + latest * shifts[-1] + earlier * shifts[-2]
        shifts.append(shift * min(1.0, _FARTHEST / max(float(np.hypot(*shift)), 1e-9)))
    return np.stack(shifts[2:])


def _windows(rows: Float[np.ndarray, "S *B"], first: int, count: int, length: int) -> Float[np.ndarray, "K W *B"]:
    return rows[first + np.arange(count)[:, None] + np.arange(length)]


def _falling(values: Float[np.ndarray, "*B"], low: float, high: float) -> Float[np.ndarray, "*B"]:
    """1 up to ``low``, 0 from ``high`` on, smoothly in between."""
    part = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(1 - part * part * (3 - 2 * part))
