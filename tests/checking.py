"""Annotated types and shapes are checked at every call into the package, in little time.

The decorator of jaxtyping makes checkers of every function when it is imported, binds the arguments at every call by
`inspect`, and checks them twice. This one makes a checker at the first call, and checks once.
"""

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

import beartype
import jaxtyping

_by_jaxtyping = jaxtyping.jaxtyped
_beartyped = beartype.beartype(conf=beartype.BeartypeConf(violation_type=jaxtyping.TypeCheckError))
_NEW_SHAPES = jaxtyping.jaxtyped("context")
"""Letters of shapes mean within it what the arguments of one call say."""


def install() -> None:
    """Modules that the import hook of jaxtyping changes are checked by `jaxtyped` of this file."""
    jaxtyping.jaxtyped = jaxtyped


def jaxtyped(fn: Any = None, *, typechecker: Any) -> Any:
    """A function with checks, or a class whose `__init__` has them if it is a dataclass."""
    if fn is None:
        return functools.partial(jaxtyped, typechecker=typechecker)
    if inspect.isclass(fn):
        if dataclasses.is_dataclass(fn) and "__init__" in vars(fn):
            fn.__init__ = jaxtyped(fn.__init__, typechecker=typechecker)
        return fn
    if not inspect.isfunction(fn) or inspect.isgeneratorfunction(fn):
        return _by_jaxtyping(fn, typechecker=typechecker)
    return _checked(fn)


def _checked(fn: Callable[..., Any]) -> Callable[..., Any]:
    checker = None

    @functools.wraps(fn)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal checker
        if jaxtyping.config.jaxtyping_disable:
            return fn(*args, **kwargs)
        if checker is None:
            fn.__annotations__ = {name: _hint(hint, fn) for name, hint in fn.__annotations__.items()}
            checker = _beartyped(fn)
        with _NEW_SHAPES:
            return checker(*args, **kwargs)

    return wrapped


def _hint(annotation: Any, fn: Callable[..., Any]) -> Any:
    """An annotation without strings; anything, where it names what is imported for type checkers only."""

    def holder(value: annotation) -> None:
        pass

    try:
        return typing.get_type_hints(holder, fn.__globals__, include_extras=True)["value"]
    except Exception:
        return Any
