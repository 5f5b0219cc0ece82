"""What a model reads of a song: made of its sound, or stored in files.

Shape letters: T frames, D columns, B beats.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from transflower.audio.audio import Audio
from transflower.audio.reading import check_sound
from transflower.core.errors import DataError, ModelError, OptionsError
from transflower.core.rates import count_frames as count_rate_frames
from transflower.core.rates import count_positions
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.audio.beat_options import BeatOptions
from transflower.features.audio.beat_times import HeardBeats, has_beats, heard_beats
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.generation.conditions import (
    audio_settings,
    count_frames,
    frame_rate,
    has_stored,
    read_array,
    read_stored,
    song_beats,
)
from transflower.generation.hearing import hear
from transflower.generation.labels import check_labels, label_conditions, label_rows
from transflower.generation.partner import partner_condition, read_partner
from transflower.models import LoadedModel
from transflower.motion.clip import Clip

_LARGEST_GAP = 3
"""Frames, of the slowest, by which stored features of a song may differ in length; the common length is read."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Song:
    """Everything that a dance needs of a song."""

    name: str
    """What files of its dances are called."""
    inputs: Mapping[str, np.ndarray]
    """Each condition of the model, ``[T, D]``."""
    frames: int
    """How long the dance is: frames of the outputs."""
    fps: float | None
    """Frames per second, where the model knows."""
    sound: Audio | Path | None
    """Its sound, mostly a file that is read again when it is needed; None where there is none."""
    beats: HeardBeats | None = None
    """The beats that its features hold; None where they have no columns for them."""
    partner: Clip | None = None
    """The dancer who is given, where the model has learnt to dance with one."""

    @property
    def beat_times(self) -> Float[np.ndarray, " B"] | None:
        """Seconds of the beats, where there are columns for them."""
        return None if self.beats is None else self.beats.times


def open_song(
    loaded: LoadedModel,
    song: str,
    *,
    data: Path | None = None,
    arrays: Mapping[str, Path] | None = None,
    music: Path | None = None,
    seconds: float | None = None,
    beats: BeatOptions = BeatOptions(),  # noqa: B008  # It is frozen.
    labels: Mapping[str, str] | None = None,
    partner: Path | None = None,
    partner_fps: float | None = None,
) -> Song:
    """Read a song.

    Args:
        loaded: the model that will draw.
        song: a sound file, a ``.npy`` file of features, or the id of a sequence in ``data``.
        data: a folder of features.
        arrays: condition -> ``.npy`` file, for what the song does not give.
        music: sound file, where ``song`` is none.
        seconds: how long the dance is; by default as long as the song, whose end is followed by silence.
        beats: what is known of its beats, which its features then follow; by default they are heard.
        labels: condition -> a style or another label, such as ``salsa``, or ``0:groove,20:salsa`` in the course of
            the song. By default those that are stored with a sequence, else none.
        partner: file of the motion of somebody to dance with, for models that have learnt to. The dance is as long as
            both song and partner last.
        partner_fps: true frame rate of that file, where its own is wrong.

    Raises:
        TransflowerError: there is no such song, or the model cannot read it.
    """
    path, arrays, labels = Path(song), arrays or {}, labels or {}
    _check_names(loaded, arrays)
    check_labels(loaded, labels)
    inputs = {name: read_array(loaded, name, file) for name, file in arrays.items()}
    danced_with = partner_condition(loaded)
    other = None if partner is None else read_partner(loaded, partner, source_fps=partner_fps)
    if danced_with is not None and other is not None:
        inputs[danced_with.name] = encode_motion(other, danced_with.sidecar)
    named = label_conditions(loaded)
    missing = [name for name in loaded.model.conditions if name not in inputs and name not in named]
    sound, name = music, path.stem
    if music is not None:
        check_sound(music)
    if beats.is_given and (path.suffix.lower() == ".npy" or (data is not None and not path.is_file())):
        raise OptionsError(f"the features of {song} are stored and cannot follow given beats; name its sound file")
    if path.suffix.lower() == ".npy":
        condition = _only_sequence(loaded, missing, path)
        inputs[condition] = read_array(loaded, condition, path)
    elif path.is_file() or (path.exists() and data is None):
        inputs |= _features(loaded, missing, path, beats)
        sound = sound or path
    elif data is not None:
        stored = [name for name in named if not {name} & {*inputs, *labels} and has_stored(loaded, name, data, song)]
        inputs |= {condition: read_stored(loaded, condition, data, song) for condition in [*missing, *stored]}
        name = song
    else:
        raise DataError(f"{song}: there is no such file; to dance to a sequence of a folder of features, add --data")
    if danced_with is not None and other is not None:
        inputs = _of_common_length(loaded, inputs)
    elif danced_with is not None:
        other = decode_motion(_partner_rows(loaded, inputs, danced_with.name), danced_with.sidecar)
    frames = _num_frames(loaded, inputs, seconds)
    if other is not None and frames > other.num_frames:
        raise OptionsError(f"--seconds {seconds:g}: the partner lasts {other.seconds:.4g} seconds")
    inputs |= label_rows(loaded, [name for name in named if name not in inputs], labels, frames)
    fps, found = frame_rate(loaded), song_beats(loaded, inputs)
    return Song(name=name, inputs=inputs, frames=frames, fps=fps, sound=sound, beats=found, partner=other)


def _check_names(loaded: LoadedModel, arrays: Mapping[str, Path]) -> None:
    names = loaded.model.conditions
    for name in arrays:
        if name not in names:
            raise OptionsError(
                f"inputs.{name}: the model is not given that; it is given {', '.join(names) or 'nothing'}"
            )


def _only_sequence(loaded: LoadedModel, missing: list[str], path: Path) -> str:
    """The one condition that an array without a name can be."""
    found = [name for name in missing if loaded.model.has_time(name)]
    if len(found) != 1:
        raise ModelError(f"{path} could be any of: {', '.join(found) or 'nothing'}; name arrays by --inputs.NAME FILE")
    return found[0]


def _features(loaded: LoadedModel, names: list[str], sound: Path, beats: BeatOptions) -> dict[str, np.ndarray]:
    settings = audio_settings(loaded, names)
    if not settings:
        raise ModelError(
            f"{loaded.folder} does not say how its features are made of sound; "
            "give stored ones: the id of a sequence and --data, or a .npy file"
        )
    if not beats.is_given:
        return hear(loaded, names, sound)
    if not any(has_beats(audio_features.names(found)) for found in settings.values()):
        raise ModelError(f"{loaded.folder} reads no beats, so that none can be given")
    return {name: _following(beats, sound, found) for name, found in settings.items()}


def _following(options: BeatOptions, sound: Path, settings: AudioSettings) -> Float32[np.ndarray, "T D"]:
    """Features of a sound whose beats are known."""
    heard = None
    if options.needs_heard:
        heard = heard_beats(audio_features.extract(sound, settings), audio_features.names(settings), settings.fps)
    beats = options.beats(sound.stem, heard)
    rows = audio_features.extract(sound, settings, beats=beats)
    seconds = len(rows) / settings.fps
    if beats[0] >= seconds:
        raise DataError(f"{sound} is {seconds:.2f} s long, and the first of the given beats is at {beats[0]:g} s")
    return rows


def _partner_rows(loaded: LoadedModel, inputs: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in inputs:
        raise ModelError(f"{loaded.folder} has learnt to dance with a partner; name a file of motion by --partner")
    return inputs[name]


def _of_common_length(loaded: LoadedModel, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What has time, up to the end of the shortest."""
    rates = {name: loaded.model.spans[name].rate for name in inputs if loaded.model.has_time(name)}
    positions = min(count_positions(len(inputs[name]), rate) for name, rate in rates.items())
    return {
        name: rows[: count_rate_frames(positions, rates[name])] if name in rates else rows
        for name, rows in inputs.items()
    }


def _num_frames(loaded: LoadedModel, inputs: Mapping[str, np.ndarray], seconds: float | None) -> int:
    synced = {name: len(rows) for name, rows in inputs.items() if loaded.model.has_time(name)}
    rates = {name: loaded.model.spans[name].rate for name in synced}
    durations = {name: length / rates[name] for name, length in synced.items()}
    lengths = {name: count_positions(length, rates[name]) for name, length in synced.items()}
    allowed = _LARGEST_GAP * max((1 / rate for rate in rates.values()), default=1)
    if durations and max(durations.values()) - min(durations.values()) > allowed:
        listed = ", ".join(f"{name} {length}" for name, length in synced.items())
        raise DataError(f"the song's features differ in length ({listed} frames); check that they are of one song")
    if seconds is not None:
        return math.ceil(count_frames(loaded, seconds, option="--seconds") - 1e-6)
    if not lengths:
        raise ModelError("the model reads nothing that has a length; say how long the dance is by --seconds")
    return min(lengths.values())
