"""``transflower evaluate MODEL... --data FEATURES``."""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from transflower.cli.given import check_features, check_model
from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.evaluation.folder_kinds import check_folder_kinds, check_systems
from transflower.evaluation.options import EvaluationConfig
from transflower.evaluation.report_folder import check_report_folder

if TYPE_CHECKING:
    from transflower.evaluation.results import Results


def run(argv: Sequence[str], *, prog: str) -> int:
    """Evaluate, print the table, and name the files."""
    options = parse(EvaluationConfig, argv, positional=["models"], prog=prog)
    check_folder_kinds(options)
    check_systems(options)
    check_features(options.data, *filter(None, [options.split]))
    for folder in options.model_folders:
        check_model(folder)
    check_report_folder(options.out, overwrite=options.overwrite)
    # It takes long to load, which neither --help nor what is told of mistakes must wait for.
    from transflower.evaluation.tables import told_within
    from transflower.reports.evaluation import evaluate

    report = evaluate(options)
    # What goes to a file or another program is one table.
    say(told_within(report.results, shutil.get_terminal_size(fallback=(sys.maxsize, 0)).columns))
    for line in _missing(report.results):
        say(line)
    say("\n".join(map(str, report.files)))
    return 0


def _missing(results: "Results") -> list[str]:
    """What none of the systems has, and why the first one has it not."""
    metrics: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for reasons in results.missing.values():
        for metric, reason in reasons.items():
            first.setdefault(metric, reason)
    for metric, reason in first.items():
        if metric not in results.definitions:
            metrics.setdefault(reason, []).append(metric)
    return [f"no {', '.join(some)}: {reason}" for reason, some in metrics.items()]
