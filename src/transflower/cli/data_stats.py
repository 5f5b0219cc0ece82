"""``transflower data stats FOLDER``."""

from collections.abc import Sequence

from transflower.cli.given import check_features
from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.stats.options import StatsConfig


def run(argv: Sequence[str], *, prog: str) -> int:
    """Print the statistics, and write the page."""
    options = parse(StatsConfig, argv, positional=["folder"], prog=prog)
    check_features(options.folder)
    # It takes long to load, which --help must not.
    from transflower.data.stats.folder_stats import measure_folder
    from transflower.data.stats.page import check_new, write_page
    from transflower.data.stats.text import told

    if options.page is not None:
        check_new(options.page, overwrite=options.overwrite)
    stats = measure_folder(options)
    say(told(stats, most=options.most))
    if options.page is not None:
        write_page(options.page, stats, most=options.most)
        say(f"the page is {options.page}")
    return 0
