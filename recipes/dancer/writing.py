"""Dances to takes, written as recordings."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recipes.dancer.heard import are_heard
from recipes.dancer.takes import Take
from transflower.core.errors import DataError
from transflower.core.seeds import generator
from transflower.core.workers import map_parallel
from transflower.synthetic.given_songs import draw_excerpt
from transflower.synthetic.recording import record_widely, write_recording

log = logging.getLogger(__name__)


def write_takes(
    folder: Path, takes: Sequence[Take], *, seconds: float, seed: int, jobs: int, noisy_share: float
) -> list[str]:
    """Write a recording of each take into ``folder``, as ``write_recordings`` does; return their ids.

    A take too short for a dance, or whose beats are not heard, is left out.
    """
    write = partial(_write_take, folder, seconds=seconds, seed=seed, noisy_share=noisy_share)
    return [name for name in map_parallel(write, takes, jobs=jobs) if name is not None]


def _write_take(folder: Path, take: Take, *, seconds: float, seed: int, noisy_share: float) -> str | None:
    rng = generator(seed, "take", take.name)
    sound, beats = take.load(seconds, rng)
    try:
        excerpt = draw_excerpt(sound, beats, seconds, rng)
    except DataError as error:
        log.warning("%s is left out: %s", take.name, error)
        return None
    if not are_heard(excerpt.audio, excerpt.beats):
        log.warning("%s is left out: its beats are not heard", take.name)
        return None
    write_recording(folder, take.name, record_widely(excerpt, seed, take.name, noisy_share=noisy_share))
    return take.name
