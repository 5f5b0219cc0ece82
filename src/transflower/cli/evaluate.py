"""``transflower evaluate MODEL... --data FEATURES``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.evaluation.options import EvaluationConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Evaluate, print the table, and name the files."""
    options = parse(EvaluationConfig, argv, positional=["models"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.evaluation.tables import markdown
    from transflower.reports.evaluation import evaluate

    report = evaluate(options)
    say(markdown(report.results))
    for name, reasons in report.results.missing.items():
        for metric, reason in reasons.items():
            say(f"{name}: no {metric}: {reason}")
    say("\n".join(map(str, report.files)))
    return 0
