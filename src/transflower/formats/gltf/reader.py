"""Reading the motion of glTF files of any program.

Shape letters: T frames, J joints.
"""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from transflower.core.errors import FormatError
from transflower.formats.format import ReadOptions
from transflower.formats.gltf.container import read_gltf
from transflower.formats.gltf.document import GltfFile
from transflower.formats.gltf.nodes import NodeTree, read_nodes
from transflower.formats.gltf.rate import find_rate
from transflower.formats.gltf.sampling import Animation, read_animations
from transflower.formats.gltf.skeleton import NodeSkeleton, find_skeleton
from transflower.formats.recording import Recording
from transflower.motion import rotations as rot
from transflower.motion.axes import has_body, parse_up, rest_up, turn_clip
from transflower.motion.clip import Clip
from transflower.motion.units import guess_unit, longest_chain, parse_unit, scale_clip

log = logging.getLogger(__name__)

_MOST_ROTATIONS = 2**22
"""Of all joints in all frames, where the file has fewer bytes: two keys may be days apart, and one joint may have keys
where thousands have none."""
_LEAST_BODY, _LARGEST_BODY = 0.1, 20.0
"""Metres along the bones of dwarfs and giants; other bodies are in another unit than the standard says."""
_SAME_METRES = 1e-6
_SAME_SCALE = 1e-3
_AUTO = ReadOptions()


def read_glb(path: Path | str, options: ReadOptions = _AUTO) -> Recording:
    """Read the motion of a GLB, VRM or glTF file: of the last animation that we wrote, else of the longest.

    Joints are the nodes that move, those of skins, and what is between them. Local rotations are those of the nodes;
    their scales are taken into the bones. Keys that are not on frames are interpolated as the file says.

    Args:
        path: the file.
        options: unit, up axis and frame rate; glTF files have metres and Y up unless they are wrong.

    Raises:
        FormatError: it is no glTF file, broken, or holds no animation of nodes.
        OptionsError: no such unit or axis.
    """
    metres, up = parse_unit(options.unit), parse_up(options.up)
    file = read_gltf(Path(path))
    clip = to_clip(file, pick_animation(file))
    clip = clip if options.fps is None else replace(clip, fps=options.fps)
    if metres is None and has_body(clip.skeleton) and not _LEAST_BODY < longest_chain(clip.skeleton) < _LARGEST_BODY:
        metres = guess_unit(file.path, clip.skeleton)
    clip = clip if metres is None else scale_clip(clip, metres)
    if up is not None:
        clip = turn_clip(clip, up, rest=up if rest_up(clip.skeleton) == up else "y")
    return Recording(clip=clip)


def pick_animation(file: GltfFile) -> Animation:
    """The last animation that we wrote, else the longest that moves nodes; logged where there are several.

    Raises:
        FormatError: there is none.
    """
    animations = read_animations(file)
    if not animations:
        file.fail("holds no animation of a skeleton; it is no motion")
    ours = [animation for animation in animations if animation.fps is not None]
    found = ours[-1] if ours else max(animations, key=lambda animation: animation.stop - animation.start)
    if len(animations) > 1:
        which = "dance" if ours else "longest"
        log.info("%s: read the %s of %d animations, %r", file.path, which, len(animations), found.name)
    return found


def to_clip(file: GltfFile, animation: Animation) -> Clip:
    """An animation as a clip of the skeleton that it moves, at the frame rate of its keys.

    Raises:
        FormatError: the nodes are broken, or there are more frames than any recording has.
    """
    tree = read_nodes(file)
    moved = {node for node, _ in animation.tracks}
    scales = _scales(tree, animation)
    found = find_skeleton(tree, moved, scales)
    rate = _rate(file, animation)
    moments = _moments(file, animation, rate, found.skeleton.num_joints)
    rotations, translations = _sample(tree, animation, found, moments)
    return Clip(found.skeleton, rate, rotations, translations)


def _rate(file: GltfFile, animation: Animation) -> float:
    tracks = animation.tracks.values()
    clocks = {id(track.times): track.times for track in tracks}  # few, which many tracks share
    rate = animation.fps or find_rate(list(clocks.values()))
    frames = {clock: (times - animation.start) * rate for clock, times in clocks.items()}
    is_off = {clock: bool(np.abs(frame - np.round(frame)).max() > 0.1) for clock, frame in frames.items()}
    off = sum(is_off[id(track.times)] for track in tracks)
    if off:
        log.info("%s: the keys of %d tracks are not on frames; read at %g frames a second", file.path, off, rate)
    return float(rate)


def _moments(file: GltfFile, animation: Animation, rate: float, joints: int) -> np.ndarray:
    frames = (animation.stop - animation.start) * rate
    if frames * joints > max(_MOST_ROTATIONS, file.num_bytes):
        file.fail(f"has {frames:.3g} frames of {joints} joints, which is more than any recording has")
    return np.asarray(animation.start + np.arange(int(frames + 0.01) + 1) / rate)


def _scales(tree: NodeTree, animation: Animation) -> np.ndarray:
    """Scales of the nodes; an animated one is that of its first key, and changes are not followed."""
    scales = tree.scales.copy()
    for (node, path), track in animation.tracks.items():
        if path == "scale":
            scales[node] = track.values[0]
            if np.abs(track.values - track.values[0]).max() > _SAME_SCALE:
                log.warning("%s: %s changes its size, which is not read", tree.file.path, tree.names[node])
    return scales


def _sample(
    tree: NodeTree, animation: Animation, found: NodeSkeleton, moments: np.ndarray
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    rotations = np.tile(tree.rotations[list(found.nodes)], (len(moments), 1, 1))
    translations = {0: np.tile(tree.translations[found.nodes[0]] * found.scales[0], (len(moments), 1))}
    for joint, node in enumerate(found.nodes):
        if (node, "rotation") in animation.tracks:
            rotations[:, joint] = animation.tracks[node, "rotation"].at(moments)
        if (node, "translation") in animation.tracks:
            track = animation.tracks[node, "translation"].at(moments) * found.scales[joint]
            if joint == 0 or np.abs(track - found.skeleton.offsets[joint]).max() > _SAME_METRES:
                translations[joint] = track
    position, rotation = found.above
    translations[0] = position + rot.rotate(rotation, translations[0])
    rotations[:, 0] = rot.multiply(rotation, rotations[:, 0])
    _check_size(tree.file, translations)
    return rotations, translations


def _check_size(file: GltfFile, translations: dict[int, np.ndarray]) -> None:
    if not all(np.isfinite(track).all() for track in translations.values()):
        raise FormatError(file.path, "has positions that are larger than any number")
