"""Small sounds and files of them."""

from pathlib import Path

import av
import numpy as np

from transflower.audio.audio import Audio

RATE = 44100


def make_noise(seconds: float = 1.5, sample_rate: int = RATE, channels: int = 2, seed: int = 0) -> Audio:
    """Noise below 3 kHz, which every codec keeps, under a swelling level, which makes alignment unmistakable."""
    random = np.random.default_rng(seed)
    num_samples = round(seconds * sample_rate)
    spectrum = np.fft.rfft(random.standard_normal((num_samples, channels)), axis=0)
    spectrum[int(3000 * seconds) :] = 0
    noise = np.fft.irfft(spectrum, num_samples, axis=0)
    swell = 0.55 + 0.45 * np.sin(np.arange(num_samples) / sample_rate * 9)[:, None]
    return Audio((0.5 * swell * noise / np.abs(noise).max()).astype(np.float32), sample_rate)


def encode(
    path: Path,
    audio: Audio,
    codec: str,
    *,
    video: bool = False,
    delay: float = 0.0,
    muxer: dict[str, str] | None = None,
    bit_rate: int | None = None,
) -> None:
    """Write stereo sound with FFmpeg, ``delay`` seconds after the picture if there is any."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        picture = container.add_stream("mpeg4", rate=25) if video else None
        sound = container.add_stream(codec, rate=audio.sample_rate, layout="stereo")
        if bit_rate is not None:
            sound.bit_rate = bit_rate
        if picture is not None:
            picture.width = picture.height = 32
            picture.pix_fmt = "yuv420p"
            for _ in range(25):
                container.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
            container.mux(picture.encode(None))
        context = sound.codec_context
        blocks = av.AudioResampler(
            context.format.name, "stereo", audio.sample_rate, frame_size=context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio.samples.T), format="fltp", layout="stereo")
        frame.rate, frame.pts = audio.sample_rate, round(delay * audio.sample_rate)
        for block in [*blocks.resample(frame), *blocks.resample(None)]:
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))


def lag_seconds(original: Audio, other: Audio) -> float:
    """By how much ``other`` is late, from the peak of the cross-correlation."""
    assert original.sample_rate == other.sample_rate
    size = 2 * max(len(original.samples), len(other.samples))
    spectra = [np.fft.rfft(audio.mono, size) for audio in (original, other)]
    peak = int(np.fft.irfft(spectra[0].conj() * spectra[1], size).argmax())
    return (peak if peak < size // 2 else peak - size) / original.sample_rate
