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
:root { color-scheme: light dark; --ground: #fff; --ink: #222; --soft: #666; --edge: #ddd; }
@media (prefers-color-scheme: dark) { :root { --ground: #14151c; --ink: #f0eeea; --soft: #a2a4b0; --edge: #2b2d38; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1100px; padding: 0 1em;
  background: var(--ground); color: var(--ink); }
h1 { font-size: clamp(20px, 4vw, 30px); line-height: 1.2; }
.wide { overflow-x: auto; margin: 1em 0; }
img { display: block; width: 100%; min-width: 720px; height: auto; border-radius: 8px; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: left; vertical-align: top; white-space: nowrap;
  border-bottom: 1px solid var(--edge); }
.error { min-width: 24em; white-space: normal; }
.best td { font-weight: 600; } .failed td { color: var(--soft); }
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
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[:-1])
        + (f'<td class="error">{escape(row[-1])}</td></tr>' if row[-1] else "<td></td></tr>")
        for one, row in zip(trials, rows, strict=True)
    ]
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = f'<h1>{escape(title)}</h1><div class="wide"><img alt="trials" src="data:image/png;base64,{image}"></div>'
    body += f'<div class="wide"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{meta}<title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>\n"
    )
