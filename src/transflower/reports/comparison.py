"""A comparison of two motions: a table, a CSV file, and a page with both dancers, numbers and a figure."""

import math
from html import escape
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.audio.audio import Audio
from transflower.core.files import write_text
from transflower.core.table import write_table
from transflower.core.text_table import aligned_columns
from transflower.evaluation.comparison import Comparison, DancerFacts
from transflower.reports.comparison_figure import as_svg, comparison_figure
from transflower.viewer import ShownDance, page_html

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5em auto; max-width: 1100px; padding: 0 1em; color: #222;
  background: #fff; overflow-wrap: anywhere; }
iframe { width: 100%; height: min(76vh, 640px); border: 0; border-radius: 8px; color-scheme: normal; }
.figure { overflow-x: auto; } svg { width: 100%; min-width: 640px; height: auto; }
ul { padding-left: 1.2em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: 3px 16px 3px 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
@media (prefers-color-scheme: dark) {
  body { color: #f0eeea; background: #14151c; }
  svg { border-radius: 8px; }
}
"""
Row = tuple[str, ...]


def write_comparison(
    folder: Path,
    comparison: Comparison,
    names: tuple[str, str],
    facts: tuple[DancerFacts, DancerFacts],
    *,
    sound: Audio | None,
    beats: Float[np.ndarray, " B"] | None,
) -> list[Path]:
    """Write ``A_B.compare.csv`` and ``A_B.compare.html``."""
    title = "_".join(names)
    table, page = (folder / f"{title}.compare.{suffix}" for suffix in ("csv", "html"))
    columns = {
        "position_error": comparison.position_error,
        "pose_error": comparison.pose_error,
        "velocity_error": comparison.velocity_error,
        **comparison.parts,
    }
    rows = [
        {
            "seconds": f"{comparison.start + frame / comparison.fps:.4f}",
            **{name: f"{values[frame]:.5f}" for name, values in columns.items()},
        }
        for frame in range(len(comparison.pose_error))
    ]
    shown = [ShownDance(name=name, clip=clip) for name, clip in zip(names, comparison.clips, strict=True)]
    inner = page_html(shown, title=" and ".join(names), sound=sound, beats=beats)
    html = _page(inner, comparison, names, facts, beats)
    write_text(table, write_table(["seconds", *columns], rows))
    write_text(page, html)
    return [table, page]


def told_comparison(comparison: Comparison, names: tuple[str, str], facts: tuple[DancerFacts, DancerFacts]) -> str:
    """The comparison for a terminal."""
    told = [_aligned(comparison, names), *(f"{name}: {value}" for name, value in _distances(comparison))]
    return "\n".join([*told, aligned_columns(_facts(names, facts))])


def _aligned(comparison: Comparison, names: tuple[str, str]) -> str:
    common = f"{len(comparison.pose_error) / comparison.fps:.2f} s in common"
    if comparison.correlation is None:
        return f"{common}, not aligned"
    if comparison.shift == 0:
        return f"{common}; no shift in time (speeds correlate by {comparison.correlation:.2f})"
    way = "later" if comparison.shift > 0 else "earlier"
    return (
        f"{common}; {names[1]} does the same {abs(comparison.shift):.3f} s {way} "
        f"(speeds correlate by {comparison.correlation:.2f})"
    )


def _distances(comparison: Comparison) -> list[tuple[str, str]]:
    worst = int(np.argmax(comparison.pose_error))
    most = f"{100 * comparison.pose_error[worst]:.1f} cm at {comparison.start + worst / comparison.fps:.2f} s"
    return [
        ("mean distance of the joints", f"{100 * comparison.position_error.mean():.1f} cm"),
        (
            "with the hips at the same place",
            f"{100 * comparison.pose_error.mean():.1f} cm; most {most}",
        ),
        ("mean difference of velocities", f"{100 * comparison.velocity_error.mean():.1f} cm/s"),
    ]


def _facts(names: tuple[str, str], facts: tuple[DancerFacts, DancerFacts]) -> list[Row]:
    rows: list[Row] = [
        ("", *names),
        ("mean speed of the joints (cm/s)", *(_number(100 * one.speed) for one in facts)),
        ("slide of standing feet (cm/s)", *(_number(100 * one.slide) for one in facts)),
    ]
    for what, kind in (("dips of the hips", "dips"), ("moments of slowing down", "stops")):
        locks = [getattr(one, kind) for one in facts]
        if all(lock is not None for lock in locks):
            pairs = [f"{_number(one.lock, 2)} ({_number(one.chance, 2)})" for one in locks]
            rows.append((f"{what}: lock to the beats (by chance)", *pairs))
            rows.append((f"{what}: on the beat (1; half a beat off: -1)", *(_number(one.on_beat, 2) for one in locks)))
    return rows


def _number(value: float, places: int = 1) -> str:
    return "none" if math.isnan(value) else f"{value:.{places}f}"


def _page(
    inner: str,
    comparison: Comparison,
    names: tuple[str, str],
    facts: tuple[DancerFacts, DancerFacts],
    beats: Float[np.ndarray, " B"] | None,
) -> str:
    title = escape(" and ".join(names))
    head, *rest = _facts(names, facts)
    lines = ["<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rest]
    told = "".join(f"<li>{escape(name)}: <b>{escape(value)}</b></li>" for name, value in _distances(comparison))
    body = (
        f'<h1>{title}</h1><iframe srcdoc="{escape(inner)}" allow="fullscreen; autoplay" title="{title}"></iframe>'
        f"<p>{escape(_aligned(comparison, names))}</p><ul>{told}</ul><table>{''.join(lines)}</table>"
        f'<div class="figure">{as_svg(comparison_figure(comparison, beats))}</div>'
    )
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        (
            f'<!doctype html>\n<html lang="en">\n<head>{meta}<title>{title}</title><style>{_STYLE}</style></head>\n'
            f"<body>\n{body}\n</body>\n</html>\n"
        )
        .encode(errors="replace")
        .decode()
    )
