"""The colours of maps over time and parts of the body."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

_COLOURS = ("#ffffff", "#fdeec0", "#f9ac55", "#d7301f", "#4a0010")


def heat_colours() -> "Colormap":
    """From white, for nothing, to a dark red."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heat", _COLOURS)
