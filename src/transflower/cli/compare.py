"""``transflower compare MOTION OTHER``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from transflower.cli.printable import say
from transflower.core.errors import DataError
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
    """Sound file that the first was danced to, from its first frame on."""
    align: bool = True
    """Find the shift in time, and the place and the direction on the floor, at which the second is nearest to the first."""
    most: Positive = 2.0
    """Seconds up to which shifts are tried."""
    source_fps: Positive | None = None
    """True frames per second of motion files that say them wrongly: all frames stay, and their times change."""
    out: Path = Path("comparisons")
    """Folder of the files `MOTION_OTHER.compare.csv` and `.html`, made if need be; earlier ones are replaced."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Compare, tell, and name the files."""
    options = parse(Compare, argv, positional=["motion", "other"], prog=prog)
    for path in filter(None, (options.motion, options.other, options.music)):
        if not path.exists():
            raise DataError(f"{path}: there is no such file")
    # It takes long to load, which --help must not.
    from transflower.audio.reading import read_audio
    from transflower.evaluation.comparison import compare_motions, dancer_facts
    from transflower.features.audio.beat_times import beats_of
    from transflower.formats.format import ReadOptions
    from transflower.formats.registry import read_recording
    from transflower.reports.comparison import told_comparison, write_comparison

    read = ReadOptions(fps=options.source_fps)
    clips = [read_recording(path, read).clip for path in (options.motion, options.other)]
    names = options.motion.stem, options.other.stem
    if names[0] == names[1]:
        names = f"{options.motion.absolute().parent.name}-{names[0]}", f"{options.other.absolute().parent.name}-{names[1]}"
    found = compare_motions(*clips, align=options.align, most=options.most)
    sound = beats = None
    if options.music is not None:
        whole = read_audio(options.music)
        sound = replace(whole, samples=whole.samples[round(found.start * whole.sample_rate) :])
        beats = beats_of(options.music) - found.start
        beats = beats[(beats >= 0) & (beats <= found.clips[0].seconds)]
    facts = dancer_facts(found.clips[0], beats), dancer_facts(found.clips[1], beats)
    say(told_comparison(found, names, facts))
    files = write_comparison(options.out, found, names, facts, sound=sound, beats=beats)
    say("\n".join(map(str, files)))
    return 0
