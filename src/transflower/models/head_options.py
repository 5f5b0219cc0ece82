"""Sampling options by name, as a call gives them, for the heads that have them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from transflower.core.options.tree import Problem, build, complete, refuse
from transflower.models.heads import Head, HeadSamplingOptions

_GROUP = "sampling"
"""Where the options are on the command line."""


def is_guided(options: HeadSamplingOptions) -> bool:
    """Whether drawing with these options compares with the context of dropped conditions."""
    return getattr(options, "guidance", 1.0) != 1.0


def decode_head_options(heads: Mapping[str, Head], given: Mapping[str, Any]) -> dict[str, HeadSamplingOptions]:
    """Output -> the options of its head: of ``given`` those that the head has.

    Raises:
        OptionsError: no head has an option of a name, or a value is none of its kind.
    """
    given = {name.replace("-", "_"): value for name, value in given.items()}
    names = {output: [field.name for field in fields(head.SampleOptions)] for output, head in heads.items()}
    there_are = ", ".join(sorted({name for known in names.values() for name in known})) or "none"
    problems = [
        Problem((_GROUP, name), f"no head of this model has such an option (there are: {there_are})")
        for name in given
        if not any(name in known for known in names.values())
    ]
    decoded = {}
    for output, head in heads.items():
        tree = {name: value for name, value in given.items() if name in names[output]}
        decoded[output], faults = build(head.SampleOptions, complete(head.SampleOptions, tree), (_GROUP,))
        problems += faults
    # Heads that share an option share its faults.
    refuse(list(dict.fromkeys(f"{'.'.join(problem.path)}: {problem.message}" for problem in problems)))
    return decoded
