"""Experiments to start from: one YAML file each, with the options of a model and of its training."""

from collections.abc import Mapping
from pathlib import Path

PRESETS: Mapping[str, Path] = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}
"""Name -> file."""
