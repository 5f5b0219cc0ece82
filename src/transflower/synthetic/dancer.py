"""Dances a list of moves to a grid of beats.

Footwork is planned phrase by phrase in the world; body and arms are curves of the beat, cross-faded from phrase to
phrase in the space of controls; posture and springs are added over the whole dance, and the rig makes a clip of it.
Shape letters: T frames, C controls, P phrases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from transflower.motion.clip import Clip
from transflower.synthetic.arm_poses import arm_controls
from transflower.synthetic.controls import ARM, INDEX, NAMES, arm_columns, mirror
from transflower.synthetic.curves import PHRASE_BEATS, Number, ease, through_keys
from transflower.synthetic.footwork import (
    FootTrack,
    FootworkPlanner,
    PhrasePlan,
    foot_tracks,
    heading_track,
    weight_track,
)
from transflower.synthetic.moves import MOVES
from transflower.synthetic.moves.idle import IDLE
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move
from transflower.synthetic.posture import add_posture
from transflower.synthetic.rig import Pose, rig
from transflower.synthetic.springs import LEAD_SECONDS, follow_through
from transflower.synthetic.style import MOTION_STYLES, Dancer, MotionStyle

_FADE_BEATS = 0.8
"""Beats before a phrase in which body and arms go over from the last one."""
_WARM_UP_SECONDS = 0.6
"""Time before the first frame in which the springs come to rest."""
_WAIT = Move(
    name="wait",
    energy=0.0,
    styles={},
    left=ArmKeys(keys=((0, "low"),)),
    right=ArmKeys(keys=((0, "low"),)),
    bounce=Bounce(depth=0.012),
)


@dataclass(frozen=True, kw_only=True)
class _Phrase:
    """A phrase as drawn: what the plan of the feet has, and the variation of body and arms."""

    plan: PhrasePlan
    size: float
    late: float
    """Seconds by which body and arms are behind the beat."""
    crispness: float
    """Scale of the time at rest on the keys."""
    arms: Float[np.ndarray, "2 A"]
    """Offsets of the arm controls."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """A dance that was performed."""

    clip: Clip
    mirrored: tuple[bool, ...]
    """Whether each phrase was danced as the mirror image of the move as written."""


def dance(
    moves: Sequence[str],
    beats: Float[np.ndarray, "K"],
    *,
    style: str,
    energies: Sequence[float],
    seconds: Number,
    fps: Number,
    rng: np.random.Generator,
) -> Performance:
    """A dancer, drawn from ``rng``, doing one move in each eight of ``beats`` (seconds), at ``fps`` for ``seconds``.

    Phrase p begins at beat 8 p; before the first the dancer waits. A phrase of the move ``idle`` is swayed through.
    ``energies`` (0 to 1, one a phrase) make the movement larger or smaller.
    """
    fps = float(fps)
    dancer = Dancer.draw(rng)
    planner = FootworkPlanner(stance=dancer.stance, start=rng.normal(0, 0.15, 2), heading=rng.normal(0, 0.12))
    planner.free = "l" if rng.random() < 0.5 else "r"
    phrases = [
        _draw_phrase(IDLE if move == IDLE.name else MOVES[move], index, energy, planner, dancer, rng)
        for index, (move, energy) in enumerate(zip(moves, energies, strict=True))
    ]
    times = _frame_times(seconds, fps)
    at_beats = _beats_at(times, beats)
    motion_style = MOTION_STYLES[style]
    controls = _all_controls(phrases, times, beats, motion_style, dancer)
    heading = heading_track(planner.plan, at_beats, fps)
    weight = weight_track(planner.plan, at_beats, fps)
    feet = foot_tracks(planner.plan, at_beats, heading, fps)
    add_posture(controls, weight=weight, heading=heading, feet=feet, style=motion_style, dancer=dancer, fps=fps)
    controls = follow_through(controls, fps, dancer.looseness)
    shown = (times > -0.5 / fps) & (times < seconds - 1e-6)
    pose = Pose(
        controls=controls[shown],
        weight=weight[shown],
        heading=heading[shown],
        feet={foot: _cut(track, shown) for foot, track in feet.items()},
    )
    return Performance(clip=rig(pose, fps, rng), mirrored=tuple(phrase.plan.mirrored for phrase in phrases))


def _draw_phrase(
    move: Move, index: int, energy: float, planner: FootworkPlanner, dancer: Dancer, rng: np.random.Generator
) -> _Phrase:
    size = float(np.clip(dancer.size * (0.8 + 0.4 * energy) * rng.uniform(0.9, 1.1), 0.72, 1.28))
    # Moves with steps begin with the free foot, others on either side.
    mirrored = planner.free == "r" if move.steps else bool(rng.random() < 0.5)
    plan = PhrasePlan(move=move, mirrored=mirrored, start=index * PHRASE_BEATS, size=size * rng.uniform(0.92, 1.08))
    planner.add(plan)
    return _Phrase(
        plan=plan,
        size=size,
        late=rng.normal(0, 0.012),
        crispness=rng.uniform(0.6, 1.5),
        arms=dancer.carriage + rng.normal(0, 3, (2, len(ARM))),
    )


def _frame_times(seconds: Number, fps: Number) -> Float[np.ndarray, "T"]:
    before, after = round(_WARM_UP_SECONDS * fps), round(LEAD_SECONDS * fps) + 2
    return np.arange(-before, np.ceil(seconds * fps - 1e-6) + after) / fps


def _beats_at(times: Float[np.ndarray, "T"], beats: Float[np.ndarray, "K"]) -> Float[np.ndarray, "T"]:
    """Musical time in beats, extrapolated by the first and last tempo."""
    first, last = beats[1] - beats[0], beats[-1] - beats[-2]
    seconds = np.concatenate([[beats[0] - 64 * first], beats, [beats[-1] + 64 * last]])
    return np.interp(times, seconds, np.concatenate([[-64], np.arange(len(beats)), [len(beats) + 63]]))


def _all_controls(
    phrases: Sequence[_Phrase],
    times: Float[np.ndarray, "T"],
    beats: Float[np.ndarray, "K"],
    style: MotionStyle,
    dancer: Dancer,
) -> Float[np.ndarray, "T C"]:
    """The moves' curves, each phrase faded into the next just before its first beat."""
    at_beats = _beats_at(times, beats)
    wait = replace(phrases[0], plan=replace(phrases[0].plan, move=_WAIT, mirrored=False))
    starts = [-np.inf, *(phrase.plan.start for phrase in phrases), np.inf]
    controls = np.zeros((len(at_beats), len(NAMES)))
    for phrase, start, stop in zip([wait, *phrases], starts, starts[1:], strict=False):
        begin, end = np.searchsorted(at_beats, [start - _FADE_BEATS, stop])
        if begin == end:
            continue
        shown = at_beats[begin:end]
        fade = _fade(shown, start) - _fade(shown, stop)
        phase = _beats_at(times[begin:end] - phrase.late, beats) - phrase.plan.start
        controls[begin:end] += fade[:, None] * _phrase_controls(phrase, phase, style, dancer)
    return controls


def _fade(at_beats: Float[np.ndarray, "T"], start: Number) -> Float[np.ndarray, "T"]:
    """0 before, 1 from ``start`` on."""
    return ease(np.clip((at_beats - start) / _FADE_BEATS + 1, 0, 1))


def _phrase_controls(
    phrase: _Phrase, phase: Float[np.ndarray, "T"], style: MotionStyle, dancer: Dancer
) -> Float[np.ndarray, "T C"]:
    move = phrase.plan.move
    controls = np.zeros((len(phase), len(NAMES)))
    for name, curves in move.body.items():
        for curve in curves if isinstance(curves, tuple) else (curves,):
            controls[:, INDEX[name]] += curve.at(phase) * phrase.size * _part_scale(name, style, dancer)
    controls[:, INDEX["rise"]] -= style.bounce * dancer.bounce * phrase.size * _bounce(move.bounce, phase)
    on_beat = 0.5 + 0.5 * np.cos(2 * np.pi * phase)
    controls[:, INDEX["head_pitch"]] += move.nod * style.nod * phrase.size * (on_beat - 0.4)
    for side, keys in (("l", move.left), ("r", move.right)):
        controls[:, arm_columns(side)] += _arm(keys, phase, phrase.size * style.arms, phrase.crispness)
    if phrase.plan.mirrored:
        controls = mirror(controls)
    for side, offset in zip("lr", phrase.arms, strict=True):
        controls[:, arm_columns(side)] += offset
    return controls


def _part_scale(name: str, style: MotionStyle, dancer: Dancer) -> float:
    if name.startswith("hip") or name in {"sway", "fore"}:
        return style.hips * dancer.hips
    return style.chest if name.startswith("chest") else 1.0


def _bounce(bounce: Bounce, phase: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """Depth below the highest point."""
    return bounce.depth * (0.5 + 0.5 * np.cos(2 * np.pi * phase)) ** bounce.sharpness


def _arm(keys: ArmKeys, phase: Float[np.ndarray, "T"], size: float, crispness: float) -> Float[np.ndarray, "T A"]:
    """Arm controls through the named poses; a larger size takes them further from their middle."""
    poses = np.stack([arm_controls(name) for _, name in keys.keys])
    middle = poses.mean(axis=0)
    poses = middle + np.clip(size, 0.75, 1.15) * (poses - middle)
    beats = np.array([beat for beat, _ in keys.keys], float)
    dwell = float(np.clip(keys.dwell * crispness, 0, 0.45))
    return through_keys(beats, poses, keys.period, dwell, phase)


def _cut(track: FootTrack, shown: np.ndarray) -> FootTrack:
    return FootTrack(ball=track.ball[shown], yaw=track.yaw[shown], pitch=track.pitch[shown])
