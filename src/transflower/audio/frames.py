"""Samples of decoded frames.

FFmpeg's own conversion knows no layouts beyond those that have a name, and PyAV loses count of separate planes from
eight channels on; so the planes are read here. Frames are short, and are joined first, because each costs time.

Shape letters: N samples, C channels.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import mix_down

if TYPE_CHECKING:
    import av

_DTYPES = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "s64": np.int64, "flt": np.float32, "dbl": np.float64}
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}


_MOST_JOINED = 2
"""Channels of frames that are joined, because PyAV's queue knows those of all layouts that have a name."""


def joined_frames(frames: Iterable["av.AudioFrame"], size: int) -> Iterator["av.AudioFrame"]:
    """Frames of at least ``size`` samples, without times, of consecutive ones of one kind; the last may be shorter."""
    import av

    for (_, channels), group in groupby(frames, key=_kind):
        if channels > _MOST_JOINED:
            yield from group
            continue
        queue = av.AudioFifo()
        for frame in group:
            frame.pts = None
            queue.write(frame)
            if queue.samples >= size:
                yield from _emptied(queue)
        yield from _emptied(queue)


def _kind(frame: "av.AudioFrame") -> tuple[str, int]:
    return frame.format.name, frame.layout.nb_channels


def _emptied(queue: "av.AudioFifo") -> Iterator["av.AudioFrame"]:
    frame = queue.read()
    if frame is not None:
        yield frame


def frame_samples(frame: "av.AudioFrame") -> Float32[np.ndarray, "N C"]:
    """All channels of a frame, full scale being 1."""
    from av.audio.plane import AudioPlane

    channels = frame.layout.nb_channels
    coding = frame.format.name.removesuffix("p")
    is_planar = frame.format.is_planar
    size = frame.samples * (1 if is_planar else channels)
    buffers: list[Any] = [AudioPlane(frame, plane) for plane in range(channels if is_planar else 1)]
    planes = [np.frombuffer(buffer, _DTYPES[coding])[:size] for buffer in buffers]
    samples = np.empty((frame.samples, channels), np.float32)
    # What is too large for a float becomes infinity, which the reader refuses.
    with np.errstate(over="ignore") if coding == "dbl" else nullcontext():
        if is_planar:
            for channel, plane in enumerate(planes):
                samples[:, channel] = plane
        else:
            samples[:] = planes[0].reshape(-1, channels)
    if coding == "u8":
        samples -= _FULL_SCALE[coding]
    if _FULL_SCALE[coding] != 1:
        samples *= np.float32(1 / _FULL_SCALE[coding])
    return samples


def with_channels(samples: Float32[np.ndarray, "N C"], channels: int) -> Float32[np.ndarray, "N D"]:
    """The same with another number of channels, where it is another: the mean in each."""
    if samples.shape[1] == channels:
        return samples
    return np.repeat(mix_down(samples)[:, None], channels, axis=1)
