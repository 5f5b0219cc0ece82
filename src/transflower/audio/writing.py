"""Writing sound."""

from pathlib import Path

import soundfile

from transflower.audio.audio import Audio
from transflower.core.files import atomic_path


def write_wav(path: Path | str, audio: Audio) -> None:
    """Write 16-bit WAV, atomically; samples beyond full scale are clipped."""
    with atomic_path(path) as temporary:
        soundfile.write(temporary, audio.samples, audio.sample_rate, subtype="PCM_16", format="WAV")
