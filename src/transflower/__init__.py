"""Probabilistic generation of continuous multimodal sequences: above all, dance from music.

>>> import transflower
>>> dancer = transflower.load()
>>> dancer.outputs
['motion', 'moves']
"""

from typing import TYPE_CHECKING

from transflower.core.lazily import loader

if TYPE_CHECKING:
    from transflower.api.dance import Dance
    from transflower.api.dancer import Dancer, load

__all__ = ["Dance", "Dancer", "load"]


def __dir__() -> list[str]:
    return sorted(__all__)


__getattr__ = loader(
    __name__,
    {
        "Dance": "api.dance",
        "Dancer": "api.dancer",
        "load": "api.dancer",
    },
)
