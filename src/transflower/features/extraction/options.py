"""Options of extraction, without what it takes to extract: ``--help`` is quick."""

from dataclasses import dataclass, fields
from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.core.files import check_name
from transflower.core.options.ranges import Jobs
from transflower.core.rates import check_source_fps
from transflower.features.audio_settings import AudioSettings
from transflower.features.extraction.sources import Ids


@dataclass(frozen=True, kw_only=True)
class AudioExtraction(AudioSettings):
    """Audio features of sound files: log-mel spectrum, onset strength and beat activation."""

    name: str = "audio"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    mirror: bool = False
    """Also write ID_mirrored, a copy, beside the mirrored dance."""
    ids: Ids = "name"
    """What tells recordings apart: their names, or their paths: x.wav in folder a becomes a__x."""
    pairs: Path | None = None
    """Table (CSV) with the columns id (or dance), song and offset, such as a table of recordings, for dances whose song
    has another name or starts at another time: the dance starts `offset` seconds into the song. Motion must be
    extracted first."""
    beats: Path | None = None
    """Folder with files of beats, SONG.txt for SONG.wav, as `generate --beats` reads them; features follow them. In
    other sounds beats are heard."""
    overwrite: bool = False
    """Write arrays again even where they were made from these recordings."""
    jobs: Jobs = -1
    """Files worked on at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(self.name, what="feature name")

    @property
    def settings(self) -> AudioSettings:
        """What the features are made of."""
        return AudioSettings(**{field.name: getattr(self, field.name) for field in fields(AudioSettings)})


@dataclass(frozen=True, kw_only=True)
class MotionExtraction:
    """Motion features of files of motion."""

    name: str = "motion"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    fps: float = 30.0
    """Frames per second of the features; recordings are resampled."""
    representation: str = "expmap"
    """How rotations are written: expmap (3 columns a joint, as published) or rot6d (6 columns a joint)."""
    # By default the one that is half as wide, and without redundancy that a density model would have to learn.
    joints: tuple[str, ...] = ()
    """Joints to keep, by name; none given: all."""
    onto: Path | None = None
    """Skeleton on which every recording is put, so that they may have different ones: `common`, of 22 joints, or a BVH,
    GLB or VRM file."""
    map: Path | None = None
    """Folder of tables of which joint is which bone, one for each kind of skeleton: written where there are none, for
    you to correct."""
    mirror: bool = False
    """Also write ID_mirrored: the mirror image of the dance."""
    unit: str = "auto"
    """Length unit of the recordings: m, cm, mm, in, metres per unit, or auto for what makes the first body human."""
    up: str = "auto"
    """Axis that points up in the recordings: y, -y, z, -z, x, -x; auto: the one along which the first body stands."""
    source_fps: float | None = None
    """Frames per second of the recordings, instead of the rate written in them."""
    drop_first: bool = False
    """Leave out the first frame of each recording, where exporters put a T-pose, frames that hold it for up to 5
    seconds, and frames that blend out of it."""
    ids: Ids = "name"
    """What tells recordings apart: their names, or their paths: x.bvh in folder a becomes a__x."""
    overwrite: bool = False
    """Write arrays again even where they were made from these recordings."""
    jobs: Jobs = -1
    """Files worked on at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        check_name(self.name, what="feature name")
        if self.map is not None and self.onto is None:
            raise OptionsError("--map is of skeletons that are put on another one; name that by --onto, such as common")
        if not 0 < self.fps <= 1000:
            raise OptionsError(f"fps must be above 0 and at most 1000, got {self.fps}")
        check_source_fps(self.source_fps)
        # What knows them takes long to load, which --help must not.
        if self.representation != "expmap":
            from transflower.features.motion.representation import REPRESENTATIONS

            REPRESENTATIONS[self.representation]
        if self.unit != "auto":
            from transflower.motion.units import parse_unit

            parse_unit(self.unit)
        if self.up != "auto":
            from transflower.motion.axes import parse_up

            parse_up(self.up)
