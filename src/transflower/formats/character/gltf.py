"""GLB, glTF and VRM files as characters: the dance comes back as an animation in the file.

A clip of such a character has the rest pose of the nodes as its rest pose: its joints are not turned at rest.

Shape letters: J joints, T frames.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.errors import DataError, FormatError
from transflower.core.files import atomic_path
from transflower.formats.character.bones import choose_bones
from transflower.formats.character.character import Character
from transflower.formats.character.rest import animated_rest, bound_rest, node_rest
from transflower.formats.format import ReadOptions
from transflower.formats.gltf.animation import append_animation
from transflower.formats.gltf.appender import GltfAppender
from transflower.formats.gltf.container import embed_files, read_gltf, to_glb
from transflower.formats.gltf.document import GltfFile
from transflower.formats.gltf.nodes import NodeTree, read_nodes
from transflower.formats.gltf.skeleton import NodeSkeleton, find_skeleton
from transflower.formats.gltf.vrm import read_vrm_bones
from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid import Humanoid, find_bones
from transflower.motion.retarget import Rig, read_rig
from transflower.motion.skeleton import Skeleton

_ADDED_TO = ("accessors", "animations", "bufferViews", "buffers")


def open_gltf_character(path: Path, table: Path | None, options: ReadOptions) -> Character:
    """Open a GLB, glTF or VRM file; it needs no animation.

    Raises:
        FormatError: it is no glTF file, or broken.
        DataError: bones are missing that a dance needs, or the rest pose is not that of somebody who stands.
    """
    del options  # glTF says all of it
    file = read_gltf(path)
    for collection in _ADDED_TO:
        file.entries(collection)
    tree = read_nodes(file)
    vrm = read_vrm_bones(file)
    moved = set(vrm.values()) or set(_joint_like(tree))
    if not moved:
        file.fail("holds no skeleton; it is no character that can dance")
    found = find_skeleton(tree, moved, tree.scales)
    joints = NodeJoints(tree=tree, found=found, rest=node_rest(tree, found))
    bones = choose_bones(path, _bones(joints, vrm), table)
    joints, rig = _standing(joints, bones, str(path))

    def write(target: Path, clip: Clip, name: str) -> None:
        content = to_glb(with_animation(file, joints, clip, name=name))
        with atomic_path(target) as temporary:
            temporary.write_bytes(content)

    def show(clip: Clip) -> bytes:
        document = {key: value for key, value in file.document.items() if key != "animations"}
        return to_glb(with_animation(replace(file, document=document), joints, clip, name="dance"))

    suffixes = (".vrm", ".glb") if vrm else (".glb",)
    faces_back = bool(rot.rotate(rig.standing.body, np.array([0.0, 0, 1]))[2] < 0)
    return Character(path=path, rig=rig, suffixes=suffixes, write_clip=write, show_clip=show, faces_back=faces_back)


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeJoints:
    """The joints of a file, and where they are at rest."""

    tree: NodeTree
    found: NodeSkeleton
    rest: kinematics.World
    """World positions and rotations of the joints at rest, ``[1, J, 3]`` and ``[1, J, 4]``."""

    @property
    def skeleton(self) -> Skeleton:
        """The skeleton with joints that are not turned at rest."""
        positions, rotations = self.rest[0][0], self.rest[1][0]
        offsets = positions.copy()
        offsets[1:] -= positions[list(self.found.skeleton.parents[1:])]
        sites = {
            joint: tuple(rot.rotate(rotations[joint], np.array(site)).tolist())
            for joint, site in self.found.skeleton.end_sites.items()
        }
        return replace(self.found.skeleton, offsets=offsets, end_sites=sites)


def _standing(joints: NodeJoints, bones: Humanoid, what: str) -> tuple[NodeJoints, Rig]:
    """The joints with the first rest pose that stands: the nodes may be in any pose."""
    for find_rest in (bound_rest, animated_rest):
        try:
            return joints, read_rig(joints.skeleton, bones, what=what)
        except DataError:
            with suppress(DataError, FormatError):
                joints = replace(joints, rest=find_rest(joints.tree, joints.found))
    return joints, read_rig(joints.skeleton, bones, what=what)


def with_animation(file: GltfFile, joints: NodeJoints, clip: Clip, *, name: str) -> GltfFile:
    """The file with a clip of its skeleton as one more animation, and files beside it taken in."""
    appender = GltfAppender(embed_files(file))
    nodes = joints.found.nodes
    local = _in_nodes(joints, clip)
    rest = joints.tree.rotations[list(nodes)]
    animation = append_animation(appender, local, nodes, name=name, rest=rest, mover=max(clip.translations))
    for channel in appender.entries("animations")[animation]["channels"]:
        node = channel["target"]["node"]
        _take_matrix_apart(appender.entries("nodes")[node], joints.tree, node)
    return appender.finish()


def _joint_like(tree: NodeTree) -> list[int]:
    """The joints of all skins, else the nodes that others hang from."""
    joints = [skin.get("joints") for skin in tree.file.entries("skins")]
    skinned = [node for found in joints if isinstance(found, list) for node in found if type(node) is int]
    return [node for node in skinned if 0 <= node < len(tree.parents)] or [
        node for node, children in enumerate(tree.children) if children
    ]


def _bones(joints: NodeJoints, vrm: Mapping[str, int]) -> Humanoid:
    """The bones that a VRM file names; else those that are found."""
    skeleton = joints.skeleton
    if not vrm:
        return find_bones(skeleton)
    index = {node: joint for joint, node in enumerate(joints.found.nodes)}
    try:
        return Humanoid(skeleton, {bone: index[node] for bone, node in vrm.items() if node in index})
    except DataError as error:
        raise FormatError(joints.tree.file.path, f"has a humanoid that no body has: {error}") from error


def _in_nodes(joints: NodeJoints, clip: Clip) -> Clip:
    """The clip with rotations and translations as the nodes have them, in the units of the file."""
    found, (_, rest) = joints.found, joints.rest
    positions, turned = kinematics.forward(clip)
    world = rot.multiply(turned, rest)
    parents, nodes = list(found.skeleton.parents[1:]), list(found.nodes)
    position, rotation = (np.broadcast_to(part, (clip.num_frames, 1, len(part))) for part in found.above)
    starts, above = np.hstack([position, positions[:, parents]]), np.hstack([rotation, world[:, parents]])
    rotations = rot.normalize(rot.multiply(rot.inverse(above), world))
    tracks = {
        joint: rot.rotate(rot.inverse(above[:, joint]), positions[:, joint] - starts[:, joint]) / found.scales[joint]
        for joint in clip.translations
    }
    skeleton = replace(found.skeleton, offsets=joints.tree.translations[nodes])
    return Clip(skeleton, clip.fps, rotations, tracks)


def _take_matrix_apart(entry: dict[str, Any], tree: NodeTree, node: int) -> None:
    """Write the matrix of a node as translation, rotation and scale, which alone an animation can move."""
    if entry.pop("matrix", None) is None:
        return
    w, x, y, z = tree.rotations[node].tolist()
    entry |= {"translation": tree.translations[node].tolist(), "rotation": [x, y, z, w]}
    entry["scale"] = tree.scales[node].tolist()
