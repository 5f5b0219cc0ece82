"""Which moves a dance is made of: every bar of a clip is compared with the moves as our dancers do them.

A bar is described by where the joints are against the hips over its four beats, in the frame in which the hips face.
Bars of each move, half of the phrase and mirror image form a class; the nearest class wins, measured against how much
dancers vary within the classes, and a bar that is far from all of them, or hardly moves, is no known move.
Shape letters: T frames, N bars, F features, S classes, M moves, K beats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.data.synthetic.curves import PHRASE_BEATS
from transflower.data.synthetic.dancer import dance
from transflower.data.synthetic.songs import STYLES
from transflower.data.synthetic.truth import MOVE_NAMES
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

UNKNOWN = -1
"""Index of a bar that is no known move."""
BAR_BEATS = 4
"""Beats of a bar."""

_SAMPLES_PER_BEAT = 6
_JOINTS = (
    "Spine2",
    "Head",
    *(side + joint for side in ("Left", "Right") for joint in ("ForeArm", "Hand", "Leg", "Foot")),
)
_NUM_COMPONENTS = 80
_EVENNESS = 0.5
"""How far the measure goes from the dancers' own variation towards plain distance, for those who vary otherwise."""
_SLACK = 1.4
"""A bar may be so much farther from its class than nearly all true ones before it is called unknown."""
_LEAST_STIR = 0.4
"""A bar must move at least so much of what its class does: a frozen pose is no move."""


class MoveRecogniser:
    """Tells the move of every bar; learnt from moves that dancers were told to do."""

    def __init__(self, bars: Float[np.ndarray, "N F"], labels: Int[np.ndarray, "N 3"]) -> None:
        """``labels`` are move, half of the phrase, and whether mirrored."""
        self._centre = bars.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov(bars.T))
        self._axes = axes[:, -_NUM_COMPONENTS:]
        reduced = (bars - self._centre) @ self._axes
        classes, own = np.unique(labels, axis=0, return_inverse=True)
        means = np.stack([reduced[own == index].mean(axis=0) for index in range(len(classes))])
        within = np.cov((reduced - means[own]).T)
        within += _EVENNESS * np.trace(within) / len(within) * np.eye(len(within))
        self._whiten = np.linalg.inv(np.linalg.cholesky(within)).T
        self._means, self._moves = means @ self._whiten, classes[:, 0]
        stir = _stir(bars)
        self._least_stir = _LEAST_STIR * np.array([stir[own == index].mean() for index in range(len(classes))])
        true_distances = np.linalg.norm(reduced @ self._whiten - self._means[own], axis=-1)
        self._farthest = _SLACK * float(np.quantile(true_distances, 0.995))

    def recognise(self, clip: Clip, beats: Float[np.ndarray, "K"]) -> Int[np.ndarray, "N"]:
        """Index into ``MOVE_NAMES`` of every whole bar of the clip, or ``UNKNOWN``. ``beats`` begin with a downbeat.

        Raises:
            DataError: the clip lacks joints of the synthetic dancers.
        """
        bars = describe_bars(clip, beats)
        if len(bars) == 0:
            return np.zeros(0, int)
        points = (bars - self._centre) @ self._axes @ self._whiten
        distances = np.linalg.norm(points[:, None] - self._means, axis=-1)
        nearest = distances.argmin(axis=1)
        known = (distances.min(axis=1) < self._farthest) & (_stir(bars) > self._least_stir[nearest])
        return np.where(known, self._moves[nearest], UNKNOWN)


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
    # Velocities per beat, not per second: the same step to faster music is the same step.
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


def _stir(bars: Float[np.ndarray, "N F"]) -> Float[np.ndarray, "N"]:
    """How much the joints move within each bar: their standard deviation over its samples."""
    samples = bars.reshape(len(bars), BAR_BEATS * _SAMPLES_PER_BEAT, -1)
    return samples[..., : 3 * len(_JOINTS)].std(axis=1).mean(axis=-1)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How the moves of dances are spread, beside what the law gives."""

    moves_seen: int
    """Moves that appear at all."""
    unknown_share: float
    """Part of the bars that are no known move."""
    frequencies: dict[str, float]
    """Of every move, among the bars that are known."""
    expected: dict[str, float]
    """By the law, for the same music."""
    distance: float
    """Total variation distance of the two, 0 to 1; 1 where no bar is a known move."""
    distance_by_chance: float
    """What dances drawn by the law itself get on average, for there are only so many phrases."""
    changes: float
    """Share of the ends of phrases at which one known move gives way to another; NaN where there is none to see."""
    expected_changes: float
    """By the law, at all ends of phrases; NaN where no dance lasts two phrases."""


def coverage(recognised: Sequence[Int[np.ndarray, "_"]], probabilities: Sequence[Float[np.ndarray, "_ M"]]) -> Coverage:
    """Compare recognised bars of dances with the law's probabilities for the phrases of their music.

    Raises:
        DataError: no bar at all.
    """
    bars = np.concatenate([np.asarray(moves, int) for moves in recognised]) if recognised else np.zeros(0, int)
    if len(bars) == 0:
        raise DataError("no whole bar was danced; coverage needs dances of at least four beats")
    per_phrase = PHRASE_BEATS // BAR_BEATS
    laws = [law[np.arange(len(moves)) // per_phrase] for moves, law in zip(recognised, probabilities, strict=True)]
    expected = np.concatenate(laws).mean(axis=0)
    counts = np.bincount(bars[bars != UNKNOWN], minlength=len(MOVE_NAMES))
    frequencies = counts / max(counts.sum(), 1)
    return Coverage(
        moves_seen=int((counts > 0).sum()),
        unknown_share=float((bars == UNKNOWN).mean()),
        frequencies=dict(zip(MOVE_NAMES, frequencies.tolist(), strict=True)),
        expected=dict(zip(MOVE_NAMES, expected.tolist(), strict=True)),
        distance=1 - float(np.minimum(frequencies, expected).sum()),
        distance_by_chance=_distance_by_chance(recognised, probabilities, expected),
        changes=_mean([_changes(moves, per_phrase) for moves in recognised]),
        expected_changes=_mean([_expected_changes(law[::per_phrase]) for law in laws]),
    )


def _changes(bars: Int[np.ndarray, "_"], per_phrase: int) -> Float[np.ndarray, "_"]:
    """Whether the last bar of each phrase and the one after it are different moves, where both are known."""
    before, after = bars[per_phrase - 1 : -1 : per_phrase], bars[per_phrase::per_phrase]
    known = (before != UNKNOWN) & (after != UNKNOWN)
    return (before != after)[known].astype(float)


def _expected_changes(law: Float[np.ndarray, "P M"]) -> Float[np.ndarray, "_"]:
    """The probability that each phrase but the first has another move than the one before."""
    return 1 - (law[:-1] * law[1:]).sum(axis=1)


def _mean(parts: Sequence[Float[np.ndarray, "_"]]) -> float:
    """Of everything in them; NaN where there is nothing."""
    values = np.concatenate(parts)
    return float(values.mean()) if len(values) else float("nan")


def _distance_by_chance(
    recognised: Sequence[Int[np.ndarray, "_"]],
    probabilities: Sequence[Float[np.ndarray, "_ M"]],
    expected: Float[np.ndarray, "M"],
    draws: int = 200,
) -> float:
    """Mean distance of dances drawn by the law, a move for both bars of a phrase."""
    per_phrase = PHRASE_BEATS // BAR_BEATS
    laws, bars = [], []
    for moves, law in zip(recognised, probabilities, strict=True):
        lengths = np.bincount(np.arange(len(moves)) // per_phrase)
        laws.append(law[: len(lengths)])
        bars.append(lengths)
    cumulated = np.concatenate(laws).cumsum(axis=1)
    lengths = np.concatenate(bars)
    drawn = (np.random.default_rng(0).random((draws, len(cumulated), 1)) > cumulated).sum(axis=-1)
    drawn = np.minimum(drawn, len(MOVE_NAMES) - 1)
    counts = np.stack([np.bincount(row, weights=lengths, minlength=len(MOVE_NAMES)) for row in drawn])
    return float(0.5 * np.abs(counts / lengths.sum() - expected).sum(axis=1).mean())
