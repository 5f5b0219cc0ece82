"""What a sweep shows: a table of trials, a figure, a page with both, and the best options as YAML."""

import base64
import csv
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from transflower.core.files import write_text
from transflower.core.options import dump_yaml, encode
from transflower.core.options.tree import Tree
from transflower.training.sweep.figure import draw_trials
from transflower.training.sweep.plan import SweepPlan
from transflower.training.sweep.study import Trial, TrialStore

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1100px; padding: 0 1em; color: #222; }
img { max-width: 100%; height: auto; } .table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 3px 12px 3px 0; text-align: left; }
td { font-variant-numeric: tabular-nums; } tr.best td { font-weight: 600; } tr.failed td { color: #999; }
"""


def write_pages(out: Path, plan: SweepPlan, base: Tree, store: TrialStore) -> list[Path]:
    """Write ``trials.csv``, ``trials.png``, ``trials.html`` and, where a trial has a value, ``best.yaml``."""
    trials, best = store.trials, store.best
    write_text(out / "trials.csv", _csv(plan, trials))
    paths = [out / "trials.csv"]
    if best is not None:
        draw_trials(out / "trials.png", plan, trials, best)
        write_text(out / "trials.html", _html(out, plan, trials, best))
        write_text(out / "best.yaml", dump_yaml(encode(plan.experiment(base, best.params))))
        paths += [out / name for name in ("trials.html", "best.yaml")]
    return paths


def _rows(plan: SweepPlan, trials: Sequence[Trial]) -> list[list[str]]:
    header = ["trial", "state", plan.limits.metric, *plan.space, "error"]
    rows = [
        [
            str(one.number),
            one.state,
            "" if one.value is None else f"{one.value:.6g}",
            *(_cell(one.params.get(name, "")) for name in plan.space),
            one.error,
        ]
        for one in trials
    ]
    return [header, *rows]


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _csv(plan: SweepPlan, trials: Sequence[Trial]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(_rows(plan, trials))
    return text.getvalue()


def _html(out: Path, plan: SweepPlan, trials: Sequence[Trial], best: Trial) -> str:
    header, *rows = _rows(plan, trials)
    image = base64.b64encode((out / "trials.png").read_bytes()).decode()
    over = sum(one.state in {"complete", "failed"} for one in trials)
    title = f"Sweep: {over} of {plan.limits.trials} trials, best {plan.limits.metric} {best.value:.4g}"
    lines = [
        f'<tr class="{"best" if one.number == best.number else one.state}">'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row)
        + "</tr>"
        for one, row in zip(trials, rows, strict=True)
    ]
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = f'<h1>{escape(title)}</h1><img alt="trials" src="data:image/png;base64,{image}">'
    body += f'<div class="table"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{meta}<title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>\n"
    )
