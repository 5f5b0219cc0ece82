"""``transflower data check FOLDER``."""

from collections.abc import Sequence
from pathlib import Path

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import CheckConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Print the report, and write the page; 2 if there are problems."""
    options = parse(CheckConfig, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.check import check_folder

    if options.page is not None:
        from transflower.data.stats.page import check_new

        check_new(options.page, overwrite=options.overwrite)
    report = check_folder(options)
    say(report)
    if options.page is not None:
        _write_page(options.page, options, str(report))
    return 2 if report.problems else 0


def _write_page(page: Path, options: CheckConfig, report: str) -> None:
    from transflower.data.stats.folder_stats import measure_folder
    from transflower.data.stats.options import StatsConfig
    from transflower.data.stats.page import write_page

    config = StatsConfig(folder=options.folder)
    write_page(page, measure_folder(config), most=config.most, check=report)
    say(f"the page is {page}")
