"""``transflower view PATH...``."""

import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transflower.core.errors import DataError, OptionsError
from transflower.core.options import parse
from transflower.core.options.ranges import Positive

if TYPE_CHECKING:
    import numpy as np

_GENERATOR = "transflower view"
"""What our pages call their maker: those of ``generate`` tell more, and are not replaced."""


@dataclass(frozen=True, kw_only=True)
class View:
    """A page that shows dances in 3-D with their song; one file that any browser opens, without a network."""

    paths: tuple[Path, ...]
    """Motion files, and folders of them: BVH, GLB, ... All dances start together."""
    music: Path | None = None
    """Sound file; by default the one beside a dance that has its name."""
    out: Path | None = None
    """File of the page; by default beside the dances, `SONG.html`. Of several dances its name is the title too."""
    overwrite: bool = False
    """Replace a file that is there; a page that `view` wrote is always replaced."""
    unit: str = "auto"
    """Unit of the motion files: `m`, `cm`, `mm`, `in`, metres per unit, or `auto` for what makes the body human."""
    up: str = "auto"
    """Axis up in the motion files: `y`, `-y`, `z`, `-z`, `x`, `-x`, or `auto` for that along which the body stands."""
    source_fps: Positive | None = None
    """True frames per second of motion files that say them wrongly: all frames stay, and their times change."""
    open: bool = True
    """Open the page in the browser."""

    def __post_init__(self) -> None:
        if not self.paths:
            raise OptionsError("no dance is given; name motion files, or folders of them")


def run(argv: Sequence[str], *, prog: str) -> int:
    """Write the page, name it, and open it."""
    options = parse(View, argv, positional=["paths"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.formats.format import ReadOptions
    from transflower.viewer import write_page
    from transflower.viewer.opening import find_dances, find_sound, open_dances, title_of

    files = find_dances(options.paths)
    out = _as_html(options.out) if options.out else _beside(options.paths, title_of(files))
    title = out.stem if options.out and len(files) > 1 else title_of(files)
    _check_free(out, overwrite=options.overwrite)
    dances = open_dances(files, ReadOptions(unit=options.unit, up=options.up, fps=options.source_fps))
    sound = options.music or find_sound(files)
    beats = None if sound is None else _beats(sound)
    write_page(out, dances, title=title, sound=sound, beats=beats, generator=_GENERATOR)
    print(out)
    if options.open and _has_screen():
        webbrowser.open(out.absolute().as_uri())
    return 0


def _beside(paths: Sequence[Path], title: str) -> Path:
    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    return folder / f"{title}.html"


def _as_html(out: Path) -> Path:
    """The name with the suffix by which systems know what opens it."""
    return out if out.is_dir() or out.suffix.lower() in {".html", ".htm"} else out.with_name(f"{out.name}.html")


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace what ``view`` did not write."""
    from transflower.viewer.page import is_page

    if path.is_dir():
        raise DataError(f"{path} is a folder; --out names the file of the page, such as {path / 'dance.html'}")
    if path.exists() and not overwrite and not is_page(path, _GENERATOR):
        raise DataError(f"{path} is there already; add --overwrite, or choose another --out")


def _beats(sound: Path) -> "np.ndarray":
    """Seconds of the beats that are heard in a song."""
    from transflower.features.audio.sound_beats import sound_beats

    heard = sound_beats(sound)
    return heard.times if heard.is_heard else heard.times[:0]


def _has_screen() -> bool:
    """Whether there is a browser with windows: one that takes over the terminal cannot show the page."""
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
