"""Audio features of sound files: ``OUT/<id>.<name>.npy``, and the sidecar ``OUT/<name>.json``."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from transflower.audio.formats import SOUND_SUFFIXES
from transflower.audio.reading import read_pieces
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.core.listing import first_few
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings, settings_from_dict
from transflower.features.audio.beat_file import find_in, read_beats
from transflower.features.audio.excerpt import extract_excerpt
from transflower.features.audio.silent import describe_silence
from transflower.features.extraction.ignored_files import ignored_files
from transflower.features.extraction.options import AudioExtraction
from transflower.features.extraction.pairs import pair_up
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Source, find_sources
from transflower.features.extraction.target import Target
from transflower.features.extraction.work import Outcome
from transflower.features.sidecar import AudioSidecar, read_sidecar, sidecar_from_dict

_MOST_NAMED = 10


def extract_audio(
    paths: Sequence[Path | str], out: Path | str, options: AudioExtraction | None = None
) -> ExtractionReport:
    """Extract features of sound files and of all sound files in folders.

    Raises:
        DataError: as ``extract_audio_of``; or ``paths`` are unusable, with nothing written.
    """
    options = options or AudioExtraction()
    sources = find_sources(paths, SOUND_SUFFIXES, ids=options.ids)
    if options.beats is not None:
        sources = with_beats(sources, options.beats)
    if options.pairs is not None:
        sources = pair_up(sources, options.pairs, out=Path(out), name=options.name, fps=options.fps)
    return extract_audio_of(sources, out, options, notes=ignored_files(paths, SOUND_SUFFIXES, out=Path(out)))


def extract_audio_of(
    sources: Sequence[Source], out: Path | str, options: AudioExtraction, *, notes: Sequence[str] = ()
) -> ExtractionReport:
    """Extract features of sounds, or of their parts; ``notes`` go into the report.

    Arrays that are there already and were made from these files stay as they are.

    Raises:
        DataError: files that cannot be used, all of them listed (the others are written); or, with nothing written:
            unusable ``out``, a sidecar with other settings.
    """
    target = Target(out=Path(out), name=options.name, mirror=options.mirror, overwrite=options.overwrite)
    sidecar = _sidecar(target, options.settings)
    if target.keeps_sidecar(sources):
        _check_kept(target, sidecar)
    else:
        target = replace(target, new_sidecar=sidecar)
    pending = target.pending(sources)
    write = partial(_write_features, settings=options.settings, target=target, sidecar=sidecar)
    outcomes = target.write_all(write, pending, jobs=options.jobs)
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    report = ExtractionReport(
        out=target.out,
        written=len(pending) - len(problems),
        skipped=len(sources) - len(pending),
        notes=(
            *(remark for outcome in outcomes for remark in outcome.remarks),
            *_silence_notes(outcomes),
            *notes,
        ),
    )
    report.raise_problems(problems)
    return report


def with_beats(sources: Sequence[Source], folder: Path) -> list[Source]:
    """The sources, with the files of their beats.

    Raises:
        DataError: there is no such folder, it has no file for any of them, or several for one.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder with files of beats")
    found = [replace(source, beats=find_in(folder, source.path.stem)) for source in sources]
    if not any(source.beats for source in found):
        raise DataError(f"{folder} has no file of beats for any of these sounds, such as {sources[0].path.stem}.txt")
    return [replace(source, needs=(*source.needs, source.beats)) if source.beats else source for source in found]


def _silence_notes(outcomes: Sequence[Outcome[str]]) -> list[str]:
    told = [f"{_whose(outcome.source)} is {outcome.result}" for outcome in outcomes if outcome.result]
    return first_few(told, _MOST_NAMED, more="{} more sounds have silent parts")


def _whose(source: Source) -> str:
    return str(source.path) if source.excerpt is None else f"the part of {source.path} for {source.sequence_id}"


def _sidecar(target: Target, settings: AudioSettings) -> AudioSidecar:
    sidecar = sidecar_from_dict(audio_features.sidecar(settings), target.sidecar_path)
    assert isinstance(sidecar, AudioSidecar)
    return sidecar


def _check_kept(target: Target, wanted: AudioSidecar) -> None:
    kept = read_sidecar(target.sidecar_path)
    if not isinstance(kept, AudioSidecar):
        raise DataError(f"{target.sidecar_path} describes {kept.kind} features; choose another --name or --out")
    try:
        there = settings_from_dict(kept.settings).to_dict()
    except OptionsError as error:
        raise FormatError(target.sidecar_path, f"settings: {error}") from error
    target.check_settings([(name, value, there.get(name)) for name, value in wanted.settings.items()])


def _write_features(source: Source, settings: AudioSettings, target: Target, sidecar: AudioSidecar) -> str:
    """Returns notes on the features."""
    beats = None if source.beats is None else read_beats(source.beats)
    if source.excerpt is None:
        features = audio_features.extract(source.path, settings, beats=beats)
    else:
        pieces, excerpt = read_pieces(source.path), source.excerpt
        features = extract_excerpt(pieces, settings, offset=excerpt.offset, rows=excerpt.rows, beats=beats)
    for sequence_id in [source.sequence_id, *target.twins(source.sequence_id)]:
        target.save(sequence_id, features)
    return describe_silence(features, sidecar)
