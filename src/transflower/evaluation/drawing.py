"""Models as systems of a report: they draw samples for held-out recordings, which are kept in files."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from transflower.core.array_file import ArrayFile
from transflower.core.errors import ModelError
from transflower.core.files import is_there, read_json, write_array, write_json
from transflower.core.seeds import derive_seed
from transflower.evaluation.modelled import output_of
from transflower.evaluation.opening import Data
from transflower.evaluation.options import PRETRAINED_WORD, EvaluationConfig
from transflower.evaluation.same_columns import means_the_same
from transflower.evaluation.system import Sample, Samples, System
from transflower.evaluation.systems import onto_data
from transflower.features.motion.codec import decode_motion
from transflower.generation import (
    Request,
    SamplingOptions,
    Song,
    generate_batch,
    motion_sidecars,
    open_song,
    silence_rows,
)
from transflower.generation.conditions import frame_rate
from transflower.models import LoadedModel, load_model
from transflower.models.digest import read_digest
from transflower.models.inference import InferenceModel, prepare
from transflower.models.pretrained import PRETRAINED
from transflower.motion.foot_lock import lock_feet

log = logging.getLogger(__name__)

_LONG_RECORDINGS = 4
KEPT, MADE_FROM = "kept", "made_from.json"
"""Folder of the samples, and the file that tells what they were drawn from."""
_ROWS = 64
"""Sequences that are drawn together."""
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class NamedModel:
    """A model that is evaluated."""

    name: str
    loaded: LoadedModel
    output: str
    """Its output that is evaluated."""
    songs: Mapping[str, Song]
    """What it reads of each recording."""


def open_models(options: EvaluationConfig, data: Data) -> list[NamedModel]:
    """Read all models, and what they read of the recordings, before any of them draws.

    Raises:
        ModelError: there is none, or it does not model what is evaluated.
        FormatError: the data do not hold what it reads.
    """
    return [_open(one, data) for one in options.models]


def draw_system(model: NamedModel, data: Data, options: EvaluationConfig) -> System:
    """The samples of a model; those that an evaluation before it has drawn are read."""
    samples = Drawing(model, data, options, kind="samples", number=options.samples)
    drawn = samples.take({one: data.length(one) for one in data.ids})
    long: Samples = {}
    if options.long:
        first = data.ids[:_LONG_RECORDINGS]
        long = Drawing(model, data, options, kind="long", number=1).take(
            dict.fromkeys(first, round(options.long * data.fps))
        )
    return System(name=model.name, samples=drawn, model=model.loaded, long=long)


class Drawing:
    """Draws samples of one kind of a model, and keeps them below the folder of the report."""

    def __init__(self, model: NamedModel, data: Data, options: EvaluationConfig, *, kind: str, number: int) -> None:
        """Prepare.

        Args:
            model: what draws.
            data: the recordings.
            options: seed, temperature and feet.
            kind: the folder of the samples.
            number: how many are drawn for each recording.
        """
        self._model, self._data, self._options = model, data, options
        self._folder = options.out / KEPT / model.name / kind
        self._number = number
        self._has_columns_of_data = means_the_same(model.loaded, model.output, data.store.sidecar(data.output))
        self._digest = read_digest(model.loaded.folder)

    def take(self, frames: Mapping[str, int]) -> Samples:
        """Samples of so many frames of the data to each recording; inputs that are shorter are repeated.

        They are drawn and kept some recordings at a time, so that an evaluation that is stopped loses little.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / MADE_FROM
        wanted = {one: self._made_from(one, count) for one, count in frames.items()}
        found = read_json(path) if is_there(path) else {}
        made = {one: told for one, told in found.items() if wanted.get(one) == told}
        missing = [one for one in frames if one not in made]
        size = max(1, _ROWS // self._number)
        if missing:
            prepared = prepare(self._model.loaded.model, "fp32")
        for start in range(0, len(missing), size):
            part = missing[start : start + size]
            log.info("%s draws samples for %d of %d recordings", self._model.name, len(part), len(frames))
            write_json(path, made)  # What is written anew is not known while it is.
            self._draw(prepared, part, frames)
            made |= {one: wanted[one] for one in part}
            write_json(path, made)
        return {one: [self._sample(one, path, count) for path in self._paths(one)] for one, count in frames.items()}

    def _paths(self, one: str) -> list[Path]:
        return [self._folder / f"{one}.{index}.npy" for index in range(self._number)]

    def _draw(self, prepared: InferenceModel, ids: Sequence[str], frames: Mapping[str, int]) -> None:
        model, options = self._model, self._options
        drawn = generate_batch(
            prepared,
            [self._request(one, frames[one]) for one in ids],
            num_samples=self._number,
            options=SamplingOptions(temperature=options.temperature),
            fill=silence_rows(model.loaded.sidecars),
            label=model.name,
        )
        for one, outputs in zip(ids, drawn, strict=True):
            for path, rows in zip(self._paths(one), outputs[model.output], strict=True):
                write_array(path, rows)

    def _request(self, one: str, frames: int) -> Request:
        """For so many frames of the data, at the model's own rate."""
        model, song = self._model, self._model.songs[one]
        count = math.ceil(frames * (frame_rate(model.loaded) or self._data.fps) / self._data.fps - _ROUNDING)
        seed = derive_seed(self._options.seed, "samples", self._folder.name, one)
        return Request(inputs=_repeated(model, song, count), num_frames=count, seed=seed)

    def _made_from(self, one: str, frames: int) -> dict[str, object]:
        options = self._options
        return {
            "model": self._digest,
            "inputs": _digest(self._model.songs[one]),
            "frames": frames,
            "samples": self._number,
            "seed": options.seed,
            "temperature": options.temperature,
        }

    def _sample(self, one: str, path: Path, frames: int) -> Sample:
        rows = ArrayFile(path).read().astype(float)
        if self._has_columns_of_data:
            sample = self._data.sample(one, rows, frames=frames)
        else:
            clip = decode_motion(rows, motion_sidecars(self._model.loaded)[self._model.output])
            sample = onto_data(clip, one, self._data, frames=frames)
        if sample.clip is None or not self._options.foot_lock:
            return sample
        return replace(sample, clip=lock_feet(sample.clip))


def _open(named: str, data: Data) -> NamedModel:
    name, is_named, folder = named.partition("=")
    path = folder if is_named else named
    loaded = load_model(PRETRAINED if path == PRETRAINED_WORD else path)
    output = output_of(loaded, data.output)
    if output is None:
        found = ", ".join(loaded.model.config.outputs)
        raise ModelError(f"{path} models {found}, and not {data.output}, which is evaluated; choose another --output")
    if not _can_be_compared(loaded, output, data):
        raise ModelError(f"{path}: its {data.output} is not what {data.store.folder} holds by that name")
    songs = {one: open_song(loaded, one, data=data.store.folder) for one in data.ids}
    return NamedModel(name=name if is_named else _short(path), loaded=loaded, output=output, songs=songs)


def _short(path: str) -> str:
    """The name of a run; of a model in a run, that of the run."""
    folder = Path(path)
    return folder.resolve().parent.name if folder.resolve().name in {"best", "last"} else folder.resolve().name


def _can_be_compared(loaded: LoadedModel, output: str, data: Data) -> bool:
    if data.sidecar is not None:
        return output in motion_sidecars(loaded)
    return loaded.model.streams[output].dim == data.store.header(data.ids[0], data.output).shape[-1]


def _repeated(model: NamedModel, song: Song, frames: int) -> dict[str, np.ndarray]:
    """The inputs of a song, from the beginning again as often as it takes."""
    times = -(-frames // song.frames)
    return {
        name: np.tile(rows, (times, 1)) if times > 1 and model.loaded.model.has_time(name) else rows
        for name, rows in song.inputs.items()
    }


def _digest(song: Song) -> str:
    """Of everything that is read of a song."""
    found = sha256()
    for name, rows in sorted(song.inputs.items()):
        found.update(f"{name} {rows.dtype} {rows.shape}\n".encode())
        found.update(rows.tobytes())
    return found.hexdigest()[:16]
