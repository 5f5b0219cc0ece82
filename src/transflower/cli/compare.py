"""``transflower compare MOTION OTHER``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from transflower.cli.given import check_danced
from transflower.cli.printable import say
from transflower.core.errors import FrameRateError
from transflower.core.files import check_folder
from transflower.core.options import parse
from transflower.core.options.ranges import Positive


@dataclass(frozen=True, kw_only=True)
class Compare:
    """Two motions beside each other: distances over time, who keeps the beat, who slides; a table and a page.

    The second is put onto the skeleton and the frame rate of the first, where they differ.
    """

    motion: Path
    """Motion file of any format."""
    other: Path
    """Another."""
    music: Path | None = None
    """Sound file that both were danced to, from their first frame on."""
    align: bool = True
    """Find the shift in time, and the place and direction on the floor, at which the second is nearest to the first."""
    most: Positive = 2.0
    """Seconds up to which shifts are tried."""
    source_fps: Positive | None = None
    """True frames per second of the first file, where it says them wrongly: all frames stay, and their times change."""
    other_fps: Positive | None = None
    """The same of the second."""
    out: Path = Path("comparisons")
    """Folder of the files `MOTION_OTHER.compare.csv` and `.html`, made if need be; earlier ones are replaced."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Compare, tell, and name the files."""
    options = parse(Compare, argv, positional=["motion", "other"], prog=prog)
    usage = "compare MOTION OTHER --music SONG"
    check_danced(usage, motions=[options.motion, options.other], sounds=[options.music])
    check_folder(options.out)
    # It takes long to load, which --help must not.
    from transflower.audio.reading import read_audio
    from transflower.evaluation.comparison import compare_motions, dancer_facts
    from transflower.features.audio.sound_beats import sound_beats
    from transflower.formats.format import ReadOptions
    from transflower.formats.registry import read_recording
    from transflower.reports.comparison import told_comparison, write_comparison

    first = read_recording(options.motion, ReadOptions(fps=options.source_fps)).clip
    try:
        second = read_recording(options.other, ReadOptions(fps=options.other_fps)).clip
    except FrameRateError as error:
        raise error.with_option("--other_fps") from error
    names = options.motion.stem, options.other.stem
    if names[0] == names[1]:
        names = _with_folder(options.motion), _with_folder(options.other)
    found = compare_motions(first, second, align=options.align, most=options.most)
    sound = beats = heard = None
    if options.music is not None:
        whole = read_audio(options.music)
        sound = replace(whole, samples=whole.samples[round(found.start * whole.sample_rate) :])
        heard = sound_beats(options.music).times
        beats = heard - found.start
        beats = beats[(beats >= 0) & (beats <= found.clips[0].seconds)]
    # Of the motions as they are: alignment would put the second onto the beats of the first.
    facts = dancer_facts(first, heard), dancer_facts(second, heard)
    say(told_comparison(found, names, facts))
    written = write_comparison(options.out, found, names, facts, sound=sound, beats=beats)
    say("\n".join(map(str, written)))
    return 0


def _with_folder(path: Path) -> str:
    return f"{path.absolute().parent.name}-{path.stem}"
