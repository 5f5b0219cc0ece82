"""From the steps of the moves to where each foot is at every moment, where the weight is and where the body faces.

The plan is made phrase by phrase in world space: the next phrase begins from the feet as they stand. A foot that
carries weight holds the floor with its ball, about which it may turn. Shape letters: T frames.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.synthetic.curves import PHRASE_BEATS, Number, ease
from transflower.synthetic.moves.move import Foot, Move, Shift, Step

_SIGN: dict[Foot, float] = {"l": 1.0, "r": -1.0}
_TOES_OUT = np.radians(9.0)
_PIVOT_LIMIT = np.radians(38.0)
"""How far the body may turn over a standing foot before the foot turns along on its ball."""


_EARLY_BEATS = 0.12
"""A foot touches down so much before its beat that the weight arrives on it."""


@dataclass(frozen=True, kw_only=True)
class PhrasePlan:
    """One performance of a move."""

    move: Move
    mirrored: bool
    start: Number
    """Beat at which it begins."""
    size: float = 1.0
    """Scale of steps."""


@dataclass(frozen=True, kw_only=True)
class Flight:
    """A foot in the air from one beat to another, and where it comes down."""

    lift_off: float
    landing: float
    target: Float[np.ndarray, "3"]
    yaw: float
    pitch: float
    height: float


@dataclass(kw_only=True)
class FloorPlan:
    """The footwork of a whole dance, in beats and world space."""

    starts: dict[Foot, tuple[Float[np.ndarray, "3"], float]]
    """Where each ball stands at first, and its yaw."""
    flights: dict[Foot, list[Flight]] = field(default_factory=lambda: {"l": [], "r": []})
    weights: list[tuple[Number, Number]] = field(default_factory=list)
    headings: list[tuple[Number, Number]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class FootTrack:
    """One foot over time."""

    ball: Float[np.ndarray, "T 3"]
    """The ball of the foot; 0 is the height at which it stands."""
    yaw: Float[np.ndarray, "T"]
    pitch: Float[np.ndarray, "T"]
    """Heel above toes, radians."""


class FootworkPlanner:
    """Plans the phrases of one dance one after the other.

    ``stance`` is half the distance of the feet at home, in metres. Steps are scaled a little, so that the dancer
    returns to the middle of the floor and faces the front.
    """

    def __init__(self, *, stance: float, start: Float[np.ndarray, "2"], heading: float) -> None:
        self._stance = stance
        self._place, self._heading = np.array(start, float), heading
        self._stands = {foot: (self._target(Step(foot=foot, on=0), 0.0)) for foot in _SIGN}
        self.plan = FloorPlan(starts=dict(self._stands), weights=[(-2.0, 0.0)], headings=[(-2.0, heading)])
        self.free: Foot = "l"
        """The foot that the weight is not on."""

    def add(self, phrase: PhrasePlan) -> None:
        """Append a phrase."""
        move, start = phrase.move, phrase.start
        pull, pull_turn = self._pull(move)
        self.plan.headings.append((start, self._heading))
        for beat, degrees in move.turn:
            angle = np.radians(_mirrored(degrees, phrase)) + pull_turn * beat / PHRASE_BEATS
            self.plan.headings.append((start + beat, self._heading + angle))
        for part in sorted(move.footwork, key=lambda part: part.on):
            share = np.clip(part.on / PHRASE_BEATS, 0, 1)
            if isinstance(part, Shift):
                self._load(start + part.on, _mirrored(part.weight, phrase))
            else:
                self._step(_as_danced(part, phrase), start, pull * share, pull_turn * share)
        turned = np.radians(_mirrored(move.turn[-1][1], phrase)) if move.turn else 0.0
        self._place = self._place + pull
        self._heading += turned + pull_turn
        self.plan.headings.append((start + PHRASE_BEATS, self._heading))

    def _pull(self, move: Move) -> tuple[Float[np.ndarray, "2"], float]:
        """By how much this phrase's steps bring the dancer back to the middle and the front."""
        strength = min(1.0, len(move.steps) / 8)
        away = float(np.linalg.norm(self._place))
        pull = -self._place * min(1.0, 0.35 / max(away, 1e-9)) * strength
        off_front = (self._heading + np.pi) % (2 * np.pi) - np.pi
        return pull, -float(np.clip(off_front, -0.6, 0.6)) * strength

    def _step(self, step: Step, start: Number, pull: Float[np.ndarray, "2"], pull_turn: float) -> None:
        place, yaw = self._target(step, pull_turn)
        target = place + np.array([pull[0], 0.0, pull[1]])
        landing = start + step.on - _EARLY_BEATS
        lift_off = landing - step.take
        flights = self.plan.flights[step.foot]
        if flights:
            lift_off = max(lift_off, flights[-1].landing + 0.05)
        sign = _SIGN[step.foot]
        stood, stood_yaw = self._stands[step.foot]
        if step.carries != "jump":
            self._load(lift_off, -sign)
        if np.linalg.norm(target - stood) > 0.03 or abs(yaw - stood_yaw) > 0.15 or step.lift > 0.06:
            pitch = np.radians(step.pitch)
            flights.append(
                Flight(lift_off=lift_off, landing=landing, target=target, yaw=yaw, pitch=pitch, height=step.lift)
            )
            self._stands[step.foot] = (target, yaw)
        if step.carries == "weight":
            self._load(landing, 0.3 * sign)
            self._load(landing + 0.3, sign)
        elif step.carries == "touch":
            self._load(landing, -0.85 * sign)

    def _target(self, step: Step, pull_turn: float) -> tuple[Float[np.ndarray, "3"], float]:
        """Where the ball of the foot comes down in the world, and the foot's yaw."""
        sign = _SIGN[step.foot]
        turn = np.radians(step.turn)
        own = np.array([sign * self._stance + step.x, step.z])
        ground = self._place + _turn(np.array(step.at) + _turn(own, turn), self._heading)
        yaw = self._heading + turn + pull_turn + sign * _TOES_OUT
        return np.array([ground[0], step.y, ground[1]]), yaw

    def _load(self, beat: Number, weight: Number) -> None:
        # A later weight shift for the same moment, or for one before it, replaces the earlier one.
        while self.plan.weights and self.plan.weights[-1][0] >= beat - 0.01:
            self.plan.weights.pop()
        self.plan.weights.append((beat, weight))
        if abs(weight) > 0.3:
            self.free = "r" if weight > 0 else "l"


def foot_tracks(
    plan: FloorPlan, beats: Float[np.ndarray, "T"], heading: Float[np.ndarray, "T"], fps: float
) -> dict[Foot, FootTrack]:
    """Where both feet are at the given beats."""
    return {foot: _foot_track(plan, foot, beats, heading, fps) for foot in _SIGN}


def weight_track(plan: FloorPlan, beats: Float[np.ndarray, "T"], fps: float) -> Float[np.ndarray, "T"]:
    """1 where all weight is on the left foot, -1 on the right."""
    times, values = np.array(plan.weights).T
    # The body anticipates a shift without overshoot: a symmetric window, a tenth of a second wide.
    return gaussian_filter1d(np.interp(beats, times, values), 0.1 * fps, mode="nearest")


def heading_track(plan: FloorPlan, beats: Float[np.ndarray, "T"], fps: float) -> Float[np.ndarray, "T"]:
    """Where the body faces: yaw in radians."""
    times, values = np.array(sorted(plan.headings, key=lambda key: key[0])).T
    left = np.clip(np.searchsorted(times, beats, side="right") - 1, 0, len(times) - 2)
    part = np.clip((beats - times[left]) / np.maximum(times[left + 1] - times[left], 1e-9), 0, 1)
    track = values[left] + ease(part) * (values[left + 1] - values[left])
    return gaussian_filter1d(track, 0.06 * fps, mode="nearest")


def _foot_track(
    plan: FloorPlan, foot: Foot, beats: Float[np.ndarray, "T"], heading: Float[np.ndarray, "T"], fps: float
) -> FootTrack:
    start, yaw_start = plan.starts[foot]
    ball = np.tile(start, (len(beats), 1))
    yaw = np.full(len(beats), yaw_start)
    pitch = np.zeros(len(beats))
    stands_from, stood, stood_pitch = 0, start, 0.0
    for flight in plan.flights[foot]:
        begin, end = np.searchsorted(beats, [flight.lift_off, flight.landing])
        yaw[stands_from:begin] = _follow(yaw_start, heading[stands_from:begin])
        yaw_before = yaw[begin - 1] if begin > stands_from else yaw_start
        part = (beats[begin:end] - flight.lift_off) / (flight.landing - flight.lift_off)
        smooth, arc = ease(part), 16 * part**2 * (1 - part) ** 2
        ball[begin:end] = stood + smooth[:, None] * (flight.target - stood)
        ball[begin:end, 1] += flight.height * arc
        yaw[begin:end] = yaw_before + smooth * (flight.yaw - yaw_before)
        # The heel peels off first and the ball leaves last.
        peel = np.radians(30) * np.sin(np.pi * np.minimum(part**0.6, 1)) ** 2
        pitch[begin:end] = stood_pitch + smooth * (flight.pitch - stood_pitch) + peel
        ball[end:], pitch[end:] = flight.target, flight.pitch
        stands_from, stood, stood_pitch, yaw_start = end, flight.target, flight.pitch, flight.yaw
    yaw[stands_from:] = _follow(yaw_start, heading[stands_from:])
    return FootTrack(
        ball=ball,
        yaw=gaussian_filter1d(yaw, 0.05 * fps, mode="nearest"),
        pitch=gaussian_filter1d(pitch, 0.03 * fps, mode="nearest"),
    )


def _follow(yaw: float, heading: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """A standing foot keeps its yaw until the body has turned too far over it, then turns along."""
    inside = (heading - _PIVOT_LIMIT <= yaw) & (yaw <= heading + _PIVOT_LIMIT)
    if inside.all():
        return np.full(len(heading), yaw)
    track = np.empty(len(heading))
    for frame, facing in enumerate(heading):
        yaw = min(max(yaw, facing - _PIVOT_LIMIT), facing + _PIVOT_LIMIT)
        track[frame] = yaw
    return track


def _as_danced(step: Step, phrase: PhrasePlan) -> Step:
    """The step at the phrase's size and side."""
    x, z, (at_x, at_z) = step.x * phrase.size, step.z * phrase.size, step.at
    at = (_mirrored(at_x, phrase) * phrase.size, at_z * phrase.size)
    foot: Foot = step.foot if not phrase.mirrored else ("r" if step.foot == "l" else "l")
    return replace(step, foot=foot, x=_mirrored(x, phrase), z=z, at=at, turn=_mirrored(step.turn, phrase))


def _mirrored(value: Number, phrase: PhrasePlan) -> Number:
    return -value if phrase.mirrored else value


def _turn(ground: Float[np.ndarray, "2"], yaw: float) -> Float[np.ndarray, "2"]:
    """A vector on the floor (x, z) turned to the left by ``yaw``."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.array([cosine * ground[0] + sine * ground[1], cosine * ground[1] - sine * ground[0]])
