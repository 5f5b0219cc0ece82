"""Rotations as unit quaternions wxyz, and the ways to and from them.

Everything is vectorised over leading axes (``*B``) and works in float64; scipy's ``Rotation`` does the conversions.
Euler angles are intrinsic: order ``"ZXY"`` turns about Z, then about the turned X, then about the turned Y, which is
how BVH reads its channels from left to right.
"""

import warnings

import numpy as np
import scipy  # it imports scipy.spatial when that is first used, which takes longer than any --help should
from jaxtyping import Float

IDENTITY = (1.0, 0.0, 0.0, 0.0)
"""The quaternion of no rotation."""


def identity(*shape: int) -> Float[np.ndarray, "*B 4"]:
    """Quaternions of no rotation, of the given leading shape."""
    return np.tile(np.array(IDENTITY), (*shape, 1))


def multiply(a: Float[np.ndarray, "*#B 4"], b: Float[np.ndarray, "*#B 4"]) -> Float[np.ndarray, "*B 4"]:
    """The rotation ``a * b``: first ``b``, then ``a``."""
    aw, ax, ay, az = (a[..., part] for part in range(4))
    bw, bx, by, bz = (b[..., part] for part in range(4))
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def inverse(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B 4"]:
    """The opposite rotation of unit quaternions."""
    return q * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(q: Float[np.ndarray, "*#B 4"], v: Float[np.ndarray, "*#B 3"]) -> Float[np.ndarray, "*B 3"]:
    """Vectors ``v`` turned by ``q``."""
    axis = q[..., 1:]
    twice = 2 * cross(axis, v)
    return v + q[..., :1] * twice + cross(axis, twice)


def cross(a: Float[np.ndarray, "*#B 3"], b: Float[np.ndarray, "*#B 3"]) -> Float[np.ndarray, "*B 3"]:
    """The cross product: ``np.cross`` for vectors of three, in a fifth of its time where they are few."""
    product = np.empty(np.broadcast_shapes(a.shape, b.shape), np.result_type(a, b))
    for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        np.subtract(a[..., y] * b[..., z], a[..., z] * b[..., y], out=product[..., x])
    return product


def unit(vectors: Float[np.ndarray, "*B 3"]) -> Float[np.ndarray, "*B 3"]:
    """The directions of vectors; 0 for those without a length."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def normalize(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B 4"]:
    """Scale to unit length."""
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def angle_between(a: Float[np.ndarray, "*#B 4"], b: Float[np.ndarray, "*#B 4"]) -> Float[np.ndarray, "*B"]:
    """Angle of the rotation that leads from ``a`` to ``b``, in [0, pi]; exact for tiny angles too."""
    difference = multiply(inverse(a), b)
    angle = 2 * np.arctan2(np.linalg.norm(difference[..., 1:], axis=-1), np.abs(difference[..., 0]))
    return np.asarray(angle)


def shortest(a: Float[np.ndarray, "*#B 3"], b: Float[np.ndarray, "*#B 3"]) -> Float[np.ndarray, "*B 4"]:
    """The shortest rotation that turns the direction of ``a`` into that of ``b``; none for vectors without a length.

    Of opposite directions, some half turn at right angles to ``a``.

    Example:
        >>> shortest(np.array([2.0, 0, 0]), np.array([0.0, 1, 0])).round(3).tolist()
        [0.707, 0.0, 0.0, 0.707]
    """
    a, b = (v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-300) for v in (a, b))
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    across = cross(a, np.eye(3)[np.abs(a).argmin(axis=-1)])
    is_opposite = cosine < -1 + 1e-12
    q = np.concatenate([np.where(is_opposite, 0.0, 1 + cosine), np.where(is_opposite, across, cross(a, b))], axis=-1)
    return normalize(q)


def slerp(
    a: Float[np.ndarray, "*#B 4"], b: Float[np.ndarray, "*#B 4"], weight: Float[np.ndarray, "*#B"] | float
) -> Float[np.ndarray, "*B 4"]:
    """The rotation ``weight`` of the way from ``a`` (0) to ``b`` (1), along the shorter arc at constant speed."""
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(cosine < 0, -b, b)
    # The half angle from chord and sum, not from arccos, which loses half of the digits near 0.
    half = np.arctan2(np.linalg.norm(b - a, axis=-1, keepdims=True), np.linalg.norm(b + a, axis=-1, keepdims=True))
    angle = 2 * half
    weight = np.asarray(weight, float)[..., None]
    is_tiny = angle < 1e-8
    sine = np.where(is_tiny, 1.0, np.sin(angle))
    from_a = np.where(is_tiny, 1 - weight, np.sin((1 - weight) * angle) / sine)
    from_b = np.where(is_tiny, weight, np.sin(weight * angle) / sine)
    return normalize(from_a * a + from_b * b)


def mean(q: Float[np.ndarray, "T 4"]) -> Float[np.ndarray, "4"]:
    """The rotation that is nearest to all, by squares of differences of their matrices; signs are of no account."""
    return np.linalg.eigh(q.T @ q)[1][:, -1]


def continuous(q: Float[np.ndarray, "T *B 4"]) -> Float[np.ndarray, "T *B 4"]:
    """The same rotations, with signs chosen so that each frame's quaternion is the one nearest to the frame before."""
    if len(q) < 2:
        return q
    flips = np.sign(np.sum(q[1:] * q[:-1], axis=-1, keepdims=True))
    signs = np.cumprod(np.where(flips == 0, 1.0, flips), axis=0)
    return np.concatenate([q[:1], q[1:] * signs], axis=0)


def from_euler(angles: Float[np.ndarray, "*B K"], order: str) -> Float[np.ndarray, "*B 4"]:
    """Quaternions of intrinsic Euler angles in radians, about the 1 to 3 different axes of ``order`` (as ``"ZXY"``)."""
    # Not scipy's: this takes a quarter of the time, and reading BVH files spends most of its time here.
    q = [np.ones(angles.shape[:-1]), *np.zeros((3, *angles.shape[:-1]))]
    for index, axis in enumerate(order):
        cosine, sine = np.cos(angles[..., index] / 2), np.sin(angles[..., index] / 2)
        a, b, c = (1 + ("XYZ".index(axis) + step) % 3 for step in range(3))
        q[0], q[a] = q[0] * cosine - q[a] * sine, q[a] * cosine + q[0] * sine
        q[b], q[c] = q[b] * cosine + q[c] * sine, q[c] * cosine - q[b] * sine
    return np.stack(q, axis=-1)


def to_euler(q: Float[np.ndarray, "*B 4"], order: str) -> Float[np.ndarray, "*B 3"]:
    """Intrinsic Euler angles in radians about the three different axes of ``order``.

    The second angle lies in [-pi/2, pi/2]. At its ends (gimbal lock) the third is set to 0.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Gimbal lock")
        return _scipy(q).as_euler(order).reshape(*q.shape[:-1], 3)


def from_expmap(vectors: Float[np.ndarray, "*B 3"]) -> Float[np.ndarray, "*B 4"]:
    """Quaternions of rotation vectors: axis times angle in radians, of any length."""
    rotation = scipy.spatial.transform.Rotation.from_rotvec(vectors.reshape(-1, 3))
    return rotation.as_quat(scalar_first=True).reshape(*vectors.shape[:-1], 4)


def to_expmap(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B 3"]:
    """Rotation vectors, axis times angle in radians, of length at most pi."""
    return _scipy(q).as_rotvec().reshape(*q.shape[:-1], 3)


def from_matrix(matrices: Float[np.ndarray, "*B 3 3"]) -> Float[np.ndarray, "*B 4"]:
    """Quaternions of rotation matrices (columns are the turned axes)."""
    rotation = scipy.spatial.transform.Rotation.from_matrix(matrices.reshape(-1, 3, 3))
    return rotation.as_quat(scalar_first=True).reshape(*matrices.shape[:-2], 4)


def to_matrix(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B 3 3"]:
    """Rotation matrices (columns are the turned axes)."""
    return _scipy(q).as_matrix().reshape(*q.shape[:-1], 3, 3)


def from_rot6d(columns: Float[np.ndarray, "*B 6"]) -> Float[np.ndarray, "*B 4"]:
    """Quaternions of the first two columns of a matrix, one after the other; any two that are not parallel will do."""
    first, second = columns[..., :3], columns[..., 3:]
    x = first / np.linalg.norm(first, axis=-1, keepdims=True)
    y = second - np.sum(x * second, axis=-1, keepdims=True) * x
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    return from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1))


def to_rot6d(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B 6"]:
    """The first two columns of the rotation matrix, one after the other."""
    matrices = to_matrix(q)
    return np.concatenate([matrices[..., 0], matrices[..., 1]], axis=-1)


def yaw(q: Float[np.ndarray, "*B 4"]) -> Float[np.ndarray, "*B"]:
    """Angle about Y, in radians, by which the turned +Z axis faces away from +Z on the ground."""
    forward = rotate(q, np.array([0.0, 0.0, 1.0]))
    return np.asarray(np.arctan2(forward[..., 0], forward[..., 2]))


def from_yaw(angle: Float[np.ndarray, "*B"]) -> Float[np.ndarray, "*B 4"]:
    """Rotations about Y by ``angle`` radians.

    Example:
        >>> from_yaw(np.array([np.pi / 2])).round(3).tolist()
        [[0.707, 0.0, 0.707, 0.0]]
    """
    half = np.asarray(angle, float) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, np.sin(half), zero], axis=-1)


def _scipy(q: Float[np.ndarray, "*B 4"]) -> "scipy.spatial.transform.Rotation":
    return scipy.spatial.transform.Rotation.from_quat(q.reshape(-1, 4), scalar_first=True)
