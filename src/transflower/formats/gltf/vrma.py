"""VRM animations: the motion of humanoid bones, for any VRM character.

The nodes are those bones, named as VRM names them. At rest they are not turned and form a T-pose that faces +Z; what
they are turned by is the same for every character.

Shape letters: T frames, B bones.
"""

from importlib.metadata import version
from pathlib import Path

import numpy as np

from transflower.core.files import atomic_path
from transflower.formats.gltf.animation import append_animation
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.writer import append_skeleton
from transflower.formats.recording import Recording
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import BONES, FACE, SIDES
from transflower.motion.kinematics import forward, rest_positions
from transflower.motion.retarget.rig import Rig, read_rig
from transflower.motion.skeleton import Skeleton

EXTENSION = "VRMC_vrm_animation"
"""What a VRM animation says of its humanoid."""

_ANKLE_SHARE = 0.1
"""Height of the ankles of standing feet, in lengths of a leg."""


def write_vrma(path: Path | str, recording: Recording) -> None:
    """Write a recording as a VRM animation, whole or not at all.

    Raises:
        DataError: the skeleton lacks a bone that VRM needs, or a number is not finite.
    """
    content = vrma_bytes(recording, name=Path(path).stem)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def vrma_bytes(recording: Recording, *, name: str = "motion") -> bytes:
    """A VRM animation of a recording.

    Raises:
        DataError: the skeleton lacks a bone that VRM needs, or a number is not finite.
    """
    clip = to_humanoid_clip(recording.clip)
    appender = GltfAppender(empty_gltf(f"transflower {version('transflower')}"))
    nodes = append_skeleton(appender, clip.skeleton)
    append_animation(appender, clip, nodes, name=name)
    bones = {bone: {"node": node} for bone, node in zip(clip.skeleton.names, nodes, strict=True)}
    appender.use_extension(EXTENSION, {"specVersion": "1.0", "humanoid": {"humanBones": bones}})
    appender.document |= {"scene": 0, "scenes": [{"nodes": [nodes[0]]}]}
    return appender.to_glb()


def to_humanoid_clip(clip: Clip) -> Clip:
    """The motion of the humanoid bones of a clip, where they are in the world, on a skeleton of these bones alone.

    Joints between two bones turn the lower one. A bone that moves away from the one above is at its mean place.

    Raises:
        DataError: the skeleton lacks a bone that VRM needs.
    """
    rig = read_rig(clip, what="the recording")
    bones = [bone for bone in BONES if bone in rig.humanoid.joints and bone not in FACE]
    joints = [rig.humanoid.joints[bone] for bone in bones]
    frames = np.stack([rig.frames[bone] for bone in bones])
    positions, rotations = (array[:, joints] for array in forward(clip))
    # In a T-pose that faces +Z these are not turned, whatever the joints are then.
    turned = rot.multiply(rotations, frames)
    parents = [-1, *(bones.index(rig.humanoid.above(bone) or "hips") for bone in bones[1:])]
    local = turned.copy()
    local[:, 1:] = rot.multiply(rot.inverse(turned[:, parents[1:]]), turned[:, 1:])
    offsets = np.zeros((len(bones), 3))
    ways = rot.rotate(rot.inverse(turned[:, parents[1:]]), positions[:, 1:] - positions[:, parents[1:]])
    offsets[1:] = ways.mean(axis=0)
    sites = {
        bone: tuple(rot.rotate(rot.inverse(frames[bone]), np.array(rig.skeleton.end_sites[joint])).tolist())
        for bone, joint in enumerate(joints)
        if joint in rig.skeleton.end_sites and bone not in parents
    }
    skeleton = Skeleton(tuple(bones), tuple(parents), offsets, sites)
    offsets[0, 1] = _standing_height(rig, skeleton)
    return Clip(skeleton, clip.fps, rot.normalize(local), {0: positions[:, 0]})


def _standing_height(rig: Rig, skeleton: Skeleton) -> float:
    """Height of the hips in the T-pose, over a floor at 0, by which players scale their path."""
    ankles = [skeleton.index(f"{side}Foot") for side in SIDES]
    return _ANKLE_SHARE * rig.leg_length - float(rest_positions(skeleton)[ankles, 1].min())
