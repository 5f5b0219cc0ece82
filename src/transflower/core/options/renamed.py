"""Options of earlier versions: files and commands that use them keep working.

An option is found by its dotted path from the top of a command's options, in which ``*`` stands for one part or more.
The parts above the last have the names of today.
"""

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from transflower.core.errors import OptionsError

log = logging.getLogger(__name__)

Tree = dict[str, Any]

RENAMED: Mapping[str, str] = {
    "film": "render",
    "hold_feet": "foot_lock",
    "model.*.flow.changed_half": "transformed_half",
    "model.*.flow.coarser": "coarse_steps",
    "model.*.flow.frame_steps": "num_time_couplings",
    "model.*.flow.memory": "latent_ar",
    "model.encoder.random_reach": "random_lookahead",
    "model.history_noise.least": "sigma_min",
    "model.history_noise.memory": "decay",
    "model.history_noise.most": "sigma_max",
    "model.history_noise.shift": "offset_scale",
    "model.history_noise.unknown": "blank_prefix",
    "model.least_std": "min_std",
    "render.strip": "waveform",
    "seed_motion": "prompt",
    "seed_until": "prompt_until",
}
"""Path of an option -> the name that it has now, at the same place."""

REMOVED: Mapping[str, str] = {
    "model.encoder.*.norm": "transformers normalise after each residual sum",
    "model.*.flow.conditioner.norm": "transformers normalise after each residual sum",
    "model.*.flow.linear.start": "linear maps start as random rotations",
    "model.unrolls": "windows whose history the model draws itself did not pay for their time",
}
"""Path of an option that did not matter to a trained model -> why it is gone."""

LAST_READ: Mapping[tuple[str, str], str] = {
    ("model.encoder.*.norm", "pre"): "0.1.0",
    ("model.*.flow.base.type", "gaussian_mixture"): "0.1.0",
    ("model.*.flow.conditioner.norm", "pre"): "0.1.0",
    ("model.*.flow.conditioner.type", "causal"): "0.1.0",
    ("model.*.flow.linear.type", "none"): "0.1.0",
}
"""Path and value of an option without which the weights mean nothing -> the last version that reads them."""


def translate(tree: Tree, *, source: str | None = None) -> Tree:
    """A copy of ``tree`` with today's names.

    Args:
        tree: options as a file holds them.
        source: the file, for a notice of every change; by default nothing is said.

    Raises:
        OptionsError: an option is given by both names, or was removed with the weights that depend on it.
    """
    return _translate(tree, "", source)


def translate_flag(name: str) -> str | None:
    """Today's name of a flag, without its dashes; None where it is gone. A notice says so."""
    parts = name.replace("-", "_").split(".")
    above = ""
    for number, part in enumerate(parts):
        switch = "no_" if number == len(parts) - 1 and part.startswith("no_") else ""
        path = _join(above, part.removeprefix(switch))
        if why := _find(REMOVED, path):
            log.warning("--%s is gone and has no effect: %s", name, why)
            return None
        if new := _find(RENAMED, path):
            parts[number] = switch + new
        above = _join(above, parts[number])
    today = ".".join(parts)
    if today == name.replace("-", "_"):
        return name
    log.warning("--%s is called --%s now", name, today)
    return today


def _translate(tree: Tree, above: str, source: str | None) -> Tree:
    today: Tree = {}
    for key, value in tree.items():
        path = _join(above, str(key))
        if isinstance(value, str):
            check_read(path, value, source=source)
        if why := _find(REMOVED, path):
            _tell(source, path, f"is gone and has no effect: {why}")
            continue
        name = _find(RENAMED, path) or key
        if name != key:
            _tell(source, path, f"is called {name} now")
        if name in today or (name != key and name in tree):
            raise OptionsError(_named(source, f"{path} is called {name} now, and both are given; remove one"))
        path = _join(above, str(name))
        if isinstance(value, str):
            check_read(path, value, source=source)
        today[name] = _translate(value, path, source) if isinstance(value, dict) else value
    return today


def check_read(path: str, value: str, *, source: str | None = None) -> None:
    """Refuse a value that only earlier versions read.

    Raises:
        OptionsError: naming the last of them.
    """
    for (pattern, wanted), version in LAST_READ.items():
        if value == wanted and fnmatchcase(path, pattern):
            message = f"{path}: {value} is gone; transflower {version} is the last version that reads it"
            raise OptionsError(_named(source, message))


def _find(table: Mapping[str, str], path: str) -> str | None:
    return next((found for pattern, found in table.items() if fnmatchcase(path, pattern)), None)


def _join(above: str, part: str) -> str:
    return f"{above}.{part}" if above else part


def _named(source: str | None, message: str) -> str:
    return message if source is None else f"{source}: {message}"


@cache  # A file that is read again is told of once.
def _tell(source: str | None, path: str, message: str) -> None:
    if source is not None:
        log.warning("%s", _named(source, f"{path} {message}"))
