"""Writing the page: the built template of ``web/`` with the dances, the song and what is told of them."""

import base64
import gzip
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.core.errors import DataError
from transflower.core.files import write_text
from transflower.core.progress import progress
from transflower.formats.gltf.writer import glb_bytes
from transflower.formats.recording import Recording
from transflower.motion.resample import resample
from transflower.viewer.description import describe
from transflower.viewer.shown_dance import MOST_DANCES, MarkedStretch, ShownDance
from transflower.viewer.sound import PageSound, encode_sound
from transflower.viewer.template import bytes_element, filled, json_element

_GENERATOR, _BEGINNING = "transflower", 2000
"""What a page calls its maker, within so many first bytes."""
_LONG = 90.0
_FASTEST, _FASTEST_LONG = 60.0, 30.0
"""Frames per second that the page holds: screens show no more; and of dances of more seconds than ``_LONG``, between
whose frames it interpolates."""


def write_page(
    path: Path | str,
    dances: Sequence[ShownDance],
    *,
    title: str,
    sound: Audio | Path | str | None = None,
    beats: Float[np.ndarray, " B"] | None = None,
    stretches: Sequence[MarkedStretch] | None = None,
    generator: str = _GENERATOR,
) -> None:
    """Write a page that shows the dances to their song, whole or not at all.

    Raises:
        DataError: there is no dance, or there are too many.
        FormatError: the sound cannot be read.
        WriteError: there is no space, or the file may not be written.
    """
    html = page_html(dances, title=title, sound=sound, beats=beats, stretches=stretches, generator=generator)
    write_text(path, html)


def page_html(
    dances: Sequence[ShownDance],
    *,
    title: str,
    sound: Audio | Path | str | None = None,
    beats: Float[np.ndarray, " B"] | None = None,
    stretches: Sequence[MarkedStretch] | None = None,
    generator: str = _GENERATOR,
) -> str:
    """The page as text, for a file or for the frame of a notebook.

    Args:
        dances: the dancers, all of which start at second 0 of the song.
        title: what stands above them.
        sound: the song; without one the page is silent.
        beats: seconds of the song.
        stretches: what is listed, the first one first; None for a page without such a list.
        generator: by which ``is_page`` knows the page again.

    Raises:
        DataError: there is no dance, or there are too many.
        FormatError: the sound cannot be read.
    """
    if not 1 <= len(dances) <= MOST_DANCES:
        raise DataError(f"a page shows 1 to {MOST_DANCES} dances, not {len(dances)}")
    seconds = max(dance.clip.seconds for dance in dances)
    heard = None if sound is None else encode_sound(sound, seconds)
    data = {
        "title": title,
        "seconds": seconds,
        "dancers": [describe(dance) for dance in dances],
        "beats": [] if beats is None else [round(float(beat), 4) for beat in beats if 0 <= beat <= seconds],
        "stretches": None if stretches is None else [_told(one) for one in stretches],
        "sound": None if heard is None else {"seconds": seconds, "lead": heard.lead},
        "waveform": "" if heard is None else base64.b64encode(heard.waveform.tobytes()).decode(),
    }
    template = files("transflower.viewer").joinpath("page.html").read_text(encoding="utf-8")
    template = template.replace(_mark(_GENERATOR), _mark(generator))
    return filled(template, title=title, elements=_elements(data, dances, heard))


def is_page(path: Path, generator: str = _GENERATOR) -> bool:
    """Whether a file begins as pages of a generator do."""
    with path.open("rb") as file:
        return _mark(generator).encode() in file.read(_BEGINNING)


def _told(stretch: MarkedStretch) -> dict[str, Any]:
    ends = {"start": round(stretch.start, 3), "end": round(stretch.stop, 3)}
    return {**ends, "parts": list(stretch.parts), "lowest": round(stretch.lowest, 2)}


def _mark(generator: str) -> str:
    return f'<meta name="generator" content="{escape(generator)}">'


def _elements(data: dict[str, Any], dances: Sequence[ShownDance], sound: PageSound | None) -> Iterator[str]:
    """The elements that hold data."""
    yield json_element("page-data", data)
    for index, dance in enumerate(progress(dances, label="page", unit="dance")):
        yield bytes_element(f"dancer-{index}", _compressed(_model(dance, is_coarse=len(dances) > 1)))
    if sound is not None:
        yield bytes_element("sound", sound.content)


def _model(dance: ShownDance, *, is_coarse: bool) -> bytes:
    """The dancer's GLB file."""
    if dance.model is not None:
        return dance.model
    fastest = _FASTEST_LONG if dance.clip.seconds > _LONG else _FASTEST
    clip = resample(dance.clip, fastest) if dance.clip.fps > fastest else dance.clip
    return glb_bytes(Recording(clip=clip), name=dance.name, quantised=True, is_coarse=is_coarse)


def _compressed(content: bytes) -> bytes:
    """As gzip, where that is smaller; the page sees which it is."""
    compressed = gzip.compress(content, 9, mtime=0)
    return compressed if len(compressed) < 0.95 * len(content) else content
