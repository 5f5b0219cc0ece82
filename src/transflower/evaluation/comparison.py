"""Two motions beside each other: how far apart they are, moment by moment.

Shape letters: T frames, U frames of the other motion, J joints.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.evaluation.beat_lock import BeatLock, beat_lock
from transflower.evaluation.body_parts import part_names, part_of
from transflower.evaluation.foot_skate import clip_foot_metrics
from transflower.features.motion.skeletons import onto_skeleton
from transflower.motion import rotations as rot
from transflower.motion.beats import clip_beats, hip_dips
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import FACE, FINGERS
from transflower.motion.humanoid.find import find_bones
from transflower.motion.kinematics import forward

_LEAST_SECONDS = 1.0
_LEAST_CORRELATION = 0.3
"""Of the speeds of all joints; below it two motions have nothing in common by which they could be aligned."""

Frames = Float[np.ndarray, " T"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two motions on one skeleton, aligned, and their distances."""

    clips: tuple[Clip, Clip]
    """The part that they have in common; the second stands where it is nearest to the first."""
    shift: float
    """Seconds by which the second one does the same later; 0 where that was not looked for, or not found."""
    correlation: float | None
    """Of the speeds of all joints at that shift; None where it was not looked for."""
    start: float
    """Second of the first motion at which the common part begins."""
    position_error: Frames
    """Mean distance of the joints, in metres."""
    pose_error: Frames
    """The same where the hips of both are at the same place."""
    velocity_error: Frames
    """Mean length of the difference of the velocities of the joints, in metres per second."""
    parts: Mapping[str, Frames]
    """Mean distance of the joints of each part of the body, the hips being at the same place."""

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.clips[0].fps


@dataclass(frozen=True, kw_only=True)
class DancerFacts:
    """What is told of one motion alone."""

    speed: float
    """Mean speed of the joints, in metres per second."""
    slide: float
    """Metres of slide for each second that a foot stands; NaN without contact."""
    dips: BeatLock | None
    """How the dips of the hips keep the beats; None without music."""
    stops: BeatLock | None
    """The same of the moments at which the body slows down."""


def compare_motions(first: Clip, second: Clip, *, align: bool = True, most: float = 2.0) -> Comparison:
    """Put the second motion onto the skeleton and the frame rate of the first, align it, and measure.

    Args:
        first: a motion.
        second: another.
        align: find the shift in time at which the speeds of the joints correlate best, and the place and the direction
            on the floor at which the joints are nearest.
        most: seconds up to which shifts are tried.

    Raises:
        DataError: a skeleton has no body that could be compared, or they share less than a second.
    """
    for clip, what in ((first, "the first motion"), (second, "the second motion")):
        check_length(clip, what)
    second = onto_skeleton(second, first.skeleton, first.fps, what="the second motion", body="the first motion")
    joints = _body_joints(first)
    shift, correlation = 0, None
    if align:
        shift, correlation = _best_shift(_speeds(first, joints), _speeds(second, joints), round(most * first.fps))
    begin = max(0, -shift)
    length = min(first.num_frames - begin, second.num_frames - begin - shift)
    if length < max(3, _LEAST_SECONDS * first.fps):
        raise DataError(f"the motions share {max(0, length) / first.fps:.2g} seconds, and one is needed at least")
    one, other = first[begin : begin + length], second[begin + shift : begin + shift + length]
    if align:
        other = _nearest(one, other, list(joints))
    return _measured(one, other, joints, shift=shift / first.fps, correlation=correlation, start=begin / first.fps)


def check_length(clip: Clip, what: str) -> None:
    """Refuse a motion that is too short to be compared.

    Raises:
        DataError: it has less than a second.
    """
    if clip.num_frames < max(3, _LEAST_SECONDS * clip.fps):
        raise DataError(f"{what} has {clip.seconds:.2g} seconds, and one is needed at least")


def dancer_facts(clip: Clip, beats: Float[np.ndarray, " B"] | None) -> DancerFacts:
    """What one motion is like, to beats in seconds from its first frame on."""
    known = beats if beats is not None and len(beats) > 1 else None
    return DancerFacts(
        speed=float(_speeds(clip, _body_joints(clip)).mean()),
        slide=clip_foot_metrics(clip).skate,
        dips=None if known is None else beat_lock(hip_dips(clip), known),
        stops=None if known is None else beat_lock(clip_beats(clip), known),
    )


def _body_joints(clip: Clip) -> dict[int, str]:
    """Joints that are bones, without fingers and face -> their part; all joints of what is no body."""
    humanoid = find_bones(clip.skeleton)
    small = {*FACE, *(side + bone for side in ("left", "right") for bones in FINGERS.values() for bone in bones)}
    bones = {joint: part_of(humanoid, joint) for bone, joint in humanoid.joints.items() if bone not in small}
    if humanoid.missing:
        return {joint: part_of(humanoid, joint) for joint in range(clip.skeleton.num_joints)}
    return dict(sorted(bones.items()))


def _speeds(clip: Clip, joints: Mapping[int, str]) -> Float[np.ndarray, "T J"]:
    positions = forward(clip)[0][:, list(joints)]
    return np.linalg.norm(np.gradient(positions, axis=0), axis=-1) * clip.fps


def _best_shift(one: Float[np.ndarray, "T J"], other: Float[np.ndarray, "U J"], most: int) -> tuple[int, float]:
    """Frames by which the other one is late, and the correlation there; 0 where nothing correlates."""
    correlations = {shift: _correlation(one, other, shift) for shift in range(-most, most + 1)}
    best = max(correlations, key=lambda shift: (correlations[shift], -abs(shift)))
    return (best, correlations[best]) if correlations[best] >= _LEAST_CORRELATION else (0, correlations[0])


def _correlation(one: Float[np.ndarray, "T J"], other: Float[np.ndarray, "U J"], shift: int) -> float:
    begin = max(0, -shift)
    length = min(len(one) - begin, len(other) - begin - shift)
    if 2 * length < min(len(one), len(other)):
        return -1.0
    a, b = one[begin : begin + length], other[begin + shift : begin + shift + length]
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def _nearest(one: Clip, other: Clip, joints: list[int]) -> Clip:
    """The other clip, turned and moved on the floor to where its joints are nearest to those of the first."""
    a, b = (forward(clip)[0][:, joints][..., [0, 2]].reshape(-1, 2) for clip in (one, other))
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    # Procrustes in the plane: as z + ix, to turn about Y is to multiply.
    centred = [(points - middle) @ np.array([1j, 1.0]) for points, middle in ((a, middle_a), (b, middle_b))]
    angle = float(np.angle((centred[0] * centred[1].conj()).sum()))
    turn = rot.from_yaw(np.array(angle))
    rotations = other.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    middle = np.array([middle_b[0], 0.0, middle_b[1]])
    to = np.array([middle_a[0], 0.0, middle_a[1]])
    root = rot.rotate(turn, other.translations[0] - middle) + to
    return replace(other, rotations=rotations, translations={**other.translations, 0: root})


def _measured(one: Clip, other: Clip, joints: Mapping[int, str], **known: float | None) -> Comparison:
    index = list(joints)
    a, b = (forward(clip)[0][:, index] for clip in (one, other))
    apart = np.linalg.norm(a - b, axis=-1)
    local = np.linalg.norm((a - a[:, :1]) - (b - b[:, :1]), axis=-1)
    velocities = [np.gradient(positions, axis=0) * one.fps for positions in (a, b)]
    parts = {
        part: local[:, [place for place, joint in enumerate(index) if joints[joint] == part]].mean(axis=1)
        for part in part_names()
        if part in joints.values()
    }
    return Comparison(
        clips=(one, other),
        position_error=apart.mean(axis=1),
        pose_error=local.mean(axis=1),
        velocity_error=np.linalg.norm(velocities[0] - velocities[1], axis=-1).mean(axis=1),
        parts=parts,
        **known,  # type: ignore[arg-type]  # They are told apart by name.
    )
