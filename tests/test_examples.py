"""Examples in docstrings print what they say."""

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"
MODULES = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in sorted((SOURCE / "transflower").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


class Finder(doctest.DocTestFinder):
    """Also finds functions that are wrapped to check the shapes of their arguments."""

    def _from_module(self, module, thing):
        return getattr(inspect.unwrap(thing), "__module__", None) == module.__name__


@pytest.mark.parametrize("module", MODULES)
def test_examples_print_what_they_say(module):
    found = import_module(module)
    runner, said = doctest.DocTestRunner(), []
    tests = [test for test in Finder(exclude_empty=True).find(found, module) if test.examples]
    assert tests
    for test in tests:
        runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)
