"""Options of drawing from a head: they belong to a call, and no checkpoint holds them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HeadSamplingOptions:
    """How a head draws, besides the temperature. Heads that have options extend it, with a default for each."""
