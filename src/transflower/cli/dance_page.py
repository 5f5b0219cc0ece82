"""The page of generated dances: with the beats that they follow, and how likely the model finds each frame."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from transflower.formats.writing import MotionWriter
from transflower.generation import PageDancer, Song
from transflower.generation.likelihood import frame_log_likelihood
from transflower.models import LoadedModel
from transflower.viewer import ShownDance, write_page


def write_dance_page(
    path: Path,
    dancers: Sequence[PageDancer],
    loaded: LoadedModel,
    song: Song,
    drawn: Mapping[str, np.ndarray],
    prompt: Mapping[str, np.ndarray],
    motion: MotionWriter,
) -> None:
    """Write the page of all samples.

    Args:
        path: the file.
        dancers: whom it shows.
        loaded: the model in full precision.
        song: what was danced to.
        drawn: the outputs of all samples.
        prompt: what they went on from.
        motion: knows the character on which they are.
    """
    curves: dict[int, Mapping[str, np.ndarray]] = {}
    if loaded.model.has_density:
        for sample in {dancer.sample for dancer in dancers}:
            rows = {name: array[sample] for name, array in drawn.items()}
            curves[sample] = frame_log_likelihood(loaded, song.inputs, rows, prompt=prompt)
    shown = [
        ShownDance(
            name=dancer.name,
            clip=dancer.clip,
            model=motion.model(dancer.clip),
            log_likelihood=curves.get(dancer.sample, {}).get(dancer.output),
        )
        for dancer in dancers
    ]
    write_page(path, shown, title=song.name, sound=song.sound, beats=song.beat_times)
