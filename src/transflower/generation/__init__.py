"""Dances: a song and a seed are made into what a model reads, the model runs freely, files are written."""

from transflower.generation.dance import dance
from transflower.generation.difference import difference
from transflower.generation.modalities import motion_sidecars, silence_rows
from transflower.generation.outputs import DanceFiles, Wanted
from transflower.generation.rollout import rollout
from transflower.generation.seeds import open_seeds
from transflower.generation.session import Session
from transflower.generation.song import Song, open_song

__all__ = [
    "DanceFiles",
    "Session",
    "Song",
    "Wanted",
    "dance",
    "difference",
    "motion_sidecars",
    "open_seeds",
    "open_song",
    "rollout",
    "silence_rows",
]
