"""``transflower extract labels FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import LabelsExtraction


def run(argv: Sequence[str], *, prog: str) -> int:
    """Write the labels, and say which there are."""
    options = parse(LabelsExtraction, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.labels_extraction import extract_labels

    say(extract_labels(options))
    return 0
