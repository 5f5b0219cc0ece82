"""``transflower generate SONG_OR_ID [--model RUN]``."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transflower.cli.formats_option import DEFAULT_FORMATS, read_formats, translate_switches
from transflower.cli.given import (
    check_beats,
    check_device,
    check_features,
    check_files,
    check_model,
    check_motion,
    check_prompt,
    check_sound,
)
from transflower.core.errors import DataError, OptionsError
from transflower.core.files import check_folder
from transflower.core.options import parse
from transflower.core.options.ranges import Count, Natural, NonNegative, Positive, Samples, Temperature
from transflower.core.unfinished import check_free
from transflower.render.options import VideoConfig

if TYPE_CHECKING:
    from transflower.formats.writing import MotionWriter
    from transflower.generation import Song

_COMPARED_FRAMES = 30
"""Frames over which a dance in fewer bits is compared with full precision; later, feedback amplifies rounding."""


@dataclass(frozen=True, kw_only=True)
class Generate:
    """Dances to a song, from its first frame to its last."""

    song: str
    """Sound file; or, with `--data`, the id of a sequence; or a `.npy` file of features."""
    model: Path | None = None
    """Folder of a trained model, or of a training run, whose best model is used. By default the pretrained model, which
    was trained on synthetic songs and dances; `salsa` is one that has also learnt from people."""
    samples: Samples = 1
    """Dances to make, all at once. Each depends on the seed and its number alone, up to rounding."""
    seed: int = 0
    """Start of all randomness: the same seed gives the same dances."""
    temperature: Temperature = 1.0
    """1 draws from the model's distribution; less is calmer and more usual, 0 the most usual."""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    """Options of the model's own way of drawing, e.g. `--sampling.top_p 0.9`; a wrong name lists what there is."""
    lookahead: Natural | None = None
    """Future frames of the music that each frame sees; 0 dances as if live. By default as many as in training."""
    use_frames: Count = 1
    """Frames that are used of each prediction, for models that predict several at once."""
    seconds: Positive | None = None
    """Length of the dance; by default that of the song, after whose end there is silence."""
    prompt: str | None = None
    """Motion before the first frame: a file, which is put on the model's skeleton, or, with `--data`, the id of a
    sequence. By default the mean pose."""
    prompt_until: NonNegative | None = None
    """Second of the prompt at which the dance goes on; by default its end."""
    partner: Path | None = None
    """File with the motion of somebody to dance with, for a model that has learnt to."""
    source_fps: Positive | None = None
    """True frames per second of a prompt or partner that says them wrongly: all frames stay, and their times change."""
    data: Path | None = None
    """Folder of features, for a song or prompt given by id."""
    inputs: Mapping[str, Path] = field(default_factory=dict)
    """Other things that the model reads, e.g. `--inputs.style STYLE.npy`."""
    style: str | None = None
    """Style of a model that has learnt several, such as `salsa`, or in the course of the song `0:groove,20:salsa`. By
    default any of them."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Other labels that the model has learnt, e.g. `--labels.dancer anna`, written in the same way."""
    music: Path | None = None
    """Sound file of the videos; by default the song."""
    bpm: float | None = None
    """Beats per minute of the song, 20 to 400, where you know better than what is heard; the same throughout."""
    first_beat: float | None = None
    """Second of the song at which a beat is; with `--bpm` all beats follow, else the tempo is what is heard."""
    beats: Path | None = None
    """File with the seconds of all beats: a number at the beginning of each line, as music programs and trackers write
    it, or JSON; or a folder with SONG.txt."""
    out: Path | None = None
    """Folder of the files, made if need be; by default `dances/SONG`."""
    overwrite: bool = False
    """Replace files of earlier dances."""
    format: str | None = None
    """What is written, with commas between: `bvh` for every program, `glb` with a body, `vrma` for VRM characters,
    `mp4` a video with the music, `html` a page of all dances in 3-D, `npz` and `smpl` arrays, `npy` features. With
    several samples `SONG_0.bvh`, `SONG_1.bvh`, and so on. By default `bvh,mp4`; of a character its own kind, `mp4`."""
    onto: Path | None = None
    """A character of your own, BVH, GLB or VRM, on whose skeleton the dances are put; a GLB or VRM keeps its mesh, and
    `SONG.glb` or `SONG.vrm` is the character with the dance inside. Videos show a body of ours on its skeleton."""
    map: Path | None = None
    """Table of which joint of the character is which bone: written where there is none, for you to correct."""
    bvh_preset: str | None = None
    """Program whose units, axes and names of joints BVH files get: `blender`, `unity`, `unreal` or `mixamo`."""
    page: bool = False
    """Write the page `SONG.html` too."""
    together: bool = False
    """Write a video of all dances side by side: `SONG.mp4` beside `SONG_0.mp4`, and so on."""
    draw_beats: bool = False
    """Draw the beats over the waveform, how sure and how fast they are, and the dips of the hips: `SONG.beats.png`."""
    foot_lock: bool = True
    """Keep standing feet from sliding, in all files but features, which stay as they were drawn."""
    render: VideoConfig = field(default_factory=VideoConfig)
    """What the videos look like."""
    device: str = "auto"
    """Where the model runs: `cpu`, `cuda`, `cuda:1`, `mps`; `auto` takes a GPU if there is one."""
    precision: Literal["fp32", "bf16", "int8"] = "fp32"
    """Bits of the weights: fewer are faster for one dancer, and change the dance a little; how much is told. `bf16` is
    fp16 on a processor that has no bf16, `int8` is bf16 on a GPU."""

    def __post_init__(self) -> None:
        if self.prompt_until is not None and self.prompt is None:
            raise OptionsError("--prompt_until says where a prompt ends; name one by --prompt")
        if self.source_fps is not None and self.prompt is None and self.partner is None:
            raise OptionsError("--source_fps is the frame rate of a prompt or partner; name one")
        if self.style is not None and "style" in self.labels:
            raise OptionsError("--style and --labels.style are the same; give one of them")

    @property
    def every_label(self) -> dict[str, str]:
        """By condition."""
        return {**self.labels, **({} if self.style is None else {"style": self.style})}


def run(argv: Sequence[str], *, prog: str) -> int:
    """Dance, and say what was written."""
    options = parse(Generate, translate_switches(argv), positional=["song"], prog=prog)
    _check_early(options)
    from transflower.cli.character_option import motion_writer
    from transflower.features.audio.beat_options import BeatOptions
    from transflower.formats.wanted import Wanted

    beats = BeatOptions(bpm=options.bpm, first_beat=options.first_beat, file=options.beats)
    motion = motion_writer(options.onto, options.map, options.bvh_preset)
    wanted = Wanted(
        formats=_formats(options, motion),
        motion=motion,
        together=options.together,
        beat_picture=options.draw_beats,
        foot_lock=options.foot_lock,
    )
    # Torch takes seconds to load, which neither --help nor what is told of mistakes must wait for.
    from transflower.cli.beat_report import told_beats
    from transflower.cli.dance_page import write_dance_page
    from transflower.nn.devices import usable_device

    device = usable_device(options.device)
    # What can be refused is refused before they take seconds to load.
    from transflower.evaluation.sample_difference import difference
    from transflower.generation import (
        DanceFiles,
        SamplingOptions,
        generate,
        open_prompt,
        open_song,
    )
    from transflower.models import load_model
    from transflower.models.inference import prepare
    from transflower.models.pretrained import PRETRAINED

    loaded = load_model(options.model or PRETRAINED)
    song = open_song(
        loaded,
        options.song,
        data=options.data,
        arrays=options.inputs,
        music=options.music,
        seconds=options.seconds,
        beats=beats,
        labels=options.every_label,
        partner=options.partner,
        partner_fps=options.source_fps,
    )
    prompt = {}
    if options.prompt is not None:
        until, fps = options.prompt_until, options.source_fps
        prompt = open_prompt(loaded, options.prompt, data=options.data, until=until, source_fps=fps)
    out = options.out or Path("dances") / song.name
    files = DanceFiles(
        loaded,
        song,
        out,
        wanted,
        samples=options.samples,
        overwrite=options.overwrite,
        write_page=lambda path, dancers: write_dance_page(path, dancers, whole, song, dances, prompt, motion),
    )
    whole = loaded = replace(loaded, model=loaded.model.to(device))
    sampling = SamplingOptions(
        seed=options.seed,
        temperature=options.temperature,
        lookahead=options.lookahead,
        use_frames=options.use_frames,
        head=options.sampling,
    )
    draw = partial(generate, inputs=song.inputs, prompt=prompt, options=sampling)
    count = min(song.frames, _COMPARED_FRAMES)
    exact = draw(loaded, num_frames=count, label="in full") if options.precision != "fp32" else None
    loaded = replace(loaded, model=prepare(loaded.model, options.precision))
    start = time.perf_counter()
    dances = draw(loaded, num_frames=song.frames, num_samples=options.samples, label=song.name)
    seconds = time.perf_counter() - start
    clips = files.clips(dances)
    for path in files.write(dances, options.render, clips=clips):
        print(path)
    if song.beats is not None:
        danced = [clip for dancer in clips for clip in dancer.values()]
        print(told_beats(song.name, song.beats, danced, is_given=beats.is_given))
    print(_speed(options.samples, song, seconds))
    if exact is not None:
        first = {name: rows[:1] for name, rows in dances.items()}
        moved = difference(loaded.model, first, exact)
        print(
            f"{options.precision} moves the first {count} frames by {moved:.2g} standard deviations (root mean square) "
            "from where full precision has them"
        )
    return 0


def _check_early(options: Generate) -> None:
    """Tell the mistakes that can be seen at once, before what takes long to load."""
    if options.data is None and not Path(options.song).exists():
        raise DataError(
            f"{options.song}: there is no such file; to dance to a sequence of a folder of features, add --data"
        )
    check_model(options.model)
    check_features(options.data)
    check_files(options.onto)
    check_beats(options.beats, _name(options))
    check_motion(options.partner)
    check_prompt(options.prompt, options.data)
    check_device(options.device)
    check_sound(options.music)
    if options.data is None and Path(options.song).suffix.lower() != ".npy":
        check_sound(Path(options.song))
    _check_out(options)
    if options.page or "html" in read_formats(options.format or ""):
        from transflower.viewer.shown_dance import MOST_DANCES

        if options.samples > MOST_DANCES:
            raise OptionsError(f"a page shows {MOST_DANCES} dances at most, and --samples asks for {options.samples}")
    if options.together and options.render.columns is not None:
        options.render.cells(options.samples)


def _check_out(options: Generate) -> None:
    """Refuse a folder that cannot be written, and videos that are there; other names depend on the model."""
    name = _name(options)
    folder = options.out or Path("dances") / name
    check_folder(folder)
    if not options.overwrite and "mp4" in read_formats(DEFAULT_FORMATS if options.format is None else options.format):
        stems = [name] if options.samples == 1 else [f"{name}_{dancer}" for dancer in range(options.samples)]
        check_free(folder, name, [folder / f"{stem}.mp4" for stem in stems])


def _name(options: Generate) -> str:
    """What the song is called: a file by its name, a sequence of features by its id."""
    path = Path(options.song)
    is_file = options.data is None or path.suffix.lower() == ".npy" or path.is_file()
    return path.stem if is_file else options.song


def _formats(options: Generate, motion: "MotionWriter") -> tuple[str, ...]:
    """What is written."""
    text = options.format
    if text is None:
        own = motion.character.suffixes[0].removeprefix(".") if motion.character else None
        text = f"{own},mp4" if own else DEFAULT_FORMATS
    return read_formats(f"{text},html" if options.page else text)


def _speed(samples: int, song: "Song", seconds: float) -> str:
    """What was drawn, and how fast."""
    frames = samples * song.frames
    told = f"{samples} dance{'s' * (samples > 1)} of {song.frames} frames, drawn at {frames / seconds:.1f} frames/s"
    return told if song.fps is None else f"{told}: {frames / song.fps / seconds:.2f} times real time"
