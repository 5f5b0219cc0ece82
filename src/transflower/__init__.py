"""Probabilistic generation of continuous multimodal sequences: above all, dance from music.

>>> import transflower
>>> dancer = transflower.load()
>>> dancer.outputs
['motion', 'moves']
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transflower.api.dance import Dance
    from transflower.api.dancer import Dancer, load

__all__ = ["Dance", "Dancer", "load"]

_PLACES = {"Dance": "transflower.api.dance", "Dancer": "transflower.api.dancer", "load": "transflower.api.dancer"}


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    # Torch takes seconds to load, which the command line must not wait for.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
