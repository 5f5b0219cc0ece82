"""The tree of nodes of a glTF file.

Shape letters: N nodes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from transflower.formats.gltf.document import GltfFile
from transflower.motion import rotations as rot

Transform = tuple[Float[np.ndarray, "3"], Float[np.ndarray, "4"], Float[np.ndarray, "3"]]
"""Translation, rotation wxyz and scale of a node."""

_IDENTITY = tuple(np.eye(4).reshape(-1).tolist())
_SMALLEST = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeTree:
    """Nodes with their transforms at rest. Every node has one parent at most, and none is below itself."""

    file: GltfFile
    """The file, for messages."""
    names: tuple[str, ...]
    """As the file says, or ``node 7``; not unique."""
    parents: tuple[int, ...]
    """Parent of each node; -1 for a root."""
    children: tuple[tuple[int, ...], ...]
    """Children of each node, in the order of the file."""
    translations: Float[np.ndarray, "N 3"]
    """Relative to the parent."""
    rotations: Float[np.ndarray, "N 4"]
    """Relative to the parent, wxyz."""
    scales: Float[np.ndarray, "N 3"]
    """Relative to the parent."""

    @cached_property
    def order(self) -> tuple[int, ...]:
        """All nodes, depth first: every parent before its children."""
        order, waiting = [], [node for node in reversed(range(len(self.parents))) if self.parents[node] < 0]
        while waiting:
            order.append(waiting.pop())
            waiting += reversed(self.children[order[-1]])
        return tuple(order)

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The topmost node above each."""
        roots = list(range(len(self.parents)))
        for node in self.order:
            if self.parents[node] >= 0:
                roots[node] = roots[self.parents[node]]
        return tuple(roots)

    def above(self, nodes: Iterable[int]) -> set[int]:
        """These nodes and all that are above them."""
        found: set[int] = set()
        for node in nodes:
            while node >= 0 and node not in found:
                found.add(node)
                node = self.parents[node]
        return found

    def below(self, nodes: Iterable[int]) -> set[int]:
        """These nodes and all that are below them."""
        found = set(nodes)
        for node in self.order:
            if self.parents[node] in found:
                found.add(node)
        return found

    def lowest_above(self, nodes: Collection[int]) -> int:
        """The lowest node that is above all of these, or one of them; they have one root."""
        counts = dict.fromkeys(self.above(nodes), 0)
        for node in nodes:
            counts[node] += 1
        for node in reversed([node for node in self.order if node in counts]):
            if counts[node] == len(nodes):
                return node
            counts[self.parents[node]] += counts[node]
        raise AssertionError("the nodes have no common root")


def read_nodes(file: GltfFile) -> NodeTree:
    """Read all nodes.

    Raises:
        FormatError: a child that there is not, a node with two parents or below itself, a transform that is none.
    """
    entries = file.entries("nodes")
    parents, children = [-1] * len(entries), []
    for node, entry in enumerate(entries):
        below = entry.get("children", [])
        if not isinstance(below, list):
            file.fail(f"nodes[{node}] has children that are no list")
        for child in below:
            file.entry("nodes", child, f"nodes[{node}].children")
            if parents[child] >= 0:
                file.fail(f"nodes[{child}] is a child of both nodes[{parents[child]}] and nodes[{node}]")
            parents[child] = node
        children.append(tuple(below))
    transforms = [_transform(file, entry, f"nodes[{node}]") for node, entry in enumerate(entries)]
    translations, rotations, scales = (np.array([part[which] for part in transforms]) for which in range(3))
    tree = NodeTree(
        file=file,
        names=tuple(file.name(entry, f"node {node}") for node, entry in enumerate(entries)),
        parents=tuple(parents),
        children=tuple(children),
        translations=translations.reshape(-1, 3),
        rotations=rotations.reshape(-1, 4),
        scales=scales.reshape(-1, 3),
    )
    if len(tree.order) < len(entries):
        lost = min(set(range(len(entries))) - set(tree.order))
        file.fail(f"nodes[{lost}] is below itself")
    return tree


def _transform(file: GltfFile, entry: dict[str, object], name: str) -> Transform:
    if "matrix" in entry:
        return _decompose(file, np.array(file.numbers(entry, "matrix", name, _IDENTITY)).reshape(4, 4).T, name)
    translation = np.array(file.numbers(entry, "translation", name, (0.0, 0.0, 0.0)))
    x, y, z, w = file.numbers(entry, "rotation", name, (0.0, 0.0, 0.0, 1.0))
    scale = np.array(file.numbers(entry, "scale", name, (1.0, 1.0, 1.0)))
    rotation = np.array([w, x, y, z])
    if np.linalg.norm(rotation) < _SMALLEST:
        file.fail(f"{name} has the rotation 0 0 0 0, which is none")
    return translation, rot.normalize(rotation), scale


def _decompose(file: GltfFile, matrix: Float[np.ndarray, "4 4"], name: str) -> Transform:
    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    if scale.min() < _SMALLEST:
        file.fail(f"{name} has a matrix that flattens what is below it")
    if np.linalg.det(matrix[:3, :3]) < 0:
        scale[0] *= -1
    return matrix[:3, 3], rot.from_matrix(matrix[:3, :3] / scale), scale
