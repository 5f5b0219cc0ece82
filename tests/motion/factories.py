"""Small skeletons and clips for the tests of every room."""

import numpy as np

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton
from transflower.synthetic.skeleton import SKELETON

# name, parent, offset in metres
HUMANOID = (
    ("Hips", -1, (0.0, 0.0, 0.0)),
    ("Spine", 0, (0.0, 0.3, 0.0)),
    ("Head", 1, (0.0, 0.3, 0.02)),
    ("LeftArm", 1, (0.2, 0.2, 0.0)),
    ("LeftHand", 3, (0.5, 0.0, 0.0)),
    ("RightArm", 1, (-0.2, 0.2, 0.0)),
    ("RightHand", 5, (-0.5, 0.0, 0.0)),
    ("LeftUpLeg", 0, (0.1, -0.05, 0.0)),
    ("LeftFoot", 7, (0.0, -0.8, 0.0)),
    ("RightUpLeg", 0, (-0.1, -0.05, 0.0)),
    ("RightFoot", 9, (0.0, -0.8, 0.0)),
)
END_SITES = {2: (0.0, 0.2, 0.0), 4: (0.1, 0.0, 0.0), 6: (-0.1, 0.0, 0.0), 8: (0.0, 0.0, 0.15), 10: (0.0, 0.0, 0.15)}


def make_skeleton(*, num_joints: int | None = None, above: tuple[str, ...] = ()) -> Skeleton:
    """A humanoid of 11 joints, or a chain of ``num_joints``; joints named in ``above`` stand over its root."""
    if num_joints is not None:
        names = tuple(f"Joint{joint}" for joint in range(num_joints))
        offsets = np.tile([0.0, 0.2, 0.0], (num_joints, 1))
        return Skeleton(names, tuple(range(-1, num_joints - 1)), offsets, {num_joints - 1: (0.0, 0.1, 0.0)})
    shift = len(above)
    names = above + tuple(name for name, _, _ in HUMANOID)
    parents = tuple(range(-1, shift)) + tuple(parent + shift for _, parent, _ in HUMANOID[1:])
    offsets = np.array([(0.0, 0.0, 0.0)] * shift + [offset for _, _, offset in HUMANOID])
    return Skeleton(names, parents, offsets, {joint + shift: tip for joint, tip in END_SITES.items()})


def make_clip(
    num_frames: int = 40,
    *,
    fps: float = 30.0,
    skeleton: Skeleton | None = None,
    moving: tuple[str, ...] = (),
    degrees: float = 40.0,
    seed: int = 0,
) -> Clip:
    """A smooth random dance: joints swing by up to about ``degrees``, the root walks, turns and bobs.

    Joints named in ``moving`` get a translation track beside the root's.
    """
    skeleton = skeleton or make_skeleton()
    random = np.random.default_rng(seed)
    seconds = np.arange(num_frames)[:, None, None] / fps
    phases, speeds = random.uniform(0, 2 * np.pi, (skeleton.num_joints, 3)), random.uniform(2, 6, (1, 3))
    swings = np.radians(degrees) * random.uniform(-1, 1, (skeleton.num_joints, 3)) * np.sin(speeds * seconds + phases)
    rotations = rot.from_expmap(swings)
    heading = rot.from_yaw(random.uniform(-2, 2) + 0.8 * seconds[:, 0, 0])
    rotations[:, 0] = rot.multiply(heading, rotations[:, 0])
    bob = 0.05 * np.sin(7 * seconds[:, 0] + random.uniform(0, 6, 3))
    walk = np.array([0.0, 0.9, 0.0]) + random.uniform(-0.5, 0.5, 3) * [1, 0, 1] * seconds[:, 0]
    translations = {0: walk + bob}
    for name in moving:
        joint = skeleton.index(name)
        translations[joint] = skeleton.offsets[joint] + 0.1 * np.sin(5 * seconds[:, 0] + random.uniform(0, 6, 3))
    return Clip(skeleton, fps, rotations, translations)


def pausing(beats, fps, *, seconds):
    """Two joints that swing and stand still for a moment on every beat."""
    time = np.arange(round(seconds * fps)) / fps
    phase = np.interp(time, beats, np.arange(len(beats)))
    way = np.cos(np.pi * phase)  # reverses, hence stops, on the beats
    positions = np.zeros((len(time), 2, 3))
    positions[:, 0, 1], positions[:, 1, 0] = way, 0.5 * way
    return positions


def bouncing(late=0.0, depth=0.05):
    """Hips that are lowest ``late`` seconds after every beat."""
    times = np.arange(330) / 30
    height = 0.9 - depth * np.cos(2 * np.pi * (times - 0.5 - late) / 0.5)
    place = np.stack([0 * times, height, 0 * times], axis=-1)
    return Clip(SKELETON, 30.0, rot.identity(len(times), SKELETON.num_joints), {0: place})
