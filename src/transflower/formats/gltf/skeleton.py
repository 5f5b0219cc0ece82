"""Which nodes of a glTF file are the joints of the skeleton that moves, and that skeleton.

Shape letters: J joints.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.formats.gltf.nodes import NodeTree
from transflower.motion import rotations as rot
from transflower.motion.skeleton import Skeleton

_SHOWS = ("mesh", "camera", "skin")
_ENDS = ("_end", "_leaf", "end site", "_nub", "endsite", ".end")
_MOST_JOINTS = 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeSkeleton:
    """A skeleton, and where it comes from."""

    skeleton: Skeleton
    """In metres; local rotations of its joints are those of the nodes, that of the root with everything above it."""
    nodes: tuple[int, ...]
    """The node of each joint."""
    scales: Float[np.ndarray, "J 3"]
    """How much larger the translation of each joint is in the world than in the file."""
    above: tuple[Float[np.ndarray, "3"], Float[np.ndarray, "4"]]
    """Translation and rotation of everything above the root."""


def find_skeleton(tree: NodeTree, moved: Collection[int], scales: Float[np.ndarray, "N 3"]) -> NodeSkeleton:
    """The skeleton around the nodes that move.

    It has the joints of skins, the nodes that move, and what is between them. Where no skin tells joints from other
    nodes, all nodes below are joints but those that show something. Nodes at the tips are end sites.

    Args:
        tree: all nodes.
        moved: those that an animation moves.
        scales: of the nodes, with what the animation says.

    Raises:
        FormatError: nothing that could be a skeleton moves.
    """
    skinned = _skin_joints(tree)
    moved = _of_skins(tree, skinned, moved) or set(moved)
    tops = Counter(tree.roots[node] for node in moved)
    top = max(tops, key=lambda root: (tops[root], -root))
    wanted = {node for node in skinned | moved if tree.roots[node] == top}
    root = tree.lowest_above(wanted)
    if not wanted & skinned:
        below = tree.below([root])
        wanted |= {node for node in below if not _shows(tree, node) and not _is_end(tree, node)}
    joints = tree.above(wanted) - tree.above([tree.parents[root]])
    if len(joints) > _MOST_JOINTS:
        tree.file.fail(f"has a skeleton of {len(joints)} joints, which no body has")
    return _build(tree, _ordered(tree, joints), scales)


def _build(tree: NodeTree, nodes: tuple[int, ...], scales: np.ndarray) -> NodeSkeleton:
    above, factors = _fold_above(tree, nodes[0], scales)
    index = {node: joint for joint, node in enumerate(nodes)}
    parents = (-1, *(index[tree.parents[node]] for node in nodes[1:]))
    joint_scales = np.ones((len(nodes), 3))
    joint_scales[0] = factors
    for joint, parent in enumerate(parents[1:], start=1):
        joint_scales[joint] = _passed_on(joint_scales[parent]) * scales[nodes[parent]]
    offsets = tree.translations[list(nodes)] * joint_scales
    offsets[0] = above[0] + rot.rotate(above[1], offsets[0])
    sites = {}
    for joint, node in enumerate(nodes):
        tips = [child for child in tree.children[node] if child not in index and _is_tip(tree, child)]
        if tips:
            x, y, z = tree.translations[tips[0]] * _passed_on(joint_scales[joint]) * scales[node]
            sites[joint] = (float(x), float(y), float(z))
    skeleton = Skeleton(_unique([tree.names[node] for node in nodes]), parents, offsets, sites)
    return NodeSkeleton(skeleton=skeleton, nodes=nodes, scales=joint_scales, above=above)


def _fold_above(
    tree: NodeTree, root: int, scales: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], Float[np.ndarray, "3"]]:
    """Translation and rotation of all nodes above the root, and the scale that they give its translation."""
    position, rotation, scale = np.zeros(3), np.array(rot.IDENTITY), np.ones(3)
    above = tree.above([tree.parents[root]])
    for node in [node for node in tree.order if node in above]:
        position = position + rot.rotate(rotation, tree.translations[node] * scale)
        rotation = rot.multiply(rotation, tree.rotations[node])
        scale = _passed_on(scale) * scales[node]
    return (position, rotation), scale


def _passed_on(scale: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """What a scale does to nodes that may be turned: the same along all axes."""
    if np.ptp(scale) < 1e-9:
        return scale
    return np.full(3, np.sign(np.prod(scale)) * np.abs(np.prod(scale)) ** (1 / 3))


def _skin_joints(tree: NodeTree) -> set[int]:
    joints: set[int] = set()
    for index, skin in enumerate(tree.file.entries("skins")):
        found = skin.get("joints", [])
        if not isinstance(found, list):
            tree.file.fail(f"skins[{index}] has joints that are no list")
        for node in found:
            tree.file.entry("nodes", node, f"skins[{index}].joints")
        joints.update(found)
    return joints


def _of_skins(tree: NodeTree, skinned: set[int], moved: Collection[int]) -> set[int]:
    """The nodes that move which are joints of skins, above them or below them."""
    return set(moved) & (tree.above(skinned) | tree.below(skinned))


def _ordered(tree: NodeTree, joints: set[int]) -> tuple[int, ...]:
    """In the order of the file where that has parents first, else depth first."""
    if all(tree.parents[node] < node for node in joints):
        return tuple(sorted(joints))
    return tuple(node for node in tree.order if node in joints)


def _is_tip(tree: NodeTree, node: int) -> bool:
    return not tree.children[node] and not _shows(tree, node)


def _is_end(tree: NodeTree, node: int) -> bool:
    return not tree.children[node] and tree.names[node].lower().endswith(_ENDS)


def _shows(tree: NodeTree, node: int) -> bool:
    entry = tree.file.entries("nodes")[node]
    return any(key in entry for key in _SHOWS) or "KHR_lights_punctual" in str(entry.get("extensions", ""))


def _unique(names: list[str]) -> tuple[str, ...]:
    known: dict[str, int] = {}
    unique = []
    for name in names:
        while name in known:
            known[name] += 1
            name = f"{name}_{known[name]}"
        known[name] = 1
        unique.append(name)
    return tuple(unique)
