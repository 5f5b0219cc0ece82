"""Writing MP3, which every browser plays.

Shape letters: N samples.
"""

import io
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float32

from transflower.audio.reading import regrouped

_FRAMES_AT_ONCE = 1 << 16


def mp3_bytes(pieces: Iterable[Float32[np.ndarray, "_ 2"]], sample_rate: int, *, bit_rate: int = 112_000) -> bytes:
    """The stereo samples as an MP3 file of constant bit rate.

    The encoder puts a few hundredths of a second before the first sample; players differ in whether they cut them off.
    """
    import av  # imported late, so that --help is quick

    content = io.BytesIO()
    with av.open(content, "w", format="mp3", options={"id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=sample_rate, layout="stereo")
        stream.bit_rate = bit_rate
        start = 0
        for samples in regrouped(pieces, _FRAMES_AT_ONCE):
            planes = np.ascontiguousarray(np.clip(samples, -1, 1).T, dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = sample_rate, start
            container.mux(stream.encode(frame))
            start += len(samples)
        container.mux(stream.encode(None))
    return content.getvalue()
