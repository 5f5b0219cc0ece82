"""From controls, feet, weight and heading to a skeleton's clip.

The feet are given. The hips follow the weight, no higher than both legs reach, and inverse kinematics places the legs.
Shape letters: T frames, C controls, J joints.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.synthetic.arm_poses import upper_arm_rotation
from transflower.synthetic.controls import INDEX
from transflower.synthetic.footwork import FootTrack
from transflower.synthetic.legs import LONGEST, SHANK, THIGH, solve_leg
from transflower.synthetic.moves.move import Foot
from transflower.synthetic.skeleton import BALL_HEIGHT, HEEL_BEHIND_BALL, SKELETON
from transflower.synthetic.tremor import TREMOR_DEGREES, TREMOR_METRES, tremor

_SIDES: tuple[tuple[Foot, str, float], ...] = (("l", "Left", 1.0), ("r", "Right", -1.0))
_OVER_FOOT = 0.84
"""How far the hips go from between the feet to above the one that carries everything."""
_STANDING = 0.918
"""Height of the hips' joint over the floor when the dancer stands at ease, knees soft, in metres."""
_SPINE = (("Spine", 0.3, -1.0), ("Spine1", 0.4, 0.0), ("Spine2", 0.3, 1.0))
"""Share of the chest's rotation, and sign of the S of an isolation, of each joint of the spine."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """All that the rig needs, over time."""

    controls: Float[np.ndarray, "T C"]
    weight: Float[np.ndarray, "T"]
    heading: Float[np.ndarray, "T"]
    feet: dict[Foot, FootTrack]

    def __getitem__(self, name: str) -> Float[np.ndarray, "T"]:
        return self.controls[:, INDEX[name]]


def rig(pose: Pose, fps: float, rng: np.random.Generator) -> Clip:
    """The clip of a pose over time; ``rng`` draws the tremor."""
    num_frames = len(pose.heading)
    joint_noise = _joint_tremor(num_frames, fps, rng)
    local = np.empty((num_frames, SKELETON.num_joints, 4))
    hips_rotation = rot.multiply(_hips_rotation(pose), joint_noise[:, 0])
    feet = {foot: _Foot.of(pose, foot) for foot, _, _ in _SIDES}
    place = _hips_place(pose, feet, hips_rotation, fps)
    place += TREMOR_METRES * tremor(num_frames, 3, fps, rng)
    local[:, 0] = hips_rotation
    _pose_spine(local, pose)
    for foot, side, sign in _SIDES:
        _pose_arm(local, pose, foot, side, sign)
    for joint in range(1, SKELETON.num_joints):
        if not SKELETON.names[joint].endswith(("Leg", "Foot", "ToeBase")):
            local[:, joint] = rot.multiply(local[:, joint], joint_noise[:, joint])
    for foot, side, _ in _SIDES:
        _pose_leg(local, pose, feet[foot], side, place, joint_noise)
    return Clip(SKELETON, fps, rot.normalize(local), {0: place})


def _joint_tremor(num_frames: int, fps: float, rng: np.random.Generator) -> Float[np.ndarray, "T J 4"]:
    noise = tremor(num_frames, 3 * SKELETON.num_joints, fps, rng).reshape(num_frames, -1, 3)
    return rot.from_expmap(np.radians(TREMOR_DEGREES) * noise)


def _hips_rotation(pose: Pose) -> Float[np.ndarray, "T 4"]:
    angles = np.radians(np.stack([pose["hip_yaw"], pose["hip_roll"], pose["hip_pitch"]], axis=-1))
    angles[:, 0] += pose.heading
    return rot.from_euler(angles, "YZX")


@dataclass(frozen=True, kw_only=True)
class _Foot:
    """A foot in world space."""

    rotation: Float[np.ndarray, "T 4"]
    ankle: Float[np.ndarray, "T 3"]
    pitch: Float[np.ndarray, "T"]
    clearance: Float[np.ndarray, "T"]

    @classmethod
    def of(cls, pose: Pose, foot: Foot) -> "_Foot":
        track = pose.feet[foot]
        outwards = 1.0 if foot == "l" else -1.0
        yaw = track.yaw + outwards * np.radians(pose[f"swivel_{foot}"])
        pitch = track.pitch + np.radians(pose[f"heel_{foot}"])
        rotation = rot.multiply(rot.from_yaw(yaw), rot.from_expmap(pitch[:, None] * np.array([1.0, 0.0, 0.0])))
        ball = track.ball.copy()
        # On the heel the ball comes up; otherwise the ball is what the foot stands on.
        ball[:, 1] += BALL_HEIGHT + HEEL_BEHIND_BALL * np.sin(np.maximum(-pitch, 0))
        ankle = ball - rot.rotate(rotation, SKELETON.offsets[SKELETON.index("LeftToeBase")])
        return cls(rotation=rotation, ankle=ankle, pitch=pitch, clearance=track.ball[:, 1])


def _hips_place(
    pose: Pose, feet: dict[Foot, _Foot], hips_rotation: Float[np.ndarray, "T 4"], fps: float
) -> Float[np.ndarray, "T 3"]:
    """Over the weight, shifted by the controls, and as high as both legs allow."""
    middle = {foot: feet[foot].ankle + 0.3 * (pose.feet[foot].ball - feet[foot].ankle) for foot in feet}
    between = 0.5 * (middle["l"] + middle["r"]) + 0.5 * _OVER_FOOT * pose.weight[:, None] * (middle["l"] - middle["r"])
    between = gaussian_filter1d(between, 0.08 * fps, axis=0, mode="nearest")
    shift = np.stack([pose["sway"], np.zeros_like(pose["sway"]), pose["fore"]], axis=-1)
    place = between + rot.rotate(rot.from_yaw(pose.heading), shift)
    wanted = _STANDING + pose["rise"]
    ceilings = [wanted, *(_ceiling(place, hips_rotation, feet[foot], side, fps) for foot, side, _ in _SIDES)]
    place[:, 1] = _soft_minimum(np.stack(ceilings))
    return place


def _ceiling(
    place: Float[np.ndarray, "T 3"], hips_rotation: Float[np.ndarray, "T 4"], foot: _Foot, side: str, fps: float
) -> Float[np.ndarray, "T"]:
    """How high the hips can be for the leg to reach its foot."""
    joint = rot.rotate(hips_rotation, SKELETON.offsets[SKELETON.index(side + "UpLeg")])
    aside = np.linalg.norm((foot.ankle - place - joint)[:, [0, 2]], axis=-1)
    ceiling = foot.ankle[:, 1] + np.sqrt(np.maximum(LONGEST**2 - aside**2, 0.01)) - joint[:, 1]
    # A foot in the air need not be reached: a kick stretches the leg towards it.
    ceiling += 2 * np.maximum(foot.clearance - 0.08, 0)
    return gaussian_filter1d(ceiling, 0.03 * fps, mode="nearest") - 0.004


def _soft_minimum(values: Float[np.ndarray, "K T"], softness: float = 0.008) -> Float[np.ndarray, "T"]:
    lowest = values.min(axis=0)
    return lowest - softness * np.log(np.exp((lowest - values) / softness).sum(axis=0))


def _pose_spine(local: Float[np.ndarray, "T J 4"], pose: Pose) -> None:
    chest = np.stack([pose["chest_pitch"], pose["chest_yaw"], pose["chest_roll"]], axis=-1)
    slide = np.stack([pose["chest_push"], np.zeros(len(chest)), -pose["chest_slide"]], axis=-1)
    for name, share, bend in _SPINE:
        local[:, SKELETON.index(name)] = rot.from_expmap(np.radians(share * chest - bend * slide))
    head = np.stack([pose["head_pitch"], pose["head_yaw"], pose["head_roll"]], axis=-1)
    local[:, SKELETON.index("Neck")] = rot.from_expmap(np.radians(0.4 * head))
    local[:, SKELETON.index("Head")] = rot.from_expmap(np.radians(0.6 * head))


def _pose_arm(local: Float[np.ndarray, "T J 4"], pose: Pose, foot: Foot, side: str, sign: float) -> None:
    """Arms are controls of a left arm; those of the right are turned into its mirror image at the end."""
    vectors = np.stack([pose[f"arm_{axis}_{foot}"] for axis in "xyz"], axis=-1)
    upper = upper_arm_rotation(vectors)
    along = rot.rotate(upper, np.array([1.0, 0.0, 0.0]))
    # An arm that is raised or stretched forward takes its shoulder along.
    shrug = pose[f"shrug_{foot}"] + 16 * np.maximum(along[:, 1] + 0.4, 0) ** 1.5
    reach = 14 * np.maximum(along[:, 2], 0) ** 1.5
    zeros = np.zeros_like(shrug)
    shoulder = rot.from_expmap(np.radians(np.stack([zeros, -reach, shrug], axis=-1)))
    half_turn = 0.5 * pose[f"forearm_{foot}"]
    elbow = rot.multiply(
        rot.from_expmap(np.radians(np.stack([zeros, -pose[f"elbow_{foot}"], zeros], axis=-1))),
        rot.from_expmap(np.radians(np.stack([half_turn, zeros, zeros], axis=-1))),
    )
    wrist = np.stack([half_turn, -pose[f"wrist_side_{foot}"], -pose[f"wrist_bend_{foot}"]], axis=-1)
    parts = {
        "Shoulder": shoulder,
        "Arm": rot.multiply(rot.inverse(shoulder), upper),
        "ForeArm": elbow,
        "Hand": rot.from_expmap(np.radians(wrist)),
    }
    for name, rotation in parts.items():
        mirrored = rotation * np.array([1.0, 1.0, sign, sign])
        local[:, SKELETON.index(side + name)] = mirrored


def _pose_leg(
    local: Float[np.ndarray, "T J 4"],
    pose: Pose,
    foot: _Foot,
    side: str,
    place: Float[np.ndarray, "T 3"],
    joint_noise: Float[np.ndarray, "T J 4"],
) -> None:
    thigh_index, shank_index, foot_index, toe_index = (
        SKELETON.index(side + name) for name in ("UpLeg", "Leg", "Foot", "ToeBase")
    )
    hips = local[:, 0]
    hip = place + rot.rotate(hips, SKELETON.offsets[thigh_index])
    thigh, shank = solve_leg(hip, foot.ankle, _knee_direction(pose, side))
    thigh, shank = _add_knee_tremor(thigh, shank, foot.ankle - hip, joint_noise[:, shank_index])
    tilted = rot.multiply(foot.rotation, joint_noise[:, foot_index])
    local[:, thigh_index] = rot.multiply(rot.inverse(hips), thigh)
    local[:, shank_index] = rot.multiply(rot.inverse(thigh), shank)
    local[:, foot_index] = rot.multiply(rot.inverse(shank), tilted)
    # On the floor the toes stay flat under a raised heel; in the air they follow the foot.
    flat = -np.maximum(foot.pitch, 0) * np.exp(-((np.maximum(foot.clearance, 0) / 0.05) ** 2))
    toes = rot.from_expmap(flat[:, None] * np.array([1.0, 0.0, 0.0]))
    local[:, toe_index] = rot.multiply(toes, joint_noise[:, toe_index])


def _add_knee_tremor(
    thigh: Float[np.ndarray, "T 4"],
    shank: Float[np.ndarray, "T 4"],
    to_ankle: Float[np.ndarray, "T 3"],
    noise: Float[np.ndarray, "T 4"],
) -> tuple[Float[np.ndarray, "T 4"], Float[np.ndarray, "T 4"]]:
    """Add tremor to the knee across its hinge, then aim the leg at the ankle again, because the foot stands."""
    # Only across the hinge: about it the knee moves with the tremor of the hips already.
    noise = noise * np.array([1.0, 0.0, 1.0, 1.0])
    shank = rot.multiply(shank, rot.normalize(noise))
    moved = rot.rotate(thigh, np.array([0.0, -THIGH, 0.0])) + rot.rotate(shank, np.array([0.0, -SHANK, 0.0]))
    lengths = np.linalg.norm(moved, axis=-1, keepdims=True) * np.linalg.norm(to_ankle, axis=-1, keepdims=True)
    # For an angle as small as this, its sine.
    aim = rot.from_expmap(np.cross(moved, to_ankle) / lengths)
    return rot.multiply(aim, thigh), rot.multiply(aim, shank)


def _knee_direction(pose: Pose, side: str) -> Float[np.ndarray, "T 3"]:
    """Between where the foot and the hips face, and upwards, for a leg that is raised in front."""
    foot: Foot = "l" if side == "Left" else "r"
    outwards = 1.0 if side == "Left" else -1.0
    hips_yaw = pose.heading + np.radians(pose["hip_yaw"])
    foot_yaw = pose.feet[foot].yaw + outwards * np.radians(pose[f"swivel_{foot}"])
    yaw = 0.35 * hips_yaw + 0.65 * foot_yaw + outwards * np.radians(pose[f"knee_{foot}"])
    return np.stack([np.sin(yaw), np.full_like(yaw, 0.35), np.cos(yaw)], axis=-1)
