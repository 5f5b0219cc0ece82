"""Dances of people whose music is lost, as recordings: songs are composed to the beat of their feet.

Where no beat can be told, they are danced in silence.

Shape letters: K beats.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float

from recipes.dancer.bars import BEATS, Bars, find_bars
from recipes.dancer.steady import LOWEST_FPS, steady
from recipes.dancer.steps import step_signal
from transflower.audio.audio import Audio
from transflower.core.errors import DataError, FormatError
from transflower.core.seeds import generator
from transflower.core.workers import map_parallel
from transflower.data.recordings import RecordingRow, read_recordings, write_recordings
from transflower.features.extraction.reading import MotionReader
from transflower.features.extraction.sources import Source
from transflower.motion.clip import Clip
from transflower.motion.mirror import mirror
from transflower.motion.resample import resample
from transflower.motion.retarget import read_rig, retarget
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.instruments import SAMPLE_RATE
from transflower.synthetic.recording import Recording, write_recording
from transflower.synthetic.skeleton import SKELETON
from transflower.synthetic.songs import Song
from transflower.synthetic.wide_songs import compose_to_beats

log = logging.getLogger(__name__)

TABLE = "people.csv"
"""Name of the table of the recordings."""

_READER = MotionReader(unit="auto", up="auto", joints=(), fps=None, drop_first=True)
_SHORTEST = 3.0
"""Seconds of a take; a slow bar has two."""
_SPEEDS = (0.88, 1.12)
"""How much faster than they were recorded takes are danced."""
_SLOW_TEMPI = (104.0, 136.0)
"""Of slow ones, which take a step on every beat that is counted."""
_SLOW_EVERY = 4
_FPS = 30.0
_UNHEARD_SHARE = 0.5
"""How many recordings a take without a beat has, beside others."""
_BEYOND = 40
"""Beats that the music could go on for after the end of the dance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PersonTake:
    """One dancer of a take."""

    row: RecordingRow
    couple: tuple[str, ...]
    """Ids of all dancers of the take."""
    clip: Clip
    """On the skeleton of synthetic dancers, without the tremor of the capture."""
    beats: Float[np.ndarray, "K"]
    """Seconds of the beats of its music, from a downbeat on; none where they cannot be told."""

    @property
    def is_held_out(self) -> bool:
        """Whether nothing learns from it."""
        return self.row.split not in {"", "train"}


def read_people(table: Path, *, seed: int) -> list[PersonTake]:
    """The takes of a table of recordings; those of one style are one dance. Those that are held out have a beat.

    Raises:
        TransflowerError: the table or a recording cannot be read.
    """
    rows = read_recordings(table)
    takes: list[PersonTake] = []
    for style in sorted({row.style for row in rows}):
        groups = _groups(table, [row for row in rows if row.style == style])
        clips = [[_read(row) for row in group] for group in groups]
        signals = [[step_signal(clip) for clip in group] for group in clips]
        bars = find_bars([_cut(group) for group in signals], generator(seed, "bars", style))
        for group, own, found in zip(groups, clips, bars, strict=True):
            takes += _takes(group, own, found)
    return takes


def write_people(
    folder: Path, takes: Sequence[PersonTake], *, num_songs: int, seed: int, jobs: int
) -> dict[str, PersonTake]:
    """Write a recording of each take to each of so many songs, half of them mirrored; return the takes by their ids.

    Takes that are held out are written once and as they are. Dancers of one take dance to the same songs, and the table
    ``people.csv`` says who belongs together.
    """
    wanted = {
        _name(take.row, take.row.id, number): (take, number)
        for take in takes
        for number in range(_count(take, num_songs))
    }
    if not wanted:
        return {}
    list(map_parallel(partial(_write, folder, seed), list(wanted.items()), jobs=jobs))
    rows = [_row(folder, name, take, number) for name, (take, number) in wanted.items()]
    write_recordings(folder / TABLE, [row if row.partner in wanted else replace(row, partner="") for row in rows])
    return {name: take for name, (take, _) in wanted.items()}


def _count(take: PersonTake, num_songs: int) -> int:
    if take.is_held_out:
        return 1
    return num_songs if len(take.beats) else max(1, round(_UNHEARD_SHARE * num_songs))


def _name(row: RecordingRow, one: str, number: int) -> str:
    return f"{row.style}_{one}_take{number}"


def _row(folder: Path, name: str, take: PersonTake, number: int) -> RecordingRow:
    others = [one for one in take.couple if one != take.row.id]
    return RecordingRow(
        id=name,
        motion=folder / f"{name}.bvh",
        song=folder / f"{name}.wav",
        style=take.row.style,
        dancer=take.row.dancer,
        partner=_name(take.row, others[0], number) if others else "",
        split=take.row.split,
    )


def _groups(table: Path, rows: Sequence[RecordingRow]) -> list[list[RecordingRow]]:
    """Couples, or single dancers.

    Raises:
        DataError: there are both, or a partner dances something else.
    """
    by_id = {row.id: row for row in rows}
    partner_of = {row.partner: row.id for row in rows if row.partner}
    partner_of |= {row.id: row.partner for row in rows if row.partner}
    if lost := [one for one in partner_of if one not in by_id]:
        raise DataError(f"{table}: the partner {lost[0]!r} has another style than {partner_of[lost[0]]!r}")
    if partner_of and len(partner_of) < len(rows):
        single = next(one for one in by_id if one not in partner_of)
        raise DataError(f"{table}: {single!r} dances alone and others of its style as couples; give them other styles")
    couples = {tuple(sorted({row.id, partner_of.get(row.id, row.id)})) for row in rows}
    return [[by_id[one] for one in couple] for couple in sorted(couples)]


def _read(row: RecordingRow) -> Clip:
    """The motion.

    Raises:
        FormatError: it cannot be read, or is too short or has too few frames a second for a take.
    """
    try:
        clip = _READER(Source(row.id, row.motion, fps=row.fps, span=(row.start or 0.0, row.stop))).clip
    except DataError as error:
        raise FormatError(row.motion, str(error)) from error
    if clip.seconds < _SHORTEST or clip.fps <= LOWEST_FPS:
        told = f"lasts {clip.seconds:.3g} seconds at {clip.fps:g} frames a second"
        raise FormatError(row.motion, f"{told}; a take needs {_SHORTEST:g} seconds at more than {LOWEST_FPS:g}")
    return clip


def _cut(signals: Sequence[Float[np.ndarray, "_"]]) -> list[Float[np.ndarray, "_"]]:
    shortest = min(map(len, signals))
    return [signal[:shortest] for signal in signals]


def _takes(rows: Sequence[RecordingRow], clips: Sequence[Clip], bars: Bars) -> list[PersonTake]:
    couple = tuple(row.id for row in rows)
    names = " and ".join(couple)
    beats = bars.beats() if bars.is_clear else np.zeros(0)
    if bars.is_clear:
        log.info("%s: %.0f beats a minute", names, 60 / np.diff(beats).mean())
    else:
        log.warning("%s: no beat can be told (%.2f, by chance %.2f)", names, bars.score, bars.chance)
    rig = read_rig(SKELETON, what="the skeleton")
    danced = [retarget(clip, rig, source=read_rig(clip, what=row.id)) for row, clip in zip(rows, clips, strict=True)]
    takes = [
        PersonTake(row=row, couple=couple, clip=steady(clip), beats=beats)
        for row, clip in zip(rows, danced, strict=True)
    ]
    return [take for take in takes if bars.is_clear or not take.is_held_out]


def _write(folder: Path, seed: int, wanted: tuple[str, tuple[PersonTake, int]]) -> None:
    name, (take, number) = wanted
    rng = generator(seed, "people", *take.couple, number)
    is_slow = len(take.beats) > 0 and number % _SLOW_EVERY == _SLOW_EVERY - 1
    speed = _draw_speed(take, rng, is_slow=is_slow)
    is_mirrored = number % 2 == 1
    clip = resample(replace(take.clip, fps=take.clip.fps * speed), _FPS)
    # Of fast music every other beat is danced.
    beats = take.beats[:: 1 if is_slow else BEATS // 2] / speed
    song = compose_to_beats(_continued(beats), clip.seconds, rng) if len(beats) else _silence(take, clip.seconds)
    recording = Recording(song=song, clip=mirror(clip) if is_mirrored else clip, ground_truth=_truth(song))
    write_recording(folder, name, recording)


def _draw_speed(take: PersonTake, rng: np.random.Generator, *, is_slow: bool) -> float:
    if take.is_held_out:
        return 1.0
    if not is_slow:
        return float(rng.uniform(*_SPEEDS))
    return float(rng.uniform(*_SLOW_TEMPI) / (60 / np.diff(take.beats).mean()))


def _silence(take: PersonTake, seconds: float) -> Song:
    """No music, and so no beat."""
    nothing = np.zeros(0)
    return Song(
        audio=Audio(np.zeros((round(seconds * SAMPLE_RATE), 1), np.float32), SAMPLE_RATE),
        style=take.row.style,
        tempo=0.0,
        beats=nothing,
        sections=(),
        energies=(),
        genre="",
        music_beats=nothing,
        downbeats=nothing,
    )


def _continued(beats: Float[np.ndarray, "K"]) -> Float[np.ndarray, "_"]:
    return np.append(beats, beats[-1] + np.diff(beats).mean() * np.arange(1, _BEYOND))


def _truth(song: Song) -> GroundTruth:
    """What is known: the beats, and nothing of moves."""
    return GroundTruth(
        style=song.style,
        tempo=song.tempo,
        beats=tuple(song.beats.tolist()),
        sections=song.sections,
        energies=song.energies,
        moves=(),
        mirrored=(),
        genre=song.genre,
        music_beats=tuple(song.music_beats.tolist()),
        downbeats=tuple(song.downbeats.tolist()),
    )
