"""What holds for every option of every verb, found by walking through the dataclasses."""

from importlib import import_module

import pytest

from transflower import cli
from transflower.core.errors import OptionsError
from transflower.core.options.leaf import check_leaf, metavar
from transflower.core.options.tree import is_choice, options_of, shape_of

CLASSES = {
    "demo": "Demo",
    "extract motion": "ExtractMotion",
    "extract audio": "ExtractAudio",
    "extract moves": "MovesExtraction",
    "extract contacts": "ContactsExtraction",
    "data import": "ImportConfig",
    "extract labels": "LabelsExtraction",
    "motion check": "CheckMotion",
    "motion clean": "CleanMotion",
    "data check": "CheckConfig",
    "data stats": "StatsConfig",
    "data split": "SplitConfig",
    "evaluate": "EvaluationConfig",
    "score": "Score",
    "compare": "Compare",
    "train": "Train",
    "generate": "Generate",
    "convert": "Convert",
    "view": "View",
    "import-checkpoint": "ImportCheckpoint",
}
MODULES = {"train": "train_run"}
"""Of verbs whose options need torch."""


def leaves(cls, seen):
    if cls in seen:
        return
    seen.add(cls)
    for name in cls.registry.names() if is_choice(cls) else ():
        yield from leaves(cls.registry[name], seen)
    for option in options_of(cls):
        shape = shape_of(option.annotation)
        while shape.kind in {"mapping", "sequence"}:
            shape = shape_of(shape.of)
        if shape.kind == "config":
            yield from leaves(shape.of, seen)
        else:
            yield f"{cls.__name__}.{option.name}", shape.of


@pytest.mark.parametrize("verb", sorted(cli.VERBS))
def test_no_option_takes_a_number_that_is_not_finite_or_an_empty_path(verb):
    module = import_module(f"transflower.cli.{MODULES.get(verb, verb.replace(' ', '_').replace('-', '_'))}")
    found = dict(leaves(getattr(module, CLASSES[verb]), set()))
    assert found
    for name, annotation in found.items():
        words = metavar(annotation)
        wrong = [float("nan"), float("inf"), -float("inf"), 10**30] if "FLOAT" in words or "INT" in words else []
        wrong += [""] if words.strip("[] .") in {"PATH", "PATH|none"} else []
        for value in [*wrong, *([item] for item in wrong)]:
            with pytest.raises(OptionsError):
                check_leaf(annotation, value)
                pytest.fail(f"{name} takes {value}")
