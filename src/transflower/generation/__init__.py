"""Generation: conditions and a prompt are read, the model runs freely, files are written."""

from transflower.features.audio.beat_options import BeatOptions
from transflower.formats.wanted import Wanted
from transflower.generation.conditions import motion_sidecars, silence_rows
from transflower.generation.generate import GenerationStoppedError, Request, generate, generate_batch
from transflower.generation.options import SamplingOptions
from transflower.generation.outputs import DanceFiles, PageDancer
from transflower.generation.prompt import open_prompt
from transflower.generation.session import Session
from transflower.generation.song import Song, open_song

__all__ = [
    "BeatOptions",
    "DanceFiles",
    "GenerationStoppedError",
    "PageDancer",
    "Request",
    "SamplingOptions",
    "Session",
    "Song",
    "Wanted",
    "generate",
    "generate_batch",
    "motion_sidecars",
    "open_prompt",
    "open_song",
    "silence_rows",
]
