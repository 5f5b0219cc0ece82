"""The network in torch, to train; the package runs it by numpy.

Shape letters: B batch, T frames, I input channels, C channels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """Size of the network."""

    inputs: int = 100
    channels: int = 48
    blocks: int = 8
    """Convolutions of which each reaches twice as far back as the one before."""
    taps: int = 5
    dropout: float = 0.1


class TrainedNetwork(nn.Module):
    """Gives the logits of beat and downbeat at every frame, from this frame and those before."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.input = nn.Conv1d(options.inputs, options.channels, 3)
        self.blocks = nn.ModuleList(_Block(options, 2**index) for index in range(options.blocks))
        self.output = nn.Conv1d(options.channels, 2, 1)

    def forward(self, inputs: Float[Tensor, "B T I"]) -> Float[Tensor, "B T 2"]:
        """The logits; before the first frame every layer sees zeros."""
        hidden = functional.relu(_causal(self.input, inputs.transpose(1, 2)))
        for block in self.blocks:
            hidden = hidden + block(hidden)
        return torch.as_tensor(self.output(functional.relu(hidden)).transpose(1, 2))

    def weights(self) -> dict[str, np.ndarray]:
        """All weights as the package reads them: taps, input channels, output channels, in half precision."""
        arrays = {name: value.detach().cpu().numpy() for name, value in self.named_parameters()}
        return {
            name: np.ascontiguousarray(value.transpose(2, 1, 0) if value.ndim == 3 else value).astype(np.float16)
            for name, value in arrays.items()
        }


class _Block(nn.Module):
    def __init__(self, options: NetworkOptions, dilation: int) -> None:
        super().__init__()
        self.dilated = nn.Conv1d(options.channels, options.channels, options.taps, dilation=dilation)
        self.mixing = nn.Conv1d(options.channels, options.channels, 1)
        self.dropout = nn.Dropout1d(options.dropout)
        nn.init.normal_(self.mixing.weight, std=0.1 / options.channels**0.5)

    def forward(self, hidden: Float[Tensor, "B C T"]) -> Float[Tensor, "B C T"]:
        return torch.as_tensor(self.dropout(self.mixing(functional.relu(_causal(self.dilated, hidden)))))


def _causal(convolution: nn.Conv1d, frames: Float[Tensor, "B I T"]) -> Float[Tensor, "B C T"]:
    past = (convolution.kernel_size[0] - 1) * convolution.dilation[0]
    return torch.as_tensor(convolution(functional.pad(frames, (past, 0))))
