"""MIDI to sound, by FluidSynth and a soundfont; what was rendered is kept."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from transflower.core.errors import DataError
from transflower.core.files import atomic_path, check_file

_LOUDNESS = 0.5
_LONGEST_SECONDS = 600


class Renderer:
    """Renders with one soundfont into a folder."""

    def __init__(self, soundfont: Path, folder: Path, *, sample_rate: int = 24000, options: Sequence[str] = ()) -> None:
        """Begin.

        Args:
            soundfont: SF2 or SF3 file.
            folder: keeps the sounds, FLAC of one channel; made if need be.
            sample_rate: of the sounds.
            options: more arguments of FluidSynth, such as ``["-R", "0"]`` for no reverberation.

        Raises:
            DataError: FluidSynth is not installed.
            FormatError: there is no such soundfont.
        """
        check_file(soundfont)
        program = shutil.which("fluidsynth")
        if program is None:
            raise DataError("fluidsynth is not installed, which makes sound of MIDI")
        self._command = [program, "-ni", "-q", "-g", str(_LOUDNESS), "-r", str(sample_rate), "-T", "wav", *options]
        self._soundfont, self._folder = soundfont, folder

    def render(self, data: bytes) -> Path:
        """A sound file of a MIDI file, whose start is that of the sound.

        Raises:
            DataError: FluidSynth fails.
        """
        key = hashlib.sha1("\0".join([*self._command[1:], self._soundfont.name]).encode() + data)
        path = self._folder / f"{key.hexdigest()[:16]}.flac"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                self._write(data, temporary)
        return path

    def _write(self, data: bytes, path: Path) -> None:
        import soundfile

        midi, wav = path.with_suffix(".mid"), path.with_suffix(".wav")
        try:
            midi.write_bytes(data)
            command = [*self._command, "-F", str(wav), str(self._soundfont), str(midi)]
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST_SECONDS, check=False
            )
            if done.returncode or not wav.exists():
                raise DataError(f"fluidsynth failed: {done.stderr.decode(errors='replace').strip()[-200:]}")
            samples, rate = soundfile.read(wav, dtype="float32", always_2d=True)
            soundfile.write(path, samples.mean(axis=1), rate, format="FLAC", subtype="PCM_16")
        finally:
            midi.unlink(missing_ok=True)
            wav.unlink(missing_ok=True)
