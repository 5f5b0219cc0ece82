"""Where in its song each recording starts, where nobody has said it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.core.errors import DataError, TransflowerError
from transflower.core.listing import first_few
from transflower.core.progress import progress
from transflower.core.workers import map_parallel
from transflower.data.import_options import FindOffset
from transflower.data.recordings import RecordingRow
from transflower.data.sources.files import stem
from transflower.features.audio.sound_beats import sound_beats
from transflower.features.sync import Shift, clap_shift, motion_shift, onset_envelope, sound_shift
from transflower.formats.format import ReadOptions
from transflower.formats.registry import read_recording
from transflower.motion.clip import Clip

_DOUBTFUL = 0.15
"""Confidence below which an offset is told to be a guess."""
_NONE = 0.05
"""Confidence below which there is no offset."""
_MOST_TOLD = 10


@dataclass(frozen=True, kw_only=True)
class FoundOffset:
    """The offset of a recording, or why there is none."""

    row: RecordingRow
    shift: Shift | None = None
    how: str = ""
    problem: str = ""

    @property
    def offset(self) -> float | None:
        """Second of the song at which the motion that counts starts."""
        return None if self.shift is None else round(self.shift.seconds + (self.row.start or 0.0), 4)


def find_offsets(
    rows: Sequence[RecordingRow], how: FindOffset, *, source_fps: float | None, jobs: int
) -> tuple[list[RecordingRow], list[str]]:
    """The rows, those that have a song and no offset with the likeliest one; and notes that tell how sure each is."""
    wanted = [row for row in rows if row.song is not None and row.offset is None]
    find = partial(find_offset, how=how, source_fps=source_fps)
    outcomes = list(
        progress(map_parallel(find, wanted, jobs=jobs), label="offsets", total=len(wanted), unit="recording")
    )
    found = {one.row.id: one for one in outcomes if one.shift is not None}
    filled = [replace(row, offset=found[row.id].offset) if row.id in found else row for row in rows]
    return filled, _notes(outcomes)


def find_offset(row: RecordingRow, how: FindOffset, source_fps: float | None) -> FoundOffset:
    """The likeliest offset of a recording that has a song."""
    assert row.song is not None, "others have no offset"
    sound = recorded_sound(row)
    kind = ("sound" if sound else "beats") if how == "auto" else how
    try:
        if kind == "beats":
            return _believed(FoundOffset(row=row, shift=_by_beats(row.song, _clip(row, source_fps)), how="beats"))
        if sound is None:
            told = f"{row.motion.with_suffix('.wav')}"
            raise DataError(
                f"the sound of the recording is missing, which would be {told} or another sound of its name"
            )
        recorded = onset_envelope(sound)
        shift = sound_shift(onset_envelope(row.song), recorded)
        if kind == "clap":
            clap = clap_shift(recorded, _clip(row, source_fps))
            confidence = min(shift.confidence, clap.confidence)
            shift = Shift(seconds=shift.seconds + clap.seconds, confidence=confidence)
        return _believed(FoundOffset(row=row, shift=shift, how=kind))
    except TransflowerError as error:
        return FoundOffset(row=row, problem=str(error))


def recorded_sound(row: RecordingRow) -> Path | None:
    """The sound file of the motion's name beside it, which is not its song; None: there is none."""
    name = stem(row.motion)
    for suffix in SOUND_SUFFIXES:
        sound = row.motion.with_name(f"{name}{suffix}")
        if sound.is_file() and not (row.song and sound.samefile(row.song)):
            return sound
    return None


def _believed(found: FoundOffset) -> FoundOffset:
    """What was found, unless any other offset is as likely."""
    assert found.shift is not None, "it was found"
    if found.shift.confidence >= _NONE:
        return found
    told = f"{found.offset:.3f} s, by {found.how}, has confidence {found.shift.confidence:.2f}"
    return FoundOffset(row=found.row, problem=f"the likeliest, {told}; say it in the column offset of a table")


def _by_beats(song: Path, clip: Clip) -> Shift:
    heard = sound_beats(song)
    if not heard.is_heard:
        raise DataError(f"no beat is heard in {song}")
    return motion_shift(clip, heard.times)


def _clip(row: RecordingRow, source_fps: float | None) -> Clip:
    return read_recording(row.motion, ReadOptions(fps=row.fps or source_fps)).clip


def _notes(outcomes: Sequence[FoundOffset]) -> list[str]:
    sure = [_told(one) for one in outcomes if one.shift and one.shift.confidence >= _DOUBTFUL]
    doubtful = [_told(one) for one in outcomes if one.shift and one.shift.confidence < _DOUBTFUL]
    missing = [f"no offset is found for {one.row.id}: {one.problem}" for one in outcomes if one.problem]
    return [
        *first_few(sure, _MOST_TOLD, more="and {} more offsets"),
        *first_few([f"{told}; a guess" for told in doubtful], _MOST_TOLD, more="and {} more guesses of offsets"),
        *first_few(missing, _MOST_TOLD, more="and {} more recordings without offset"),
    ]


def _told(one: FoundOffset) -> str:
    assert one.shift is not None, "it was found"
    told = f"by {one.how}, confidence {one.shift.confidence:.2f}"
    return f"{one.row.id} starts at {one.offset:.3f} s of its song ({told})"
