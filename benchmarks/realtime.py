"""A live dance in real time: sound arrives in blocks, as from a sound card, and frames must be drawn as it comes.

``python -m benchmarks.realtime [MINUTES] [PRECISION]``. A stage shows frames some time after the sound that they waited
for; those that are not there by then are missed. Counted are those of a stage that waits one frame's time, which asks
that each frame be drawn before the next is due, and of stages that wait longer. The weights are random, the sound is
synthetic; all else is as on a stage.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import Float

from benchmarks.models import make_preset
from transflower.audio.audio import Audio
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.generation import SamplingOptions, Session
from transflower.models import LoadedModel
from transflower.models.inference import prepare
from transflower.nn.quantised import Precision, check_precision
from transflower.synthetic.recording import make_recording

FPS = 30.0
BLOCK_SECONDS = 0.01
WAITS = (1, 2, 3)
"""How many frames' time stages wait."""


def run(
    *,
    minutes: float = 10.0,
    preset: str = "live-base",
    precision: Precision = "fp32",
    lookahead: int = 0,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Dance for so long, and say how late the frames were."""
    model = prepare(make_preset(preset)[0], precision)
    sidecars = {"audio": audio_features.sidecar(AudioSettings(fps=FPS)), "motion": None}
    session = Session(
        LoadedModel(model=model, sidecars=sidecars, folder=Path()), options=SamplingOptions(lookahead=lookahead)
    )
    with _without_pauses():
        late = _perform(session, round(minutes * 60 / BLOCK_SECONDS), sleep)
    median, hundredth, most = 1e3 * np.quantile(late, (0.5, 0.99, 1.0))
    missed = ", ".join(f"{int((late > wait / FPS).sum())} at {1e3 * wait / FPS:.0f} ms" for wait in WAITS)
    return (
        f"realtime: {preset} in {precision}, {minutes:g} minutes of sound at {FPS:g} frames/s, lookahead {lookahead}\n"
        f"  {len(late)} frames; from sound to frame p50 {median:.1f} ms, p99 {hundredth:.1f} ms, most {most:.1f} ms\n"
        f"  missed by a stage that shows them so long after their sound: {missed}"
    )


@contextmanager
def _without_pauses() -> Iterator[None]:
    """Garbage collection passes over all that has been loaded: to look through torch takes it several frames' time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _perform(session: Session, num_blocks: int, sleep: Callable[[float], None]) -> Float[np.ndarray, " T"]:
    """Seconds from the arrival of the last sound that a frame waits for until the frame is there, for every frame."""
    blocks = _blocks()
    late: list[float] = []
    start = time.perf_counter()
    for number in range(num_blocks):
        arrival = start + (number + 1) * BLOCK_SECONDS
        sleep(max(0.0, arrival - time.perf_counter()))
        session.push_sound(blocks[number % len(blocks)])
        count = session.pull()["motion"].shape[1]
        late += [time.perf_counter() - arrival] * count
    return np.array(late)


def _blocks() -> list[Audio]:
    """A song, over and over."""
    song = make_recording(0, 0, seconds=20.0).song.audio
    size = round(BLOCK_SECONDS * song.sample_rate)
    stops = range(size, len(song.samples) + 1, size)
    return [Audio(song.samples[stop - size : stop], song.sample_rate) for stop in stops]


def main(words: list[str]) -> None:
    """Print it."""
    minutes, precision = [*words, *("10", "fp32")[len(words) :]]
    check_precision(precision)
    torch.set_num_threads(1)
    print(run(minutes=float(minutes), precision=cast("Precision", precision)))


if __name__ == "__main__":
    main(sys.argv[1:])
