"""What the page is told about a dancer beside its model.

Shape letters: T frames, N points (joints, then end sites), S steps from frame to frame.
"""

from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.stretches import stretches
from transflower.motion.anatomy import Anatomy, Limb
from transflower.motion.clip import Clip
from transflower.motion.contacts import contact_and_slide
from transflower.motion.fitted_body import FittedBody, fit_body
from transflower.viewer.shown_dance import ShownDance

_STANDING = 10
"""Percentile of the height of the body's lowest point that is the floor, as in videos."""


def describe(dance: ShownDance) -> dict[str, Any]:
    """The dancer's entry in the data of the page (``DancerData`` in ``web/src/data.ts``)."""
    clip, body = dance.clip, fit_body(dance.clip)
    positions, anatomy = body.positions, body.mesh.anatomy
    names = clip.skeleton.names
    return {
        "name": dance.name,
        "hue": dance.hue,
        "fps": clip.fps,
        "seconds": clip.seconds,
        "ends": [names[joint] for joint in _ends(clip, anatomy)],
        "hips": names[min(anatomy.pelvis, clip.skeleton.num_joints - 1)],
        "floor": _floor(body) if dance.model is None else 0.0,
        "facing": round(body.facing, 3),
        "contacts": [_contacts(clip, leg, positions) for leg in anatomy.legs] if clip.num_frames > 1 else [],
        "logLikelihood": None if dance.log_likelihood is None else _rounded(dance.log_likelihood),
        "typical": None if dance.typical is None else [_rounded(values) for values in dance.typical],
        "plain": dance.model is None,
    }


def _ends(clip: Clip, anatomy: Anatomy) -> list[int]:
    """Joints whose paths tell of the dance: hands, feet and head."""
    found = [limb.end for limb in (*anatomy.arms, *anatomy.legs)]
    if anatomy.head is not None:
        found.append(anatomy.head)
    return [point for point in found if point < clip.skeleton.num_joints]


def _floor(body: FittedBody) -> float:
    """Height on which the body mostly rests."""
    lowest = (body.spheres()[..., 1] - np.array(body.mesh.radii)).min(axis=1)
    return round(float(np.percentile(lowest, _STANDING)), 4)


def _contacts(clip: Clip, leg: Limb, positions: Float[np.ndarray, "T N 3"]) -> dict[str, Any]:
    contact, _ = contact_and_slide(positions[:, leg.extremity], clip.fps)
    # The ring lies under the ball of the foot, or else the last joint above it.
    path = [point for point in leg.path if point < clip.skeleton.num_joints]
    joint = path[min(len(path), path.index(leg.end) + 2) - 1] if leg.end in path else path[-1]
    spans = [[round(start / clip.fps, 4), round(stop / clip.fps, 4)] for start, stop in stretches(contact)]
    return {"joint": clip.skeleton.names[joint], "spans": spans}


def _rounded(values: Float[np.ndarray, " T"]) -> list[float | None]:
    """As JSON can hold it: it has no NaN."""
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]
