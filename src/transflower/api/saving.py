"""Motion in a file of any kind, chosen by the end of its name.

Shape letters: B beats.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.core.errors import DataError, OptionsError
from transflower.core.files import check_path
from transflower.formats.recording import Recording
from transflower.formats.writing import MotionWriter
from transflower.render.options import VIDEO, VideoConfig
from transflower.render.video import write_video
from transflower.viewer import ShownDance, write_page

VIDEO_SUFFIX, PAGE_SUFFIX = ".mp4", ".html"


def file_name(stem: str, name: str, motion: MotionWriter) -> str:
    """What a file of a kind is called.

    Raises:
        OptionsError: there is no such kind.
    """
    others = {"mp4": VIDEO_SUFFIX, "html": PAGE_SUFFIX}
    motion.check_format(name, tuple(others))
    return stem + (motion.formats | others)[name]


def check_savable(path: Path, motion: MotionWriter) -> None:
    """Refuse a name that no kind of file ends with.

    Raises:
        OptionsError: listing the ends that there are.
    """
    suffix = path.suffix.lower()
    if motion.bvh_preset is not None and suffix != ".bvh":
        raise OptionsError(f"{path}: only a .bvh has a BVH preset")
    if suffix not in {VIDEO_SUFFIX, PAGE_SUFFIX} and not motion.can_write(path):
        if suffix == ".vrm":
            motion.check_format("vrm", ())
        ends = ", ".join([*motion.formats.values(), VIDEO_SUFFIX, PAGE_SUFFIX])
        raise OptionsError(f"{path}: what shall it be? Names end with {ends}")


def save_motion(
    path: Path,
    bodies: Mapping[str, Recording],
    *,
    sound: Audio | Path | None = None,
    beats: Float[np.ndarray, " B"] | None = None,
    motion: MotionWriter = MotionWriter(),  # noqa: B008  # It is frozen.
    render: VideoConfig = VIDEO,
    log_likelihoods: Mapping[str, Float[np.ndarray, " _"]] = MappingProxyType({}),
) -> Path:
    """Write the motion of one body, or a video or a page of several; the folder is made if need be.

    Args:
        path: ends as files of a format do, or with ``.mp4`` or ``.html``.
        bodies: each with a name, as ``motion.put`` gave them.
        sound: what is heard in a video or page.
        beats: seconds of the beats that these mark.
        motion: how motion is written, and on whose skeleton.
        render: what a video looks like.
        log_likelihoods: of each frame in nats per dimension, by name, which a page shows.

    Raises:
        OptionsError: no kind of file ends like that.
        DataError: the format cannot hold the motion, or holds one body and there are several.
    """
    check_savable(path, motion)
    check_path(path)
    if path.suffix.lower() == PAGE_SUFFIX:
        dances = shown_dances(bodies, log_likelihoods, motion)
        write_page(path, dances, title=path.stem, sound=sound, beats=beats)
    elif path.suffix.lower() == VIDEO_SUFFIX:
        clips = [body.clip for body in bodies.values()]
        write_video(path, clips, sound, render, beats=beats, names=list(bodies))
    elif len(bodies) != 1:
        raise DataError(f"{path}: a file of this kind holds one body, and there are {', '.join(bodies)}")
    else:
        motion.write(path, next(iter(bodies.values())), name=path.stem)
    return path


def shown_dances(
    bodies: Mapping[str, Recording],
    log_likelihoods: Mapping[str, Float[np.ndarray, " _"]],
    motion: MotionWriter = MotionWriter(),  # noqa: B008  # It is frozen.
) -> list[ShownDance]:
    """Bodies as a page shows them: each with its name, the character that it has, and how likely its frames are."""
    return [
        ShownDance(name=name, clip=body.clip, model=motion.model(body.clip), log_likelihood=log_likelihoods.get(name))
        for name, body in bodies.items()
    ]
