"""Options of the verbs on folders of features, without what it takes to read these: ``--help`` is quick."""

from dataclasses import dataclass, field
from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.core.files import check_name
from transflower.core.options.ranges import Count, FrameRate, Natural
from transflower.data.stats.options import check_page

_MOST_MOVE_SECONDS = 60
_MOST_SECONDS_AHEAD = 1


@dataclass(frozen=True, kw_only=True)
class CheckConfig:
    """Check a folder of features and list all problems."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files and the lists `base_filenames_SPLIT.txt`."""
    features: tuple[str, ...] = ()
    """Features that every sequence needs; by default those with a sidecar, or all if none has one. Other features are
    then checked in the sequences that have them."""
    splits: tuple[str, ...] = ()
    """Splits to check; by default every list in the folder, or every sequence if there is no list."""
    categorical: tuple[str, ...] = ()
    """Features that hold class indices."""
    single: tuple[str, ...] = ()
    """Features without time, used whole."""
    tile: tuple[str, ...] = ()
    """Features of one row, repeated over time."""
    fps: dict[str, FrameRate] = field(default_factory=dict)
    """Frames per second of features whose sidecar does not say them."""
    variants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Features of the same columns, frame rate and lengths as the named one, of which training draws."""
    fix_lengths: bool = True
    """Allow features of one sequence to differ in length: their common part is read."""
    max_length_gap: Natural | None = None
    """Largest such difference in frames of the fastest feature. By default 10 seconds, or 3 frames where the frame rate
    is not known."""
    min_frames: Natural = 1
    """Sequences of fewer frames of the fastest feature are skipped."""
    page: Path | None = None
    """Also write a page with the report and the charts of `data stats`, FILE.html, that needs no other file."""
    overwrite: bool = False
    """Replace a page that exists."""

    def __post_init__(self) -> None:
        check_page(self.page)


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """Divide the sequences of a folder into training, validation and test, song by song."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files; the lists `base_filenames_SPLIT.txt` are written into it."""
    features: tuple[str, ...] = ()
    """Sequences need all of these; by default every feature with a sidecar, or every feature if none has one."""
    val: float = 0.1
    """Share of the sequences for validation."""
    test: float = 0.1
    """Share of the sequences for testing."""
    seed: int = 0
    """Seed of the choice of held-out songs."""
    song_pattern: str | None = None
    """Regular expression whose one group is the song in an id. By default the music token of AIST++ ids (`_mBR0_`) if
    all have one, otherwise the id without endings such as `_mirrored` and `_take2`."""
    pairs: Path | None = None
    """The table of `extract audio --pairs`: dances of one song stay together, and so do partners. By default
    `recordings.csv` in the folder, if there is one."""
    overwrite: bool = False
    """Replace lists that exist."""

    def __post_init__(self) -> None:
        if not (self.val >= 0 and self.test >= 0 and self.val + self.test < 1):
            raise OptionsError(f"val and test must be shares that leave some for training, got {self.val}, {self.test}")


@dataclass(frozen=True, kw_only=True)
class MovesExtraction:
    """Find kinds of moves in motion features, and which of them every frame begins."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files. Kinds are learnt from the training split, or from all if there is none."""
    of: str = "motion"
    """Motion feature in which they are found."""
    name: str = "moves"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    kinds: int = 64
    """Number of kinds: a few for every move that a person would name."""
    fps: FrameRate | None = None
    """Frames per second of the motion, where no sidecar says them."""
    seconds: float = 2.0
    """Length of the window, most of it after a frame, that decides the kind of the frame."""
    seed: int = 0
    """Seed of the search for kinds."""
    overwrite: bool = False
    """Find the kinds again, and replace all files. Otherwise new sequences get the kinds that are known already."""

    def __post_init__(self) -> None:
        check_name(self.name, what="feature name")
        if self.kinds < 2 or not 0 < self.seconds <= _MOST_MOVE_SECONDS:
            raise OptionsError(
                f"there must be 2 kinds at least and above 0 to {_MOST_MOVE_SECONDS} seconds, got {self.kinds} and "
                f"{self.seconds:g}"
            )


@dataclass(frozen=True, kw_only=True)
class ContactsExtraction:
    """Find which feet stand in motion features, a moment ahead of every frame."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files."""
    of: str = "motion"
    """Motion feature in which they are found."""
    name: str = "contacts"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    seconds: float = 0.1
    """How much later than its frame a class tells of: a foot is slowed down for so long before it stands."""
    overwrite: bool = False
    """Replace all files. Otherwise those of motion that has not changed stay."""

    def __post_init__(self) -> None:
        check_name(self.name, what="feature name")
        if not 0 <= self.seconds <= _MOST_SECONDS_AHEAD:
            raise OptionsError(f"seconds must be from 0 to {_MOST_SECONDS_AHEAD}, got {self.seconds:g}")


@dataclass(frozen=True, kw_only=True)
class LabelsExtraction:
    """Write what a table says of recordings: their styles, dancers, energies, or what happens in words."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files."""
    table: Path | None = None
    """Table (CSV) with the column id and one for each label; by default `recordings.csv` in the folder. A label that
    changes is written as `0:groove,20:salsa`: from second 0 on, and from second 20 on."""
    columns: tuple[str, ...] = ()
    """Columns to write, each as a feature of that name; by default those of style, dancer, energy and text that the
    table has. A column of numbers is a feature of real values, `text` one of words."""
    of: str = "motion"
    """Feature whose length and frame rate labels have."""
    once: bool = False
    """Write one row for each recording, for inputs with `mode: tile`."""
    words: Count = 16
    """Most words of a text."""

    def __post_init__(self) -> None:
        for column in self.columns:
            check_name(column, what="column")
