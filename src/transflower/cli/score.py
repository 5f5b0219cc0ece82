"""``transflower score MOTION AUDIO``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from transflower.cli.given import check_danced, check_features, check_model
from transflower.cli.printable import say
from transflower.core.errors import OptionsError
from transflower.core.files import check_folder
from transflower.core.options import parse
from transflower.core.options.ranges import Natural, Positive

if TYPE_CHECKING:
    from transflower.audio.audio import Audio
    from transflower.generation.recordings import ModelledRecording
    from transflower.models import LoadedModel


@dataclass(frozen=True, kw_only=True)
class Score:
    """How likely a model finds a given dance to its music, frame by frame and part by part of the body.

    Stretches that stand out are often broken motion capture. docs/score.md says what the numbers mean.
    """

    motion: str
    """Motion file of any format; or, with `--data`, the id of a sequence."""
    audio: Path | None = None
    """Sound file that was danced to, or a `.npy` file of its features; of a sequence with `--data`, they are read."""
    model: Path | None = None
    """Folder of a trained model or run, with a likelihood. By default the pretrained model, which has learnt from
    synthetic dances alone; `salsa` is one that has also learnt from people."""
    data: Path | None = None
    """Folder of features, for a sequence given by id."""
    offset: float = 0.0
    """Second of the song at which the motion starts; below 0, what is danced before the song is left out."""
    source_fps: Positive | None = None
    """True frames per second of a motion file that says them wrongly: all frames stay, and their times change."""
    style: str | None = None
    """Style of the dance, for a model that has learnt several."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Other labels that the model has learnt, e.g. `--labels.dancer anna`."""
    find_offset: bool = False
    """Find the shift between song and dance that is likeliest, instead."""
    most: Annotated[float, Ge(0.1)] = 1.0
    """Seconds up to which shifts are tried, before and after `--offset`."""
    page: bool = False
    """Write the page `NAME.score.html`, with the dance in 3-D, the song and the curve."""
    out: Path = Path("scores")
    """Folder of the files `NAME.score.csv` and `NAME.score.png`, made if need be; earlier scores are replaced."""
    seed: Natural = 0
    """Of the noise that densities need, and of what the model draws for comparison."""

    def __post_init__(self) -> None:
        if self.data is None and self.audio is None:
            raise OptionsError("name the sound file that was danced to, after the motion; or --data and an id")
        if self.style is not None and "style" in self.labels:
            raise OptionsError("--style and --labels.style are the same; give one of them")


def run(argv: Sequence[str], *, prog: str) -> int:
    """Score, tell, and name the files."""
    options = parse(Score, argv, positional=["motion", "audio"], prog=prog)
    motion = Path(options.motion) if options.data is None else None
    check_danced("score MOTION AUDIO", motions=[motion], sounds=[options.audio])
    check_model(options.model)
    check_features(options.data)
    check_folder(options.out)
    # Torch takes seconds to load, which neither --help nor what is told of mistakes must wait for.
    from transflower.cli.beat_report import told_beats
    from transflower.evaluation.score import check_scorable, score
    from transflower.generation.danced import only_motion, shifted
    from transflower.models import load_model
    from transflower.models.pretrained import PRETRAINED
    from transflower.reports import score as report

    loaded = load_model(options.model or PRETRAINED)
    output, sidecar = only_motion(loaded)
    whole, first = _read(options, loaded), round(options.offset * sidecar.fps)
    recording, _ = shifted(loaded, whole, first)
    name = options.motion if options.data else Path(options.motion).stem
    if options.find_offset:
        from transflower.evaluation.music_offset import offset_curve

        check_scorable(loaded, recording, name, output=output, fps=sidecar.fps)
        curve = offset_curve(
            loaded, whole, output=output, fps=sidecar.fps, most=options.most, around=first, seed=options.seed
        )
        say(report.told_offset(curve, name))
        files = report.write_offset(options.out, curve, name)
    else:
        if options.data is None and recording.num_frames < whole.num_frames:
            say(_told_cut(whole, recording, sidecar.fps))
        found = score(loaded, recording, name, seed=options.seed)
        if found.heard is not None:
            say(told_beats("the song", found.heard, []))
        say(report.told_score(found, report.held_out_likelihood(loaded)))
        files = report.write_score(options.out, found)
        if options.page:
            files.append(report.write_score_page(options.out, found, loaded, recording, _sound(options)))
    say("\n".join(map(str, files)))
    return 0


def _told_cut(whole: "ModelledRecording", recording: "ModelledRecording", fps: float) -> str:
    danced, heard, common = (count / fps for count in (whole.num_frames, whole.song_frames, recording.num_frames))
    return f"the motion has {danced:.2f} s and the song {heard:.2f} s; scored are the {common:.2f} s that they share"


def _read(options: Score, loaded: "LoadedModel") -> "ModelledRecording":
    from transflower.evaluation.score import check_density
    from transflower.generation import open_song
    from transflower.generation.danced import only_motion, read_danced
    from transflower.generation.recordings import read_recording

    check_density(loaded, only_motion(loaded)[0])
    if options.data is not None:
        return read_recording(loaded, options.data, options.motion)
    labels = {**options.labels, **({} if options.style is None else {"style": options.style})}
    song = open_song(loaded, str(options.audio), labels=labels)
    return read_danced(loaded, Path(options.motion), song, source_fps=options.source_fps)


def _sound(options: Score) -> "Audio | None":
    """The sound of the page, from the moment on at which the motion starts; None where features are given."""
    from transflower.audio.reading import read_audio

    if options.audio is None or options.audio.suffix.lower() == ".npy":
        return None
    sound = read_audio(options.audio)
    return replace(sound, samples=sound.samples[round(max(0.0, options.offset) * sound.sample_rate) :])
