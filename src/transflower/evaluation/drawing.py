"""Models as systems of a report: they draw samples for held-out recordings, which are kept in files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from transflower.core.array_file import ArrayFile
from transflower.core.errors import ModelError
from transflower.core.files import is_there, read_json, write_array, write_json
from transflower.core.seeds import derive_seed
from transflower.evaluation.opening import Data
from transflower.evaluation.options import EvaluationConfig
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
from transflower.generation.conditions import feature_name
from transflower.models import LoadedModel, load_model
from transflower.models.digest import read_digest
from transflower.models.inference import prepare
from transflower.models.pretrained import PRETRAINED
from transflower.motion.foot_lock import lock_feet

_WORD = "pretrained"
"""What stands for the model of the package."""
_LONG_RECORDINGS = 2
_MADE_FROM = "made_from.json"


@dataclass(frozen=True, kw_only=True)
class NamedModel:
    """A model that is evaluated."""

    name: str
    loaded: LoadedModel
    output: str
    """Its output that is evaluated."""


def open_models(options: EvaluationConfig, data: Data) -> list[NamedModel]:
    """Read all models, before any of them draws.

    Raises:
        ModelError: there is none, or it does not model what is evaluated.
    """
    return [_open(one, data) for one in options.models]


def draw_system(model: NamedModel, data: Data, options: EvaluationConfig) -> System:
    """The samples of a model; those that an evaluation before it has drawn are read.

    Raises:
        ModelError: the data do not hold what the model reads.
    """
    samples = _Drawing(model, data, options)
    songs = {one: open_song(model.loaded, one, data=data.store.folder) for one in data.ids}
    drawn = samples.take("samples", songs, {one: min(song.frames, data.frames) for one, song in songs.items()})
    long: Samples = {}
    if options.long:
        first = dict(list(songs.items())[:_LONG_RECORDINGS])
        long = samples.take("long", first, dict.fromkeys(first, round(options.long * data.fps)))
    return System(name=model.name, samples=drawn, model=model.loaded, long=long)


class _Drawing:
    """Draws the samples of a model, and keeps them below the folder of the report."""

    def __init__(self, model: NamedModel, data: Data, options: EvaluationConfig) -> None:
        self._model, self._data, self._options = model, data, options

    def take(self, kind: str, songs: Mapping[str, Song], frames: Mapping[str, int]) -> Samples:
        """Samples of so many frames to each song; inputs that are shorter are repeated."""
        folder = self._options.out / "kept" / self._model.name / kind
        number = self._options.samples if kind == "samples" else 1
        paths = {one: [folder / f"{one}.{index}.npy" for index in range(number)] for one in songs}
        made_from = self._made_from(songs, frames)
        is_made = is_there(folder / _MADE_FROM) and read_json(folder / _MADE_FROM) == made_from
        if not is_made:
            self._draw(songs, frames, number, paths)
            write_json(folder / _MADE_FROM, made_from)
        return {one: [self._sample(one, path, frames[one]) for path in some] for one, some in paths.items()}

    def _draw(
        self, songs: Mapping[str, Song], frames: Mapping[str, int], number: int, paths: Mapping[str, Sequence[Path]]
    ) -> None:
        model, options = self._model, self._options
        requests = [Request(inputs=_repeated(model, songs[one], frames[one]), num_frames=frames[one]) for one in songs]
        sampling = SamplingOptions(seed=derive_seed(options.seed, "samples"), temperature=options.temperature)
        drawn = generate_batch(
            prepare(model.loaded.model, "fp32"),
            requests,
            num_samples=number,
            options=sampling,
            fill=silence_rows(model.loaded.sidecars),
            label=model.name,
        )
        for one, outputs in zip(songs, drawn, strict=True):
            for path, rows in zip(paths[one], outputs[model.output], strict=True):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_array(path, rows)

    def _made_from(self, songs: Mapping[str, Song], frames: Mapping[str, int]) -> dict[str, object]:
        options = self._options
        return {
            "model": read_digest(self._model.loaded.folder),
            "inputs": {one: _digest(song) for one, song in songs.items()},
            "frames": dict(frames),
            "samples": options.samples,
            "seed": options.seed,
            "temperature": options.temperature,
        }

    def _sample(self, one: str, path: Path, frames: int) -> Sample:
        rows = ArrayFile(path).read().astype(float)
        if _means_the_same(self._model, self._data):
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
    loaded = load_model(PRETRAINED if path == _WORD else path)
    outputs = [one for one in loaded.model.config.outputs if feature_name(loaded, one) == data.output]
    if not outputs:
        found = ", ".join(loaded.model.config.outputs)
        raise ModelError(f"{path} models {found}, and not {data.output}, which is evaluated; choose another --output")
    if not _can_be_compared(loaded, outputs[0], data):
        raise ModelError(f"{path}: its {data.output} is not what {data.store.folder} holds by that name")
    return NamedModel(name=name if is_named else _short(path), loaded=loaded, output=outputs[0])


def _short(path: str) -> str:
    """The name of a run; of a model in a run, that of the run."""
    folder = Path(path)
    return folder.resolve().parent.name if folder.resolve().name in {"best", "last"} else folder.resolve().name


def _can_be_compared(loaded: LoadedModel, output: str, data: Data) -> bool:
    if data.sidecar is not None:
        return output in motion_sidecars(loaded)
    return loaded.model.streams[output].dim == data.store.header(data.ids[0], data.output).shape[-1]


def _means_the_same(model: NamedModel, data: Data) -> bool:
    own, theirs = model.loaded.sidecars.get(model.output), data.store.sidecar(data.output)
    if own is None or theirs is None:
        return True
    return all(own.get(key) == theirs.get(key) for key in ("names", "fps", "representation", "skeleton", "root_frame"))


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
