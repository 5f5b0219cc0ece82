"""How frames are drawn from a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transflower.core.options.ranges import Count, Natural, Temperature


@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """Options of a call, not of a model."""

    seed: int = 0
    """Start of all randomness: the same seed gives the same samples."""
    temperature: Temperature = 1.0
    """1 draws from the model's distribution; less is calmer and more usual, 0 the most usual."""
    lookahead: Natural | None = None
    """Future frames of the fastest condition that a frame waits for and sees; 0 reacts at once. By default as many as
    the model was trained for."""
    use_frames: Count = 1
    """Frames that are used of each prediction before the model predicts again; at most as many as it predicts."""
    head: Mapping[str, Any] = field(default_factory=dict)
    """Name -> value of options of the model's heads, such as `top_p`; each head takes those that it has."""
