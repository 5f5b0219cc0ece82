"""Audio features of sound files: ``OUT/<id>.<name>.npy``, and the sidecar ``OUT/<name>.json``."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from transflower.audio.reading import read_audio
from transflower.core.errors import DataError, OptionsError
from transflower.core.files import check_name
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Source, find_sources
from transflower.features.extraction.target import Target
from transflower.features.extraction.work import attempt_all
from transflower.features.sidecar import AudioSidecar, read_sidecar, sidecar_from_dict

AUDIO_SUFFIXES = (".wav", ".mp3", ".ogg", ".flac", ".m4a", ".aac", ".opus")
"""Files that folders are searched for."""


@dataclass(frozen=True, kw_only=True)
class AudioExtraction(AudioSettings):
    """Audio features of sound files: log-mel spectrum, onset strength and beat activation."""

    name: str = "audio"
    """Feature name: arrays are called ID.NAME.npy, their sidecar NAME.json."""
    mirror: bool = False
    """Also write ID_mirrored, a copy, beside the mirrored dance."""
    overwrite: bool = False
    """Write arrays anew even where they are newer than the recordings."""
    jobs: int = -1
    """Files worked on at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(self.name, what="feature name")
        if self.jobs == 0 or self.jobs < -1:
            raise OptionsError(f"jobs must be a number of processes, or -1 for one a core, got {self.jobs}")

    @property
    def settings(self) -> AudioSettings:
        """What the features are made of."""
        return AudioSettings(**{field.name: getattr(self, field.name) for field in fields(AudioSettings)})


def extract_audio(
    paths: Sequence[Path | str], out: Path | str, options: AudioExtraction | None = None
) -> ExtractionReport:
    """Extract features of sound files and of all sound files in folders.

    Arrays that are there already, newer than their files, stay as they are.

    Raises:
        DataError: files that cannot be used, all of them listed (the others are written); or, with nothing written:
            unusable ``paths`` or ``out``, a sidecar with other settings.
    """
    options = options or AudioExtraction()
    sources = find_sources(paths, AUDIO_SUFFIXES)
    target = Target(out=Path(out), name=options.name, mirror=options.mirror, overwrite=options.overwrite)
    sidecar = _sidecar(target, options.settings)
    if target.keeps_sidecar(sources):
        _check_kept(target, sidecar)
    else:
        target = replace(target, new_sidecar=sidecar)
    pending = target.pending(sources)
    write = partial(_write_features, settings=options.settings, target=target)
    outcomes = attempt_all(write, pending, jobs=options.jobs, label="features")
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    report = ExtractionReport(
        out=target.out,
        written=len(pending) - len(problems),
        skipped=len(sources) - len(pending),
        notes=tuple(remark for outcome in outcomes for remark in outcome.remarks),
    )
    report.raise_problems(problems)
    return report


def _sidecar(target: Target, settings: AudioSettings) -> AudioSidecar:
    sidecar = sidecar_from_dict(audio_features.sidecar(settings), target.sidecar_path)
    assert isinstance(sidecar, AudioSidecar)
    return sidecar


def _check_kept(target: Target, wanted: AudioSidecar) -> None:
    kept = read_sidecar(target.sidecar_path)
    if not isinstance(kept, AudioSidecar):
        raise DataError(f"{target.sidecar_path} describes {kept.kind} features; choose another --name or --out")
    target.check_settings([(name, value, kept.settings.get(name)) for name, value in wanted.settings.items()])


def _write_features(source: Source, settings: AudioSettings, target: Target) -> None:
    features = audio_features.extract(read_audio(source.path), settings)
    for sequence_id in [source.sequence_id, *target.twins(source.sequence_id)]:
        target.save(sequence_id, features)
