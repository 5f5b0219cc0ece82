"""The length unit of a file. BVH does not state it, so it is found from the size of the body.

A file's unit is given as metres per unit.
"""

import logging
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from transflower.core.errors import OptionsError
from transflower.core.numbers import parse_float, shorten
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

log = logging.getLogger(__name__)

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "cmu": 0.0254 / 0.45}
"""Metres per unit; ``cmu`` is the unit of the CMU motion capture database, kept by its many conversions."""

_SPOKEN = {"m": "metres", "cm": "centimetres", "mm": "millimetres", "in": "inches", "cmu": "units of the CMU database"}
"""How messages call a unit."""

HUMAN_CHAIN = (1.0, 3.2)
"""Metres that the longest chain of bones of a person may measure, say from the toes to the fingers: up to 1.55 times
the height."""

_TYPICAL_CHAIN = 2.1
SMALLEST_UNIT, LARGEST_UNIT = 1e-6, 1e6
"""Metres per unit, at least and at most."""


def parse_unit(unit: str | float) -> float | None:
    """Metres per unit of ``m``, ``cm``, ``mm``, ``in``, ``cmu`` or a number; None for ``auto``.

    Raises:
        OptionsError: it is none of these.

    Example:
        >>> parse_unit("cm"), parse_unit(0.0254)
        (0.01, 0.0254)
    """
    if unit == "auto":
        return None
    if unit in METRES:
        return METRES[unit]
    try:
        factor = parse_float(str(unit))
    except ValueError:
        factor = 0.0
    if not SMALLEST_UNIT <= factor <= LARGEST_UNIT:
        given = shorten(str(unit))
        raise OptionsError(
            f"unit {given!r} is none of auto, {', '.join(METRES)}, or a number of metres "
            f"from {SMALLEST_UNIT:g} to {LARGEST_UNIT:g}"
        )
    return factor


def longest_chain(skeleton: Skeleton) -> float:
    """Length of the longest path along the bones from one leaf to another, in the offsets' unit, without end sites.

    Joints above the first one with several children are not bones: they place the recording in the world.
    """
    reach = np.zeros(skeleton.num_joints)
    longest = 0.0
    for joint in reversed(range(skeleton.num_joints)):
        ways = sorted(reach[child] + np.linalg.norm(skeleton.offsets[child]) for child in skeleton.children[joint])
        if len(ways) > 1:
            longest = max(longest, ways[-1] + ways[-2])
        reach[joint] = ways[-1] if ways else 0.0
    return float(longest or reach[0])


def scale_skeleton(skeleton: Skeleton, factor: float) -> Skeleton:
    """The skeleton with all lengths times ``factor``."""
    sites = {joint: (x * factor, y * factor, z * factor) for joint, (x, y, z) in skeleton.end_sites.items()}
    return replace(skeleton, offsets=np.asarray(skeleton.offsets, float) * factor, end_sites=sites)


def scale_clip(clip: Clip, factor: float) -> Clip:
    """The clip with all lengths times ``factor``."""
    tracks = {joint: track * factor for joint, track in clip.translations.items()}
    return replace(clip, skeleton=scale_skeleton(clip.skeleton, factor), translations=tracks)


def guess_unit(path: Path, skeleton: Skeleton) -> float:
    """Metres per unit that make the longest chain of bones human, logged; where several do, the most typical."""
    chain = longest_chain(skeleton)
    if chain == 0:
        log.warning("%s: no bone has a length; read as centimetres, which --unit can change", path)
        return METRES["cm"]
    name = min(METRES, key=lambda name: abs(math.log(chain * METRES[name] / _TYPICAL_CHAIN)))
    metres, spoken = chain * METRES[name], f"{_SPOKEN[name]} ({name})"
    if HUMAN_CHAIN[0] <= metres <= HUMAN_CHAIN[1]:
        log.info("%s: read as %s, which makes the longest chain of bones %.2f m", path, spoken, metres)
    else:
        log.warning(
            "%s: no unit makes it the size of a person; read as %s, %.2f m of bones; --unit corrects it",
            path,
            spoken,
            metres,
        )
    return METRES[name]
