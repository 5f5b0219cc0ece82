"""A partner whose motion is given, and dancers whose root is seen from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.features.motion.codec import decode_motion, encode_motion, places_of
from transflower.features.motion.skeletons import onto_skeleton
from transflower.features.sidecar import MotionSidecar
from transflower.formats.format import ReadOptions
from transflower.formats.registry import read_recording
from transflower.generation.conditions import motion_sidecars
from transflower.models import LoadedModel
from transflower.motion.clip import Clip
from transflower.motion.placement import Places


@dataclass(frozen=True, kw_only=True)
class PartnerCondition:
    """The condition that is a partner's motion."""

    name: str
    sidecar: MotionSidecar
    """What its columns mean."""


def partner_condition(loaded: LoadedModel) -> PartnerCondition | None:
    """The condition of a model from which an output is seen; None where there is none."""
    if all(sidecar.root_frame == "own" for sidecar in motion_sidecars(loaded).values()):
        return None
    for name in loaded.model.conditions:
        if (sidecar := loaded.sidecar(name, MotionSidecar)) is not None:
            return PartnerCondition(name=name, sidecar=sidecar)
    return None


def read_partner(loaded: LoadedModel, path: Path, *, source_fps: float | None = None) -> Clip:
    """The motion of a partner from a file, on the model's skeleton and at its frame rate.

    Raises:
        ModelError: the model is given no partner.
        FormatError: the file cannot be read, or holds no such body.
    """
    found = partner_condition(loaded)
    if found is None:
        raise ModelError(f"{loaded.folder} has not learnt to dance with a partner; leave out --partner")
    skeleton = found.sidecar.skeleton
    clip = read_recording(path, ReadOptions(fps=source_fps)).clip
    try:
        clip = onto_skeleton(clip, skeleton, found.sidecar.fps, what="the partner", body="the model's body")
        encode_motion(clip, found.sidecar)
    except TransflowerError as error:
        raise FormatError(path, f"holds nobody to dance with: {error}") from error
    return clip


def partner_places(loaded: LoadedModel, inputs: Mapping[str, np.ndarray]) -> Places | None:
    """Where the partner stands in each frame of the conditions; None for a model that is given none."""
    found = partner_condition(loaded)
    return None if found is None else places_of(decode_motion(inputs[found.name], found.sidecar), found.sidecar)


def decode_outputs(
    loaded: LoadedModel, drawn: Mapping[str, Float[np.ndarray, "_ _"]], partner: Clip | None
) -> dict[str, Clip]:
    """The motion of each output that is motion, beside ``partner`` where the model has learnt to dance with one."""
    found, clips = partner_condition(loaded), {}
    places = None if partner is None or found is None else places_of(partner, found.sidecar)
    for name, sidecar in motion_sidecars(loaded).items():
        clips[name] = decode_motion(drawn[name], sidecar, partner=places)
    return clips
