"""What is told of a score: files, and a table for the terminal."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from transflower.audio.audio import Audio
from transflower.core.errors import FormatError
from transflower.core.files import write_text
from transflower.core.table import write_table
from transflower.core.text_table import aligned_columns
from transflower.evaluation.music_offset import OffsetCurve
from transflower.evaluation.score import Score
from transflower.evaluation.surprise import Stretch
from transflower.features.motion.codec import decode_motion
from transflower.generation.danced import only_motion
from transflower.generation.recordings import ModelledRecording
from transflower.models import LoadedModel
from transflower.reports.offset_figure import write_offset_figure
from transflower.reports.run_metrics import METRICS_FILE, is_number, read_metrics
from transflower.reports.score_figure import write_score_figure
from transflower.viewer import MarkedStretch, ShownDance, write_page

_MOST_STRETCHES = 10
"""On a terminal; the page lists all."""
_BEST = "best"


def write_score(folder: Path, score: Score) -> list[Path]:
    """Write ``NAME.score.csv`` and ``NAME.score.png``."""
    table, figure = (folder / f"{score.name}.score.{suffix}" for suffix in ("csv", "png"))
    write_text(table, _as_csv(score))
    write_score_figure(figure, score)
    return [table, figure]


def write_score_page(
    folder: Path, score: Score, loaded: LoadedModel, recording: ModelledRecording, sound: Audio | None
) -> Path:
    """Write ``NAME.score.html``: the dance in 3-D with its song, the curve, and the stretches that stand out."""
    output, sidecar = only_motion(loaded)
    clip = decode_motion(recording.outputs[output].astype(float), sidecar)
    values, low, high = (
        np.where(score.is_counted, rows, np.nan) for rows in (score.likelihood.whole, *score.typical_range)
    )
    path = folder / f"{score.name}.score.html"
    dance = ShownDance(name=score.name, clip=clip, log_likelihood=values, typical=(low, high))
    stretches = [
        MarkedStretch(start=one.start, stop=one.stop, parts=one.parts, lowest=one.lowest) for one in score.stretches
    ]
    write_page(path, [dance], title=score.name, sound=sound, beats=score.beats, stretches=stretches)
    return path


def write_offset(folder: Path, curve: OffsetCurve, name: str) -> list[Path]:
    """Write ``NAME.offset.csv`` and ``NAME.offset.png``."""
    table, figure = (folder / f"{name}.offset.{suffix}" for suffix in ("csv", "png"))
    rows = [
        {"seconds": f"{seconds:.4f}", "nats": f"{nats:.2f}"}
        for seconds, nats in zip(curve.seconds, curve.nats, strict=True)
    ]
    write_text(table, write_table(["seconds", "nats"], rows))
    write_offset_figure(figure, curve, name)
    return [table, figure]


def told_score(score: Score, held_out: float | None) -> str:
    """The score in a few lines."""
    known = "" if held_out is None else f"; of held-out data in its training, {held_out:.2f}"
    return (
        f"{score.name}: log-likelihood {score.nats_per_dim:.2f} nats/dim ({score.bits_per_dim:.2f} bits/dim; the more, "
        f"the likelier) over {score.seconds:.1f} s, median {score.median:.2f}; "
        f"of what the model would draw there, {score.typical:.2f}{known}\n{_stretches(score.stretches)}"
    )


def told_offset(curve: OffsetCurve, name: str) -> str:
    """What the curve says of the shift."""
    margin = f"{curve.margin:.0f} nats likelier than any other shift, confidence {curve.confidence:.2f}"
    if curve.is_sure:
        return f"{name} is likeliest where it starts at {curve.best:+.2f} s of its song: {margin}"
    if curve.is_at_edge:
        return (
            f"{name}: no shift is claimed, for the likeliest is {curve.best:+.2f} s, at the end of those that were "
            "tried; raise --most"
        )
    return (
        f"{name}: no shift is claimed, for several are about as likely; the likeliest is {curve.best:+.2f} s ({margin})"
    )


def held_out_likelihood(loaded: LoadedModel) -> float | None:
    """Log-likelihood of held-out data in its training, in nats per dimension; None where the run does not say."""
    output, outputs = only_motion(loaded)[0], loaded.model.config.outputs
    key = "val/nll" if len(outputs) == 1 else f"{output}/nll"
    try:
        values = [row.get(key) for row in read_metrics(loaded.folder.parent / METRICS_FILE)]
    except FormatError:
        return None
    found = [float(value) for value in values if is_number(value)]
    if not found:
        return None
    return -(min(found) if loaded.folder.name == _BEST else found[-1])


def _as_csv(score: Score) -> str:
    found = score.likelihood
    columns = {"log_likelihood": found.whole, "typical": found.typical, "surprise": found.surprise}
    columns |= {f"surprise {name}": values for name, values in found.group_surprise.items()}
    rows = [
        {
            "frame": str(frame),
            "seconds": f"{frame / score.fps:.4f}",
            **{name: f"{values[frame]:.4f}" for name, values in columns.items()},
        }
        for frame in range(len(found.whole))
    ]
    return write_table(["frame", "seconds", *columns], rows)


def _stretches(stretches: Sequence[Stretch]) -> str:
    if not stretches:
        return "no stretch stands out"
    lines = [("", "seconds", "nats/dim", "deviations", "parts")]
    lines += [
        (
            str(number),
            f"{one.start:.2f} to {one.stop:.2f}",
            f"{one.lowest:.2f}",
            f"{one.deviations:.0f}",
            ", ".join(one.parts),
        )
        for number, one in enumerate(stretches[:_MOST_STRETCHES], 1)
    ]
    more = len(stretches) - _MOST_STRETCHES
    told = [f"and {more} more stretches that stand out"] if more > 0 else []
    return "\n".join([aligned_columns(lines, left=[4]), *told])
