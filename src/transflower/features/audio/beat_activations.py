"""Beat and downbeat activations of sound as it arrives: how probable it is that a beat is now, as a network hears it.

Shape letters: N samples, F frames, I input channels of the network.
"""

import numpy as np
from jaxtyping import Float32, Int

from transflower.features.audio.beat_network import packaged_network
from transflower.features.audio.buffer import SlidingBuffer
from transflower.features.audio.spectrum import MelSpectrum
from transflower.features.audio.state import Stateful, load_states, states_of

SAMPLE_RATE = 24000
"""Of the sound, which is mono."""
_HOP = 400
# A short window tells when, a long one what.
_WINDOWS = (1024, 2048)
BANDS = (40, 60)
"""Of the spectra whose levels the network hears."""
_REACH = max(_WINDOWS) // 2
LATER = 2
"""Frames that the network hears after the moment of which it speaks, so that the onset of a beat counts."""
# Power below which a band counts as silent.
_SILENT_POWER = np.float32(1e-8)
# 40 decibels.
_NEPERS_PER_UNIT = np.float32(4 * np.log(10))
# Frames in which long sound is worked through, to bound memory.
_PIECE = 600


class BeatActivations:
    """Takes sound in pieces of any size and gives each frame as soon as all that it depends on has arrived.

    Frame k is the moment ``k / RATE`` seconds and depends on no sound after it plus 0.08 s. Before 0 s there is digital
    silence. Whoever needs the last frames of a recording pushes silence after it.
    """

    RATE = SAMPLE_RATE // _HOP

    def __init__(self) -> None:
        self._network = packaged_network()
        self._spectra = beat_spectra()
        # The first frame of the network's input that hears anything, though its centre lies before 0 s.
        self._next_input = -(_REACH // _HOP)
        silence = _REACH - self._next_input * _HOP
        self._sound = SlidingBuffer(start=-silence, silence=silence)

    def push(self, samples: Float32[np.ndarray, " N"]) -> Float32[np.ndarray, "F 2"]:
        """P(beat) and P(downbeat) of the frames that are complete now that ``samples`` have arrived."""
        step = _PIECE * _HOP
        pieces = [samples[start : start + step] for start in range(0, len(samples), step)]
        return np.concatenate([np.zeros((0, 2), np.float32), *map(self._advance, pieces)])

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return states_of(self._parts()) | {"next_input": np.array(self._next_input)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken."""
        load_states(self._parts(), state)
        self._next_input = int(state["next_input"])

    def _parts(self) -> dict[str, Stateful]:
        return {"sound": self._sound, "network": self._network}

    def _advance(self, samples: Float32[np.ndarray, " N"]) -> Float32[np.ndarray, "F 2"]:
        self._sound.append(samples)
        first = self._next_input
        stop = max(first, (self._sound.stop - _REACH) // _HOP + 1)
        if stop == first:
            return np.zeros((0, 2), np.float32)
        start = self._sound.start
        inputs = beat_inputs(self._spectra, self._sound.since(start), np.arange(first, stop) * _HOP - start)
        self._next_input = stop
        self._sound.forget(stop * _HOP - _REACH)
        return self._network.push(inputs)[max(0, LATER - first) :]


def beat_spectra() -> list[MelSpectrum]:
    """The spectra of which the network's input is made."""
    return [
        MelSpectrum(sample_rate=SAMPLE_RATE, window=window, bands=bands)
        for window, bands in zip(_WINDOWS, BANDS, strict=True)
    ]


def beat_inputs(
    spectra: list[MelSpectrum], sound: Float32[np.ndarray, " N"], centres: Int[np.ndarray, " F"]
) -> Float32[np.ndarray, "F I"]:
    """The network's input at ``centres``: levels of all bands, of which 0 is silence."""
    power = np.concatenate([spectrum.power(sound, centres) for spectrum in spectra], axis=1)
    return levels(power)


def levels(power: Float32[np.ndarray, "*F I"]) -> Float32[np.ndarray, "*F I"]:
    """Powers on a logarithmic scale, 0 for silence."""
    return np.log(1 + power / _SILENT_POWER) / _NEPERS_PER_UNIT


def powers(level: Float32[np.ndarray, "*F I"]) -> Float32[np.ndarray, "*F I"]:
    """The powers that have these levels."""
    return (np.exp(level * _NEPERS_PER_UNIT) - 1) * _SILENT_POWER
