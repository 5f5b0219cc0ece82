"""How the joints of a glTF file are at rest: as its nodes are, as its skins were bound, or as an animation shows them.

Programs save the nodes in whatever pose the character was shown. The body was bound to its joints in a standing pose,
unless bones that point along one axis were taken over from a recording; then only its motion shows how they stand.

Shape letters: J joints.
"""

import numpy as np

from transflower.core.errors import DataError
from transflower.formats.gltf.accessors import AccessorReader
from transflower.formats.gltf.nodes import NodeTree
from transflower.formats.gltf.reader import pick_animation, to_clip
from transflower.formats.gltf.skeleton import NodeSkeleton
from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.retarget import read_rig

_SMALLEST = 1e-9


def node_rest(tree: NodeTree, found: NodeSkeleton) -> kinematics.World:
    """World positions ``[1, J, 3]`` and rotations ``[1, J, 4]`` of the joints as the nodes are."""
    rotations = tree.rotations[list(found.nodes)][None].copy()
    rotations[:, 0] = rot.multiply(found.above[1], rotations[:, 0])
    offsets = np.asarray(found.skeleton.offsets, float)
    return kinematics.forward(Clip(found.skeleton, 1.0, rotations, {0: offsets[None, 0]}))


def bound_rest(tree: NodeTree, found: NodeSkeleton) -> kinematics.World:
    """The same as the skins were bound, with bones as long as they are; joints of no skin keep to their parents."""
    shown = node_rest(tree, found)
    bound = _bound_rotations(tree)
    local = tree.rotations[list(found.nodes)]
    world = np.empty((1, len(local), 4))
    # A skin may be bound in other axes than those of the world; its root tells by which turn.
    top = next((joint for joint, node in enumerate(found.nodes) if node in bound), None)
    turn = np.array(rot.IDENTITY)
    if top is not None:
        turn = rot.multiply(shown[1][0, top], rot.inverse(bound[found.nodes[top]]))
    for joint, parent in enumerate(found.skeleton.parents):
        node = found.nodes[joint]
        above = world[0, parent] if parent >= 0 else found.above[1]
        world[0, joint] = rot.multiply(turn, bound[node]) if node in bound else rot.multiply(above, local[joint])
    rotations = world.copy()
    parents = list(found.skeleton.parents[1:])
    rotations[:, 1:] = rot.multiply(rot.inverse(world[:, parents]), world[:, 1:])
    offsets = np.asarray(found.skeleton.offsets, float)
    return kinematics.forward(Clip(found.skeleton, 1.0, rotations, {0: offsets[None, 0]}))


def animated_rest(tree: NodeTree, found: NodeSkeleton) -> kinematics.World:
    """The same as in the frame of the file's animation that stands best.

    Raises:
        FormatError: it has no animation.
        DataError: no frame stands.
    """
    clip = to_clip(tree.file, pick_animation(tree.file))
    if clip.skeleton.names != found.skeleton.names:
        raise DataError("its animation is of other joints")
    standing = read_rig(clip).standing
    return standing.points[None, : len(found.nodes)], standing.rotations[None]


def _bound_rotations(tree: NodeTree) -> dict[int, np.ndarray]:
    """Node -> its rotation in the space of the skin that holds it."""
    reader, found = AccessorReader(tree.file), {}
    for index, skin in enumerate(tree.file.entries("skins")):
        if "inverseBindMatrices" not in skin:
            continue
        rows = reader.read(skin["inverseBindMatrices"], "MAT4", f"skins[{index}].inverseBindMatrices")
        for node, row in zip(skin.get("joints", []), rows, strict=False):
            inverse = row.reshape(4, 4).T[:3, :3]
            if node not in found and abs(np.linalg.det(inverse)) > _SMALLEST**3:
                matrix = np.linalg.inv(inverse)
                found[node] = rot.from_matrix(matrix / np.linalg.norm(matrix, axis=0))
    return found
