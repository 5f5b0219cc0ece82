"""Recognition of moves: every bar of a clip is compared with the moves of the synthetic dancers.

A bar is described by the positions of the joints relative to the hips over its four beats, in the frame in which the
hips face. Bars of one move, half of the phrase and mirror image form a class. A bar belongs to the nearest class; the
distance is scaled by the variation within the classes. A bar that is far from all classes, or hardly moves, is
unrecognised. Shape letters: T frames, N bars, F features, S classes, K beats.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward
from transflower.synthetic.curves import PHRASE_BEATS
from transflower.synthetic.dancer import dance
from transflower.synthetic.ground_truth import MOVE_NAMES
from transflower.synthetic.songs import STYLES

UNRECOGNISED = -1
"""Index of an unrecognised bar."""
BAR_BEATS = 4
"""Beats of a bar."""

_SAMPLES_PER_BEAT = 6
_JOINTS = (
    "Spine2",
    "Head",
    *(side + joint for side in ("Left", "Right") for joint in ("ForeArm", "Hand", "Leg", "Foot")),
)
_NUM_COMPONENTS = 80
_SHRINKAGE = 0.5
"""Weight of the plain distance that is added to the variation within classes, for dancers who vary otherwise."""
_SLACK = 1.4
"""A bar is unrecognised if it is this many times farther from its class than 99.5 % of the training bars."""
_MIN_MOVEMENT = 0.4
"""A bar must move at least this share of what its class does: a frozen pose is not a move."""


class MoveRecogniser:
    """Finds the move of every bar; trained on dances whose moves are known."""

    def __init__(self, bars: Float[np.ndarray, "N F"], labels: Int[np.ndarray, "N 3"]) -> None:
        """``labels`` are move, half of the phrase, and whether mirrored."""
        self._centre = bars.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov(bars.T))
        self._axes = axes[:, -_NUM_COMPONENTS:]
        reduced = (bars - self._centre) @ self._axes
        classes, own = np.unique(labels, axis=0, return_inverse=True)
        means = np.stack([reduced[own == index].mean(axis=0) for index in range(len(classes))])
        within = np.cov((reduced - means[own]).T)
        within += _SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
        self._whiten = np.linalg.inv(np.linalg.cholesky(within)).T
        self._means, self._moves = means @ self._whiten, classes[:, 0]
        movement = _movement(bars)
        self._min_movement = _MIN_MOVEMENT * np.array([movement[own == index].mean() for index in range(len(classes))])
        true_distances = np.linalg.norm(reduced @ self._whiten - self._means[own], axis=-1)
        self._farthest = _SLACK * float(np.quantile(true_distances, 0.995))

    def recognise(self, clip: Clip, beats: Float[np.ndarray, "K"]) -> Int[np.ndarray, "N"]:
        """Index into ``MOVE_NAMES`` of every whole bar, or ``UNRECOGNISED``. ``beats`` begin with a downbeat.

        Raises:
            DataError: the clip lacks joints of the synthetic dancers.
        """
        bars = describe_bars(clip, beats)
        if len(bars) == 0:
            return np.zeros(0, int)
        points = (bars - self._centre) @ self._axes @ self._whiten
        distances = np.linalg.norm(points[:, None] - self._means, axis=-1)
        nearest = distances.argmin(axis=1)
        is_known = (distances.min(axis=1) < self._farthest) & (_movement(bars) > self._min_movement[nearest])
        return np.where(is_known, self._moves[nearest], UNRECOGNISED)


@lru_cache(maxsize=1)
def move_recogniser(repeats: int = 40, seed: int = 0) -> MoveRecogniser:
    """A recogniser from ``repeats`` performances of every move, each by another dancer to other music."""
    bars, labels = [], []
    for repeat in range(repeats):
        rng = generator(seed, "recogniser", repeat)
        order = rng.permutation(len(MOVE_NAMES))
        beat = 60 / rng.uniform(84, 130)
        beats = beat * np.arange(PHRASE_BEATS * len(order) + 1)
        performance = dance(
            [MOVE_NAMES[index] for index in order],
            beats,
            style=STYLES[repeat % len(STYLES)],
            energies=rng.uniform(0.1, 1.0, len(order)).tolist(),
            seconds=beats[-1],
            fps=30.0,
            rng=rng,
        )
        bars.append(describe_bars(performance.clip, beats))
        halves = np.arange(len(bars[-1])) % 2
        phrases = np.arange(len(bars[-1])) // 2
        labels.append(np.stack([order[phrases], halves, np.array(performance.mirrored)[phrases]], axis=-1))
    return MoveRecogniser(np.concatenate(bars), np.concatenate(labels))


def describe_bars(clip: Clip, beats: Float[np.ndarray, "K"]) -> Float[np.ndarray, "N F"]:
    """Features of every bar that lies wholly within the clip."""
    beats = np.asarray(beats, float)
    # The bar's last beat lasts until the next one, which a song that ends there no longer has.
    grid = np.append(beats, 2 * beats[-1] - beats[-2])
    num_bars = int(np.searchsorted(grid[BAR_BEATS::BAR_BEATS], clip.seconds + 1e-6, side="right"))
    frames = _describe_frames(clip)
    at_beats = np.arange(num_bars * BAR_BEATS * _SAMPLES_PER_BEAT) / _SAMPLES_PER_BEAT
    at_frames = np.interp(at_beats, np.arange(len(grid)), grid) * clip.fps
    left = np.clip(at_frames.astype(int), 0, clip.num_frames - 2)
    part = (at_frames - left)[:, None]
    sampled = (1 - part) * frames[left] + part * frames[left + 1]
    # Velocities are per beat, not per second, so that a step to faster music has the same features.
    beat_frames = np.gradient(grid).mean() * clip.fps
    sampled[:, -3:] *= beat_frames
    return sampled.reshape(num_bars, BAR_BEATS * _SAMPLES_PER_BEAT * frames.shape[1])


def _describe_frames(clip: Clip) -> Float[np.ndarray, "T F"]:
    """Joints against the hips in their facing frame, height, and at the end velocity on the floor and of turning."""
    missing = [name for name in _JOINTS if name not in clip.skeleton.names]
    if missing:
        raise DataError(f"moves are recognised on the synthetic dancers' skeleton; the clip lacks {', '.join(missing)}")
    positions, rotations = forward(clip)
    yaw = np.unwrap(rot.yaw(rotations[:, 0]))
    undo = rot.from_yaw(-yaw)
    joints = [clip.skeleton.index(name) for name in _JOINTS]
    relative = rot.rotate(undo[:, None], positions[:, joints] - positions[:, :1])
    velocity = rot.rotate(undo, np.diff(positions[:, 0], axis=0, prepend=positions[:1, 0]))
    turning = np.diff(yaw, prepend=yaw[:1])
    return np.column_stack(
        [relative.reshape(clip.num_frames, -1), positions[:, 0, 1], velocity[:, 0], velocity[:, 2], turning]
    )


def _movement(bars: Float[np.ndarray, "N F"]) -> Float[np.ndarray, "N"]:
    """How much the joints move within each bar: their standard deviation over its samples."""
    samples = bars.reshape(len(bars), BAR_BEATS * _SAMPLES_PER_BEAT, -1)
    return samples[..., : 3 * len(_JOINTS)].std(axis=1).mean(axis=-1)
