"""``transflower extract contacts FOLDER``."""

from collections.abc import Sequence

from transflower.cli.printable import say
from transflower.core.options import parse
from transflower.data.verb_options import ContactsExtraction


def run(argv: Sequence[str], *, prog: str) -> int:
    """Find the contacts, and say how many sequences have them now."""
    options = parse(ContactsExtraction, argv, positional=["folder"], prog=prog)
    # It takes long to load, which --help must not.
    from transflower.data.contacts_extraction import extract_contacts

    say(extract_contacts(options))
    return 0
