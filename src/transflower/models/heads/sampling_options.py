"""Options of drawing from a head: they belong to a call, and no checkpoint holds them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HeadSamplingOptions:
    """How a head draws, besides the temperature. Heads that have options extend it, with a default for each.

    An option ``guidance``, where it is not 1, asks for a ``null_context``, with which the head combines the context
    (classifier-free guidance, Ho and Salimans 2022, arXiv:2207.12598).
    """
