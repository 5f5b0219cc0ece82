"""Variants of a MIDI song that keep its beats exact: tempo, key, instruments, parts left out, timing of its players."""

from collections.abc import Callable

import numpy as np

from recipes.beat_network.events import (
    CONTROL,
    DRUMS,
    META,
    NOTE_ON,
    PROGRAM,
    SIGNATURE,
    Event,
    Score,
    read_score,
    tempo,
    write_score,
)

_SLOWEST, _FASTEST = 0.75, 1.35
_SWUNG, _PLAYED, _DRIFTING = 0.1, 0.4, 0.25
"""Shares of the variants with late off-beats, with players who are not exact, and with a tempo that drifts."""
_WITHOUT_DRUMS, _WITHOUT_PART = 0.15, 0.25
_OTHER_PROGRAM, _OTHER_DRUMS = 0.4, 0.3
_DRUM_KITS = (0, 8, 16, 24, 25, 32, 40)
_VOLUME, _ALL_SOUND_OFF = 7, 120
_PROGRAMS_IN_FAMILY = 8


def vary(data: bytes, rng: np.random.Generator, *, seconds: float) -> bytes:
    """A variant of about ``seconds`` from a bar of the MIDI file; its tempo map and time signatures are its grid."""
    score = read_score(data)
    score = _excerpt(score, seconds, rng)
    for change, share in ((_swing, _SWUNG), (_play, _PLAYED), (_drift, _DRIFTING)):
        if rng.random() < share:
            score = change(score, rng)
    return write_score(_at_tempo(_arrange(score, rng), rng.uniform(_SLOWEST, _FASTEST)))


def _excerpt(score: Score, seconds: float, rng: np.random.Generator) -> Score:
    """From a bar on; what was set before is set at its start."""
    notes = [event.tick for event in score.events if event.kind == NOTE_ON]
    tempi = [_microseconds(event) for event in score.events if event.is_tempo] or [500_000]
    length = round(seconds * 1e6 / float(np.median(tempi)) * score.ticks_per_quarter)
    signatures = [event for event in score.events if event.kind == META and event.body[0] == SIGNATURE]
    count, part = (signatures[0].body[1], 2 ** signatures[0].body[2]) if signatures else (4, 4)
    bar = count * 4 * score.ticks_per_quarter // part
    last = 0 if len(signatures) > 1 else max(0, max(notes) - length) // bar
    start = int(rng.integers(last + 1)) * bar
    kept = []
    for event in score.events:
        is_inside = start <= event.tick <= start + length
        if is_inside or (not event.is_note and event.tick < start):
            kept.append(Event(max(event.tick - start, 0), event.status, event.body))
    # FluidSynth renders for as long as a note sounds.
    end = max(event.tick for event in kept)
    silence = [Event(end, CONTROL | channel, bytes([_ALL_SOUND_OFF, 0])) for channel in range(16)]
    return score.with_events(kept + silence)


def _swing(score: Score, rng: np.random.Generator) -> Score:
    """Half beats, and what lies beside them, come late."""
    late = rng.uniform(0.08, 0.17)
    beat, end = score.ticks_per_quarter, score.events[-1].tick

    def moved(tick: int) -> int:
        place = tick % beat / beat
        place = place * (1 + 2 * late) if place < 0.5 else 1 - (1 - place) * (1 - 2 * late)
        return min(tick - tick % beat + round(place * beat), end)

    return _with_ticks(score, moved)


def _play(score: Score, rng: np.random.Generator) -> Score:
    """Every note at its own time, some milliseconds from the written one."""
    spread = rng.uniform(0.004, 0.015) * 2 * score.ticks_per_quarter
    end = score.events[-1].tick
    return _with_ticks(score, lambda tick: min(max(0, tick + round(rng.normal(0, spread))), end))


def _drift(score: Score, rng: np.random.Generator) -> Score:
    """A tempo that wanders from quarter note to quarter note by some per cent."""
    if len({_microseconds(event) for event in score.events if event.is_tempo}) > 1:
        return score
    bpm = next((60e6 / _microseconds(event) for event in score.events if event.is_tempo), 120.0)
    step, factor = rng.uniform(0.002, 0.012), 1.0
    drifting = [event for event in score.events if not event.is_tempo]
    for tick in range(0, score.events[-1].tick, score.ticks_per_quarter):
        factor *= np.exp(rng.normal(0, step) - 0.02 * np.log(factor))
        drifting.append(tempo(tick, bpm * factor))
    return score.with_events(drifting)


def _at_tempo(score: Score, factor: float) -> Score:
    """Every tempo times ``factor``."""
    tempi = [event for event in score.events if event.is_tempo]
    if not tempi or tempi[0].tick > 0:
        tempi.insert(0, tempo(0, 120.0))
    changed = [tempo(event.tick, 60e6 / _microseconds(event) * factor) for event in tempi]
    return score.with_events(changed + [event for event in score.events if not event.is_tempo])


def _arrange(score: Score, rng: np.random.Generator) -> Score:
    """Another key, other instruments of the same families, other volumes, parts left out."""
    channels = sorted({event.channel for event in score.events if event.is_note})
    melodic = [channel for channel in channels if channel != DRUMS]
    left_out = {DRUMS} if melodic and rng.random() < _WITHOUT_DRUMS else set()
    if len(melodic) > 2 and rng.random() < _WITHOUT_PART:
        left_out.add(int(rng.choice(melodic)))
    shift = int(rng.integers(-4, 5))
    kit = int(rng.choice(_DRUM_KITS)) if rng.random() < _OTHER_DRUMS else None
    programs = {channel: int(rng.integers(_PROGRAMS_IN_FAMILY)) for channel in melodic if rng.random() < _OTHER_PROGRAM}
    volumes = {channel: rng.uniform(0.5, 1.25) for channel in channels}
    changed = []
    for event in score.events:
        body = event.body
        if event.kind < 0xF0 and event.channel in left_out:
            continue
        if event.is_note and event.channel != DRUMS:
            body = bytes([min(max(body[0] + shift, 0), 127), body[1]])
        elif event.kind == PROGRAM and event.channel == DRUMS and kit is not None:
            body = bytes([kit])
        elif event.kind == PROGRAM and event.channel in programs:
            body = bytes([body[0] // _PROGRAMS_IN_FAMILY * _PROGRAMS_IN_FAMILY + programs[event.channel]])
        elif event.kind == CONTROL and body[0] == _VOLUME:
            body = bytes([_VOLUME, min(round(body[1] * volumes.get(event.channel, 1.0)), 127)])
        changed.append(Event(event.tick, event.status, body))
    return score.with_events(changed)


def _with_ticks(score: Score, moved: Callable[[int], int]) -> Score:
    """Notes at other times; all else stays."""
    return score.with_events(
        [Event(moved(event.tick), event.status, event.body) if event.is_note else event for event in score.events]
    )


def _microseconds(event: Event) -> int:
    return int.from_bytes(event.body[1:4], "big")
