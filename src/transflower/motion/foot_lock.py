"""Foot lock: feet do not slide while they stand.

In generated motion standing feet slide, which is easily seen. While a foot stands, the point on which it stands is kept
in place, and the leg follows by inverse kinematics. All else is unchanged. Which feet stand is seen in the motion, or
told: then the body, too, is moved along the floor with them.

Shape letters: T frames, N points of the body, P points of the feet, K frames that come out.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from transflower.motion import kinematics
from transflower.motion.anatomy import Limb, points, read_anatomy
from transflower.motion.clip import Clip
from transflower.motion.foot_shift import shifts_against_slide, steps_along_floor
from transflower.motion.skeleton import Skeleton
from transflower.motion.standing import HeldBody, Standing
from transflower.motion.two_bone_ik import has_two_bones, local_bends, solve_two_bone_ik, toe_bend

LOOKAHEAD_SECONDS = 0.1
"""How much later frames come out. A foot that will stand is slowed down before, which takes about so long; what comes
later changes little, and live frames should not wait."""
_FLOOR_SECONDS = 10.0
"""Time in which a point of a foot comes down to the floor, in most dances often."""
_FLOOR_SHARE = 0.05
"""Share of the frames in which a point is below its usual lowest height."""
_PIECE_FRAMES = 3000
"""Of a whole clip so many are worked on at a time: what is computed of a frame is many times as large as it."""
_NUM_BEFORE = 2
"""Frames that are still read when they are out."""
_BODY = "body."
"""Before the names of what the held body remembers."""


def lock_feet(clip: Clip, standing: Standing | None = None) -> Clip:
    """The clip with feet that do not slide while they stand. A skeleton without legs is returned unchanged.

    Args:
        clip: the motion.
        standing: which feet stand; by default low ones that move slowly.
    """
    lock, locked = FootLock(clip.skeleton, clip.fps), []
    for start in range(0, clip.num_frames, _PIECE_FRAMES):
        frames = slice(start, start + _PIECE_FRAMES)
        told = None if standing is None else standing[frames]
        locked.append(lock.push(clip[frames], told, is_last=frames.stop >= clip.num_frames))
    return _joined([piece for piece in locked if piece is not None])


class FootLock:
    """Locks the feet of a clip that arrives in pieces: frames come out ``num_ahead`` frames later than they go in.

    Any cutting into pieces gives the same frames, and what is remembered does not grow.

    Example:
        >>> from transflower.motion import rotations
        >>> skeleton = Skeleton(names=("Hips",), parents=(-1,), offsets=np.zeros((1, 3)))
        >>> lock = FootLock(skeleton, fps=30.0)
        >>> lock.num_ahead  # 0.1 seconds
        3
        >>> piece = Clip(skeleton, 30.0, rotations.identity(10, 1), {0: np.zeros((10, 3))})
        >>> lock.push(piece).num_frames, lock.push(piece).num_frames, lock.flush().num_frames
        (7, 10, 3)
    """

    def __init__(self, skeleton: Skeleton, fps: float) -> None:
        """Begin. All pieces are of this skeleton and frame rate."""
        self._skeleton, self._fps = skeleton, fps
        self._num_ahead = max(1, round(LOOKAHEAD_SECONDS * fps))
        self._held: Clip | None = None
        """Frames that are out but still read, then those that are not out."""
        self._body: HeldBody | None = None
        """Where it is told which feet stand."""
        self._standing: Standing | None = None
        """Of the frames that are held."""
        self._num_out = 0
        """How many of them are out."""
        self._usual = np.zeros(0)
        """Height of each point of the body, by which its legs were found."""
        self._legs: tuple[Limb, ...] = ()
        self._heights = np.zeros((0, 0))
        """Of the points of the feet, in the frames before those that are held."""
        self._shifts = np.zeros((0, 2, 2))
        """Of each foot, in the last two frames that are out."""
        self._bends = np.zeros((0, 3))
        """Of each leg, summed over all frames that are out."""

    @property
    def num_ahead(self) -> int:
        """How many frames later a frame comes out."""
        return self._num_ahead

    def push(self, clip: Clip, standing: Standing | None = None, *, is_last: bool = False) -> Clip | None:
        """Take the next frames.

        Args:
            clip: the frames.
            standing: which feet stand in them, told of all pieces or of none.
            is_last: whether nothing follows.

        Returns:
            The frames that come out: after the last piece all of them; None where there is none yet.
        """
        if standing is not None:
            self._body = self._body or HeldBody(self._skeleton, standing.ankles)
            clip = self._body.push(clip, standing)
            self._standing = standing if self._standing is None else self._standing.joined(standing)
        self._held = clip if self._held is None else _joined([self._held, clip])
        num_waiting = self._held.num_frames - self._num_out
        return self._release(num_waiting if is_last else num_waiting - self._num_ahead)

    def flush(self) -> Clip | None:
        """The frames that have not come out, as if none came after them. More may follow, and go on from here."""
        return None if self._held is None else self._release(self._held.num_frames - self._num_out)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything remembered, as named arrays."""
        state = {
            "num_out": np.array(self._num_out),
            "usual": self._usual,
            "heights": self._heights,
            "shifts": self._shifts,
            "bends": self._bends,
        }
        if self._held is not None:
            joints = list(self._held.translations)
            tracks = np.stack([self._held.translations[joint] for joint in joints])
            state |= {"rotations": self._held.rotations, "joints": np.array(joints), "translations": tracks}
        if self._body is not None and self._standing is not None:
            state |= {"ankles": np.array(self._standing.ankles), "stands": self._standing.stands}
            state |= {_BODY + name: value for name, value in self._body.state_dict().items()}
        return state

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken, by a lock of the same skeleton and frame rate."""
        self._num_out, self._usual = int(state["num_out"]), state["usual"]
        self._heights, self._shifts, self._bends = (state[name].copy() for name in ("heights", "shifts", "bends"))
        self._held, self._legs, self._body, self._standing = None, (), None, None
        if "ankles" in state:
            self._standing = Standing(ankles=tuple(state["ankles"].tolist()), stands=state["stands"])
            self._body = HeldBody(self._skeleton, self._standing.ankles)
            body = {name.removeprefix(_BODY): value for name, value in state.items() if name.startswith(_BODY)}
            self._body.load_state_dict(body)
        if "rotations" in state:
            tracks = dict(zip(state["joints"].tolist(), state["translations"], strict=True))
            self._held = Clip(self._skeleton, self._fps, state["rotations"], tracks)
        if self._held is not None and len(self._usual):
            self._legs = _find_legs(self._held, self._usual)

    def _release(self, count: int) -> Clip | None:
        if count <= 0 or self._held is None:
            return None
        world = kinematics.forward(self._held)
        where = points(self._held, world)
        if not len(self._usual):
            self._begin(self._held, where, world)
        start, stop = self._num_out, self._num_out + count
        clip = _part(self._held, start, stop)
        if self._legs:
            clip = self._lock(clip, where, world)
        self._forget(max(0, stop - _NUM_BEFORE), where)
        self._num_out = min(stop, _NUM_BEFORE)
        return clip

    def _begin(self, clip: Clip, where: Float[np.ndarray, "T N 3"], world: kinematics.World) -> None:
        self._usual = np.median(where[: self._num_ahead + 1, :, 1], axis=0)
        self._legs = _find_legs(clip, self._usual)
        self._heights = np.zeros((0, sum(len(leg.extremity) for leg in self._legs)))
        self._shifts = np.zeros((len(self._legs), 2, 2))
        self._bends = np.array([toe_bend(where[0], world[1][0], leg) for leg in self._legs]).reshape(-1, 3)

    def _lock(self, clip: Clip, where: Float[np.ndarray, "T N 3"], world: kinematics.World) -> Clip:
        """The frames that come out, with locked feet."""
        start, stop = self._num_out, self._num_out + clip.num_frames
        targets = where[start:stop, [leg.end for leg in self._legs]]
        for index, floor in enumerate(self._floors(where, start, stop)):
            shifts = self._shift(index, where[:, self._legs[index].extremity], floor)
            self._shifts[index] = np.concatenate([self._shifts[index], shifts])[-2:]
            targets[:, index, [0, 2]] += shifts
        now = (world[0][start:stop], world[1][start:stop])
        usual = self._bends + np.cumsum(local_bends(*now, self._legs), axis=0)
        self._bends = usual[-1].copy()
        return solve_two_bone_ik(clip, self._legs, targets, world=now, usual=usual)

    def _shift(
        self, index: int, foot: Float[np.ndarray, "T _ 3"], floor: Float[np.ndarray, "K _"]
    ) -> Float[np.ndarray, "K 2"]:
        start, num_steps = self._num_out, self._num_ahead + 2
        told = self._told(self._legs[index].end)
        slide, stands = steps_along_floor(foot, floor, first=start, fps=self._fps, num_steps=num_steps, told=told)
        before = self._shifts[index]
        return shifts_against_slide(slide, stands, before, first=start, stop=len(foot), fps=self._fps)

    def _told(self, ankle: int) -> Bool[np.ndarray, " T"] | None:
        """Whether a foot stands in the frames that are held, where that is told."""
        if self._standing is None or ankle not in self._standing.ankles:
            return None
        return self._standing.stands[:, self._standing.ankles.index(ankle)]

    def _floors(self, where: Float[np.ndarray, "T N 3"], start: int, stop: int) -> list[Float[np.ndarray, "K _"]]:
        """Usual lowest height of each point of each foot, as it is known when each frame comes out."""
        heights = np.concatenate([self._heights, self._feet_heights(where)])
        passed, longest = len(self._heights), self._num_floor
        ends = [min(passed + frame + self._num_ahead + 1, len(heights)) for frame in range(start, stop)]
        floors = np.stack([_lowest(heights[max(0, end - longest) : end]) for end in ends])
        return np.split(floors, np.cumsum([len(leg.extremity) for leg in self._legs])[:-1], axis=1)

    def _forget(self, count: int, where: Float[np.ndarray, "T N 3"]) -> None:
        """Hold the first frames no longer; of those, the heights of the feet are kept for some seconds."""
        assert self._held is not None
        heights = np.concatenate([self._heights, self._feet_heights(where[:count])])
        self._heights = heights[max(0, len(heights) - self._num_floor) :].copy()
        self._held = _part(self._held, count, self._held.num_frames)
        if self._standing is not None:
            self._standing = self._standing[count:]

    def _feet_heights(self, where: Float[np.ndarray, "T N 3"]) -> Float[np.ndarray, "T P"]:
        return where[:, [point for leg in self._legs for point in leg.extremity], 1]

    @property
    def _num_floor(self) -> int:
        return max(1, round(_FLOOR_SECONDS * self._fps))


def _find_legs(clip: Clip, heights: Float[np.ndarray, " N"]) -> tuple[Limb, ...]:
    return tuple(leg for leg in read_anatomy(clip.skeleton, heights).legs if has_two_bones(clip, leg))


def _lowest(heights: Float[np.ndarray, "T P"]) -> Float[np.ndarray, " P"]:
    rank = int(_FLOOR_SHARE * (len(heights) - 1))
    return np.asarray(np.partition(heights, rank, axis=0)[rank])


def _part(clip: Clip, start: int, stop: int) -> Clip:
    """A copy, so that a long clip is not held by a few of its frames."""
    tracks = {joint: track[start:stop].copy() for joint, track in clip.translations.items()}
    return replace(clip, rotations=clip.rotations[start:stop].copy(), translations=tracks)


def _joined(clips: Sequence[Clip]) -> Clip:
    tracks = {joint: np.concatenate([clip.translations[joint] for clip in clips]) for joint in clips[0].translations}
    return replace(clips[0], rotations=np.concatenate([clip.rotations for clip in clips]), translations=tracks)
