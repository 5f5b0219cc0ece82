"""The report of an evaluation: systems are opened or drawn, measured, and told in files."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from transflower.audio.audio import Audio
from transflower.core.files import is_there, write_json, write_text
from transflower.core.listing import name_some
from transflower.evaluation import tables
from transflower.evaluation.calibration.files import calibration_files, write_calibration
from transflower.evaluation.drawing import NamedModel, draw_systems, open_models
from transflower.evaluation.folder_kinds import check_systems
from transflower.evaluation.measuring import measure_systems
from transflower.evaluation.metrics import OPTIONAL, chosen
from transflower.evaluation.opening import Data, open_data, open_setting
from transflower.evaluation.options import EvaluationConfig
from transflower.evaluation.report_folder import RESULTS, check_report_folder, files_of
from transflower.evaluation.results import Results, collect
from transflower.evaluation.system import Setting
from transflower.evaluation.systems import read_folder, reference_rows
from transflower.motion.common_skeleton import common_skeleton
from transflower.reports.page import write_report
from transflower.reports.rows import evaluated
from transflower.reports.run_metrics import METRICS_FILE, read_metrics
from transflower.reports.songs import find_songs

PAGE = "report.html"
DIFFERENCES = "differences.tex"


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """What was written."""

    results: Results
    files: Sequence[Path]


def evaluate(options: EvaluationConfig) -> EvaluationReport:
    """Measure all systems, and write the report.

    Raises:
        TransflowerError: models, data or dances that cannot be used, before anything is drawn.
    """
    out = options.out
    check_systems(options)
    check_report_folder(out, overwrite=options.overwrite)
    out.mkdir(parents=True, exist_ok=True)
    older = files_of(out)
    data = open_data(options)
    models = open_models(options, data)
    setting = open_setting(data, options)
    folders = [read_folder(name, folder, data) for name, folder in options.folders.items()]
    references = reference_rows(data, setting)
    runs = _runs(models) if options.page else {}
    songs = _songs(options, data) if options.page else {}
    systems = [*draw_systems(models, data, options), *folders, *references]
    metrics = chosen([flag for flag in OPTIONAL if getattr(options, flag)])
    measured = measure_systems(
        metrics,
        systems,
        setting,
        draws=options.draws,
        with_calibration=options.calibration,
        jobs=options.jobs,
    )
    compared = [system.name for system in evaluated(systems)]
    results = collect(metrics, measured, stated=_stated(options, data, setting), compared=compared)
    for path in (out / DIFFERENCES, out / PAGE, *calibration_files(out)):
        if path.name in older:  # Not every evaluation writes these anew; files of others may have such names.
            path.unlink(missing_ok=True)
    files = _write_tables(out, results)
    calibration = {name: one.calibration for name, one in measured.items() if one.calibration is not None}
    if options.calibration:
        files += write_calibration(out, calibration)
    if options.page:
        write_report(out / PAGE, results, systems, setting, runs=runs, songs=songs, calibration=calibration)
        files.append(out / PAGE)
    write_json(out / RESULTS, {**results.json(), "files": [path.name for path in files]})
    files.insert(0, out / RESULTS)
    return EvaluationReport(results=results, files=files)


def _write_tables(out: Path, results: Results) -> list[Path]:
    paired, corner = tables.first_differences(results)
    told = {
        "report.md": tables.markdown(results),
        "report.tex": tables.latex(results),
        "report.csv": tables.as_csv(results),
    }
    if paired.columns:
        told["report.md"] += "\n" + tables.markdown(paired, corner=corner)
        told[DIFFERENCES] = tables.latex(paired, corner=corner)
    for name, text in told.items():
        write_text(out / name, text)
    return [out / name for name in told]


def _runs(models: Sequence[NamedModel]) -> dict[str, Path | None]:
    """The folders of runs, whose models lie in folders of their own.

    Raises:
        FormatError: the metrics of a run cannot be read.
    """
    folders = {model.name: model.loaded.folder.parent for model in models}
    found = {name: folder if is_there(folder / METRICS_FILE) else None for name, folder in folders.items()}
    for folder in filter(None, found.values()):
        read_metrics(folder / METRICS_FILE)
    return found


def _songs(options: EvaluationConfig, data: Data) -> dict[str, Audio | Path | None]:
    """Two recordings whose dances can be played, and their sound, where it is found."""
    shown = (data.ids[0], data.ids[len(data.ids) // 2])
    found = find_songs(shown, data.store.folder, options.recordings, seconds=options.seconds)
    return {one: found.get(one) for one in shown}


def _stated(options: EvaluationConfig, data: Data, setting: Setting) -> dict[str, str | int | float]:
    return {
        "data": str(data.store.folder),
        "split": data.split,
        "output": data.output,
        "recordings": len(data.ids),
        "seconds": options.seconds,
        "samples of each model": options.samples,
        "frames per second": data.fps,
        "skeleton": "none" if data.sidecar is None else _skeleton(data.sidecar.skeleton.names),
        "beats": _beats(options, setting),
        "reference": "the recordings of the split" if options.reference == "split" else "the recordings of all splits",
        "intervals": f"95 %, by {options.draws} draws of a bootstrap over recordings",
        "temperature": options.temperature,
        "feet of models": "locked, as generate does" if options.foot_lock else "as drawn",
        "seed": options.seed,
        "version": version("transflower"),
    }


def _skeleton(names: Sequence[str]) -> str:
    is_common = tuple(names) in {common_skeleton().names, common_skeleton(fingers=True).names}
    return f"{len(names)} joints: {'the common skeleton' if is_common else name_some(names, most=3)}"


def _beats(options: EvaluationConfig, setting: Setting) -> str:
    """Where those of the music come from."""
    known = [one for one in setting.ids if one in setting.beats]
    true = [one for one in known if one in setting.ground_truths]
    if not known:
        return "none are heard or given"
    if options.beats is not None:
        source = "annotated"
    elif true:
        source = "true ones" if len(true) == len(known) else "true ones, else heard in the audio"
    else:
        source = "heard in the audio"
    return source if len(known) == len(setting.ids) else f"{source}, of {len(known)} recordings"
