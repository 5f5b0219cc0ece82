"""Options: frozen dataclasses beside their owners, read from YAML and flags, written back to an equal object.

A part that can be exchanged is a frozen dataclass with ``registry: ClassVar[Registry]``: a field annotated with it is
chosen by ``type:``. The docstring under a field is its help text.
"""

from transflower.core.options.flags import parse
from transflower.core.options.renamed import translate
from transflower.core.options.tree import decode, encode, merge
from transflower.core.options.yaml_file import dump_yaml, load_yaml, write_yaml

__all__ = ["decode", "dump_yaml", "encode", "load_yaml", "merge", "parse", "translate", "write_yaml"]
