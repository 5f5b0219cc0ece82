"""Options of ``data import``, without what it takes to read recordings: ``--help`` is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import FrameRate, Jobs

FindOffset = Literal["no", "auto", "sound", "clap", "beats"]
"""How it is found where in its song a recording starts."""
_SILENT = ("amass", "bandai", "lafan1", "100style", "arrays")
"""Sources without songs."""


@dataclass(frozen=True, kw_only=True)
class ImportConfig:
    """Features of the recordings of a data set, or of your own: a table of them, motion, sound and lists of splits."""

    source: str
    """Which data set it is: `aistpp`, `amass`, `motorica`, `finedance`, `cmu`, `bandai`, `lafan1`, `100style`, `beat`,
    `arrays`, or `own` for your own recordings."""
    folder: Path
    """Folder of the data set as it was downloaded; of `own`, of the recordings. With `own --table` nothing is read
    from it, because the table names every file."""
    out: Path
    """Folder of the features, made if need be, with the table `recordings.csv`. What is there already stays."""
    music: Path | None = None
    """Folder of the songs, where they are not below the folder; not with `own --table`, nor where no songs are."""
    table: Path | None = None
    """Of `own`: the table of recordings (CSV) with the columns id, motion, song, offset, style, dancer, ...; of `cmu`:
    the index with frame rates."""
    pattern: str | None = None
    """Of `own`: what names of files say, such as `{style}_{dancer}_{song}`."""
    find_offset: FindOffset = "no"
    """How to find where in its song a recording starts: by the `sound` of the recording, a sound file of its name; by a
    `clap` of hands that is in the sound; by `beats`, up to half a beat; `auto`: by sound where there is one."""
    source_fps: FrameRate | None = None
    """True frames per second of the motion files, where they say them wrongly."""
    onto: str = "auto"
    """Skeleton on which every recording is put: `common`, a BVH, GLB or VRM file, or `none`; `auto`: `common` where the
    recordings have several skeletons."""
    map: Path | None = None
    """Folder of tables of which joint is which bone, one for each kind of skeleton that is put on another one: written
    where there are none, for you to correct."""
    unit: str = "auto"
    """Length unit of the motion files: m, cm, mm, in, metres per unit, or auto for what makes the body human."""
    up: str = "auto"
    """Axis that points up in them: y, -y, z, -z, x, -x, or auto for that along which the body stands."""
    beats: Path | None = None
    """Folder with files of beats, SONG.txt for SONG.wav; features follow them. In other songs beats are heard."""
    fps: FrameRate = 30.0
    """Frames per second of the features."""
    representation: str = "expmap"
    """How rotations are written: expmap or rot6d."""
    mirror: bool = False
    """Also write the mirror image of every dance, with a copy of its sound."""
    drop_first: bool = False
    """Leave out the first frame of each recording, where exporters put a T-pose, and frames that blend out of it."""
    duets: bool = False
    """Write couples in place of single dancers: `ID.follower.npy`, who is seen from the one whom the table names as
    partner, and `ID.partner.npy`, that one."""
    extract: bool = True
    """Extract features; without it, only the table is written, for you to look at and to correct."""
    overwrite: bool = False
    """Write arrays again even where recordings and what the table says of them are the same as before, and the lists
    of splits that are there."""
    jobs: Jobs = -1
    """Files worked on at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        if self.table is not None and self.source not in {"own", "cmu"}:
            raise OptionsError(
                "--table is of `own` and of `cmu`; the names of other data sets say what their files are"
            )
        if self.pattern is not None and self.source != "own":
            raise OptionsError("--pattern is of `own`; the names of other data sets say what their files are")
        if self.pattern is not None and self.table is not None:
            raise OptionsError("give --table or --pattern, not both")
        if self.music is not None and self.source == "own" and self.table is not None:
            raise OptionsError("give --table or --music, not both; the table names the songs in its column song")
        if self.music is not None and self.source in _SILENT:
            raise OptionsError(f"--music has no effect on `{self.source}`, which has no songs")
