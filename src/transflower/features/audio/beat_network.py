"""The network behind the beat activations: a stack of dilated causal convolutions, run by numpy.

It is trained by ``recipes/beat_network``, and its weights lie beside this file. Each block adds to its input what a
convolution, a ramp and a mixing of channels make of it; the dilation doubles from block to block.

Shape letters: T frames, I input channels, C channels.
"""

from functools import lru_cache
from importlib.resources import files

import numpy as np
from jaxtyping import Float32
from safetensors.numpy import load

from transflower.features.audio.causal_convolution import CausalConvolution

WEIGHTS = "beat_network.safetensors"


class BeatNetwork:
    """Takes frames of the input one after another, in pieces of any size, and gives P(beat) and P(downbeat) of each."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        weights = {name: value.astype(np.float32) for name, value in weights.items()}
        self._blocks = range(sum(name.endswith("dilated.bias") for name in weights))
        dilated = {f"blocks.{index}.dilated": 2**index for index in self._blocks}
        self._convolutions = {
            name: CausalConvolution(weights[f"{name}.weight"], weights[f"{name}.bias"], dilation=dilation)
            for name, dilation in ({"input": 1} | dilated).items()
        }
        self._weights = weights

    @property
    def memory(self) -> int:
        """Frames before the newest that have a part in its output."""
        return sum(part.memory for part in self._convolutions.values())

    def push(self, frames: Float32[np.ndarray, "T I"]) -> Float32[np.ndarray, "T 2"]:
        """The probabilities at ``frames``, which follow all frames pushed before."""
        hidden = _ramp(self._convolutions["input"].push(frames))
        for index in self._blocks:
            inner = _ramp(self._convolutions[f"blocks.{index}.dilated"].push(hidden))
            hidden = hidden + self._mix(f"blocks.{index}.mixing", inner)
        logits = self._mix("output", _ramp(hidden))
        return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {name: part.past for name, part in self._convolutions.items()}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken."""
        for name, part in self._convolutions.items():
            part.past = np.array(state[name], np.float32)

    def _mix(self, name: str, frames: Float32[np.ndarray, "T I"]) -> Float32[np.ndarray, "T C"]:
        return frames @ self._weights[f"{name}.weight"][0] + self._weights[f"{name}.bias"]


def packaged_network() -> BeatNetwork:
    """The trained network, which has heard silence, zeros, for as long as it remembers."""
    network = BeatNetwork(_packaged_weights())
    network.load_state_dict(_state_after_silence())
    return network


@lru_cache(maxsize=1)
def _packaged_weights() -> dict[str, np.ndarray]:
    return load(files("transflower.features.audio").joinpath(WEIGHTS).read_bytes())


@lru_cache(maxsize=1)
def _state_after_silence() -> dict[str, np.ndarray]:
    weights = _packaged_weights()
    network = BeatNetwork(weights)
    network.push(np.zeros((network.memory + 1, weights["input.weight"].shape[1]), np.float32))
    return network.state_dict()


def _ramp(values: Float32[np.ndarray, "T C"]) -> Float32[np.ndarray, "T C"]:
    return np.maximum(values, 0)
