"""Dances of a report that can be played: pages of the viewer, held by the page of the report."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.audio.audio import Audio
from transflower.evaluation.options import REAL
from transflower.evaluation.system import Sample, Setting, System
from transflower.reports.rows import evaluated
from transflower.viewer import ShownDance, page_html
from transflower.viewer.shown_dance import GREY, MOST_DANCES

_MOST_SAMPLES, _MOST_TOGETHER = 3, 4
"""Samples of one system in one scene; of all of them together, where each has several."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PlayableDances:
    """The dances of some systems to one song."""

    song: str
    names: Sequence[str]
    """Of the dancers, the real one first."""
    page: bytes
    """The viewer's page, compressed by gzip."""


def playable_dances(
    systems: Sequence[System], setting: Setting, songs: Mapping[str, Audio | Path | None]
) -> Iterator[PlayableDances]:
    """The real dance of each song beside samples of each system, as many scenes as it takes.

    Args:
        systems: whose samples are shown; rows of the data are left out.
        setting: has the real dances and the beats.
        songs: the recordings that are shown -> their sound, where there is one.

    Raises:
        FormatError: a sound cannot be read.
    """
    for song, sound in songs.items():
        for dances in _scenes(evaluated(systems), setting, song):
            html = page_html(dances, title=song, sound=sound, beats=setting.beats.get(song))
            content = gzip.compress(html.encode(), 9, mtime=0)
            yield PlayableDances(song=song, names=[dance.name for dance in dances], page=content)


def _scenes(systems: Sequence[System], setting: Setting, song: str) -> Iterator[list[ShownDance]]:
    real = _dances(REAL, setting.real.get(song, ())[:1], GREY)
    room = MOST_DANCES - len(real)
    each = max(1, min(_MOST_SAMPLES, _MOST_TOGETHER // max(1, len(systems))))
    # The colours of the charts.
    drawn = [
        dance
        for place, system in enumerate(systems)
        for dance in _dances(system.name, system.samples.get(song, ())[:each], place % MOST_DANCES)
    ]
    for start in range(0, max(1, len(drawn)), room):
        scene = [*real, *drawn[start : start + room]]
        if scene:
            yield scene


def _dances(name: str, samples: Sequence[Sample], hue: int) -> list[ShownDance]:
    clips = [sample.clip for sample in samples if sample.clip is not None]
    names = [name] if len(clips) == 1 else [f"{name} {number}" for number in range(1, len(clips) + 1)]
    return [ShownDance(name=one, clip=clip, hue=hue) for one, clip in zip(names, clips, strict=True)]
