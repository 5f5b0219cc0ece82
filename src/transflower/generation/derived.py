"""Outputs that can be read off motion: kinds of moves, and which feet stand.

Shape letters: T frames, D columns.
"""

from collections.abc import Collection, Mapping

import numpy as np
from jaxtyping import Float, Int, Shaped

from transflower.core.errors import ModelError
from transflower.features.contacts import decode_contacts, encode_contacts
from transflower.features.motion.codec import decode_motion
from transflower.features.moves import encode_moves
from transflower.features.sidecar import ContactsSidecar, MotionSidecar, MovesSidecar
from transflower.generation.conditions import feature_name, motion_sidecars
from transflower.generation.partner import decode_outputs
from transflower.models import LoadedModel
from transflower.motion.clip import Clip
from transflower.motion.foot_lock import lock_feet
from transflower.motion.placement import Places

DERIVED = ("moves", "contacts")
"""Kinds of their sidecars."""


def derived_sidecar(loaded: LoadedModel, name: str, of: Collection[str]) -> MovesSidecar | ContactsSidecar | None:
    """How an output is read off one of the features ``of``; None where it is not."""
    sidecar = loaded.sidecar(name, MovesSidecar) or loaded.sidecar(name, ContactsSidecar)
    return sidecar if sidecar is not None and sidecar.of in of else None


def derive(
    rows: Float[np.ndarray, "T D"],
    sidecar: MovesSidecar | ContactsSidecar,
    motion: MotionSidecar | None,
    *,
    partner: Places | None = None,
) -> Int[np.ndarray, "T 1"]:
    """The class of each frame of motion, whose columns ``motion`` describes, perhaps as ``partner`` sees it.

    Raises:
        ModelError: the feet of motion without a description are asked for.
    """
    rows = rows.astype(np.float64)
    if isinstance(sidecar, MovesSidecar):
        return encode_moves(rows, sidecar)
    if motion is None:
        raise ModelError(f"the model does not say which motion {sidecar.of!r} is, so its feet are not known")
    return encode_contacts(decode_motion(rows, motion, partner=partner), sidecar)


def contacts_of(loaded: LoadedModel) -> dict[str, tuple[str, ContactsSidecar]]:
    """Output that is motion -> the output that tells which of its feet stand, and how; of those that have one."""
    contacts = {
        name: sidecar
        for name in loaded.model.config.outputs
        if (sidecar := loaded.sidecar(name, ContactsSidecar)) is not None
    }
    return {
        motion: (name, sidecar)
        for name, sidecar in contacts.items()
        for motion in motion_sidecars(loaded)
        if feature_name(loaded, motion) == sidecar.of
    }


def locked_outputs(
    loaded: LoadedModel, drawn: Mapping[str, Shaped[np.ndarray, "_ _"]], partner: Clip | None
) -> dict[str, Clip]:
    """The motion of each output that is motion, with feet that do not slide while they stand.

    Which stand, the model has drawn, or else the motion shows.
    """
    contacts, clips = contacts_of(loaded), decode_outputs(loaded, drawn, partner)
    for name, clip in clips.items():
        standing = None
        if name in contacts:
            told, sidecar = contacts[name]
            standing = decode_contacts(drawn[told], clip.skeleton, sidecar)
        clips[name] = lock_feet(clip, standing)
    return clips
