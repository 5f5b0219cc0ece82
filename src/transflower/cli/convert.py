"""``transflower convert SOURCE TARGET``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transflower.cli.formats_option import read_formats
from transflower.core.errors import DataError, OptionsError
from transflower.core.listing import listing
from transflower.core.options import parse
from transflower.core.options.ranges import Positive
from transflower.render.options import VideoConfig


@dataclass(frozen=True, kw_only=True)
class Convert:
    """Motion from one kind of file to another: BVH, GLB, video and more."""

    source: Path
    """File of motion, features with their sidecar among them; or a folder, of which every file is converted."""
    target: Path
    """File to write: `.bvh`, `.glb`, `.mp4`, ...; the end of its name says which kind. For a folder, a folder."""
    format: str = ""
    """For a folder: the kinds of files to write, with commas between, such as `glb,mp4`."""
    onto: Path | None = None
    """A character of your own, BVH, GLB or VRM, on whose skeleton the motion is put; a GLB or VRM keeps its mesh."""
    map: Path | None = None
    """Table of which joint of the character is which bone: written where there is none, for you to correct."""
    bvh_preset: str | None = None
    """Program whose units, axes and names of joints a BVH gets: `blender`, `unity`, `unreal` or `mixamo`."""
    fps: Positive | None = None
    """Frames per second to write; by default as many as there are."""
    beside: tuple[Path, ...] = ()
    """Other motion files, shown beside it in a video or page."""
    music: Path | None = None
    """Sound file of a video or page."""
    unit: str = "auto"
    """Unit of the source: `m`, `cm`, `mm`, `in`, metres per unit, or `auto` for what makes the body human."""
    up: str = "auto"
    """Axis up in the source: `y`, `-y`, `z`, `-z`, `x`, `-x`, or `auto` for that along which the body stands."""
    source_fps: Positive | None = None
    """True frames per second of a source that says them wrongly: all its frames stay, and their times change."""
    render: VideoConfig = field(default_factory=VideoConfig)
    """What a video looks like."""
    overwrite: bool = False
    """Replace files that are there."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Convert, and name what was written."""
    options = parse(Convert, argv, positional=["source", "target"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.api.converting import Conversion, convert, convert_folder
    from transflower.cli.character_option import motion_writer
    from transflower.formats.format import ReadOptions

    conversion = Conversion(
        motion=motion_writer(options.onto, options.map, options.bvh_preset),
        read=ReadOptions(unit=options.unit, up=options.up, fps=options.source_fps),
        fps=options.fps,
        beside=options.beside,
        music=options.music,
        render=options.render,
        overwrite=options.overwrite,
    )
    problems: list[str] = []
    if options.source.is_dir():
        written, problems = convert_folder(options.source, options.target, read_formats(options.format), conversion)
    elif options.format:
        raise OptionsError("--format is for folders; of one file the end of the target's name says it")
    else:
        written = [convert(options.source, options.target, conversion)]
    for path in written:
        print(path)
    if problems:
        raise DataError(listing(f"{len(problems)} files could not be converted", problems))
    return 0
