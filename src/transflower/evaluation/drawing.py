"""Models as systems of a report: they draw samples for held-out recordings, which are kept in files."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import numpy as np

from transflower.core.array_file import ArrayFile
from transflower.core.errors import ModelError
from transflower.core.files import is_there, read_json, write_array, write_json
from transflower.core.progress import progress
from transflower.core.seeds import derive_seed
from transflower.core.workers import map_parallel
from transflower.evaluation.modelled import output_of
from transflower.evaluation.opening import Data
from transflower.evaluation.options import EvaluationConfig
from transflower.evaluation.report_folder import KEPT, MADE_FROM
from transflower.evaluation.same_columns import means_the_same
from transflower.evaluation.system import Sample, Samples, System
from transflower.evaluation.systems import onto_data
from transflower.features.contacts import decode_contacts
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
from transflower.generation.derived import contacts_of
from transflower.models import LoadedModel, load_model
from transflower.models.digest import read_digest
from transflower.models.inference import InferenceModel, prepare
from transflower.motion.foot_lock import lock_feet
from transflower.motion.standing import Standing

log = logging.getLogger(__name__)

_LONG_RECORDINGS = 4
"""To so many recordings long samples are drawn."""
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
    named = zip(options.model_names, options.model_folders, strict=True)
    return [_open(name, folder, data) for name, folder in named]


def draw_systems(models: Sequence[NamedModel], data: Data, options: EvaluationConfig) -> list[System]:
    """The samples of models, which draw in processes of their own; those of an evaluation before are read.

    Raises:
        ModelError: what a model draws cannot be put on the body of the data.
        WorkerError: a process was killed.
    """
    short = [Drawing(model, data, options, "samples") for model in models]
    long = [Drawing(model, data, options, "long") for model in models if options.long]
    missing = [drawing for drawing in (*long, *short) if drawing.missing()]
    if missing:
        names = ", ".join(dict.fromkeys(drawing.name for drawing in missing))
        log.info("drawing samples of %s for %d recordings", names, len(data.ids))
    drawn = map_parallel(Drawing.draw, missing, jobs=options.jobs, with_threads=True)
    list(progress(drawn, label="drawing", total=len(missing), unit="set of samples"))
    return [
        System(name=model.name, samples=samples.read(), model=model.loaded, long=lasting.read() if lasting else {})
        for model, samples, lasting in zip_longest(models, short, long)
    ]


class Drawing:
    """Draws samples of one kind of a model, and keeps them below the folder of the report."""

    def __init__(
        self, model: NamedModel, data: Data, options: EvaluationConfig, kind: Literal["samples", "long"]
    ) -> None:
        """Prepare.

        Args:
            model: what draws.
            data: the recordings.
            options: numbers and lengths of samples, seed, temperature and feet.
            kind: the samples that most metrics are of, or the long ones; also the folder of their files.
        """
        self.name = model.name
        self._model, self._data, self._options = model, data, options
        self._folder = options.out / KEPT / model.name / kind
        if kind == "long":
            self._number, self._frames = 1, dict.fromkeys(data.ids[:_LONG_RECORDINGS], round(options.long * data.fps))
        else:
            self._number, self._frames = options.samples, {one: data.length(one) for one in data.ids}
        self._contacts = contacts_of(model.loaded).get(model.output)
        """The output that tells which feet stand, and how."""
        self._has_columns_of_data = means_the_same(model.loaded, model.output, data.store.sidecar(data.output))
        digest = read_digest(model.loaded.folder)
        self._wanted = {one: self._made_from(one, digest) for one in self._frames}

    def missing(self) -> list[str]:
        """The recordings for which there are no samples yet."""
        return self._missing(self._made())

    def draw(self) -> None:
        """Draw what is missing, and keep it some recordings at a time: an evaluation that is stopped loses little.

        Inputs that are shorter than the samples are repeated.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        made, size = self._made(), max(1, _ROWS // self._number)
        missing = self._missing(made)
        prepared = prepare(self._model.loaded.model, "fp32")
        for start in range(0, len(missing), size):
            part = missing[start : start + size]
            write_json(self._folder / MADE_FROM, made)  # What is written anew is not known while it is.
            self._draw(prepared, part)
            made |= {one: self._wanted[one] for one in part}
            write_json(self._folder / MADE_FROM, made)

    def read(self) -> Samples:
        """The samples of all recordings."""
        return {one: [self._sample(one, index) for index in range(self._number)] for one in self._frames}

    def _made(self) -> dict[str, object]:
        """What is there of what is wanted."""
        path = self._folder / MADE_FROM
        found = read_json(path) if is_there(path) else {}
        return {one: told for one, told in found.items() if self._wanted.get(one) == told}

    def _missing(self, made: Mapping[str, object]) -> list[str]:
        return [one for one in self._wanted if one not in made]

    def _path(self, one: str, index: int, output: str) -> Path:
        """Of a sample of what is evaluated, or of which feet stand in it."""
        name = f"{one}.{index}.npy" if output == self._model.output else f"{one}.{index}.{output}.npy"
        return self._folder / name

    def _draw(self, prepared: InferenceModel, ids: Sequence[str]) -> None:
        model, options = self._model, self._options
        drawn = generate_batch(
            prepared,
            [self._request(one) for one in ids],
            num_samples=self._number,
            options=SamplingOptions(temperature=options.temperature),
            fill=silence_rows(model.loaded.sidecars),
            label=model.name,
        )
        kept = [model.output] if self._contacts is None else [model.output, self._contacts[0]]
        for one, outputs in zip(ids, drawn, strict=True):
            for output in kept:
                for index, rows in enumerate(outputs[output]):
                    write_array(self._path(one, index, output), rows)

    def _request(self, one: str) -> Request:
        """For as many frames as the data have, at the model's own rate."""
        model, song = self._model, self._model.songs[one]
        rate = (frame_rate(model.loaded) or self._data.fps) / self._data.fps
        count = math.ceil(self._frames[one] * rate - _ROUNDING)
        seed = derive_seed(self._options.seed, "samples", self._folder.name, one)
        return Request(inputs=_repeated(model, song, count), num_frames=count, seed=seed)

    def _made_from(self, one: str, model: object) -> dict[str, object]:
        options = self._options
        return {
            "model": model,
            "inputs": _digest(self._model.songs[one]),
            "frames": self._frames[one],
            "samples": self._number,
            "seed": options.seed,
            "temperature": options.temperature,
        }

    def _sample(self, one: str, index: int) -> Sample:
        model, data, frames = self._model, self._data, self._frames[one]
        rows = ArrayFile(self._path(one, index, model.output)).read().astype(float)
        standing = self._standing(one, index) if self._options.foot_lock else None
        if self._has_columns_of_data:
            sample = data.sample(one, rows, frames=frames)
            if sample.clip is not None and standing is not None:
                return replace(sample, clip=lock_feet(sample.clip, standing[: sample.clip.num_frames]))
        else:
            clip = decode_motion(rows, motion_sidecars(model.loaded)[model.output])
            sample = onto_data(clip if standing is None else lock_feet(clip, standing), one, data, frames=frames)
        if sample.clip is None or not self._options.foot_lock:
            return sample
        return replace(sample, clip=lock_feet(sample.clip))

    def _standing(self, one: str, index: int) -> Standing | None:
        """Which feet of a sample stand, where the model tells it."""
        if self._contacts is None:
            return None
        output, sidecar = self._contacts
        classes = ArrayFile(self._path(one, index, output)).read()
        return decode_contacts(classes, motion_sidecars(self._model.loaded)[self._model.output].skeleton, sidecar)


def _open(name: str, path: Path, data: Data) -> NamedModel:
    loaded = load_model(path)
    output = output_of(loaded, data.output)
    if output is None:
        found = ", ".join(loaded.model.config.outputs)
        raise ModelError(f"{path} models {found}, and not {data.output}, which is evaluated; choose another --output")
    if not _can_be_compared(loaded, output, data):
        raise ModelError(f"{path}: its {data.output} is not what {data.store.folder} holds by that name")
    songs = {one: open_song(loaded, one, data=data.store.folder) for one in data.ids}
    return NamedModel(name=name, loaded=loaded, output=output, songs=songs)


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
