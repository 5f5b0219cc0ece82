"""The pretrained models of the package; README.md beside them says how they were trained, with what result."""

from pathlib import Path

from transflower.models.checkpoint import load_model, save_model

PRETRAINED = Path(__file__).parent / "groove"
"""Folder of the model that is used where no model is given: a ``dancer-small``, trained on synthetic dances alone."""
SALSA = Path(__file__).parent / "salsa"
"""Folder of a ``dancer-people``, trained on salsa of people."""


def replace_pretrained(run: Path | str) -> None:
    """Let a trained model, or the best one of a run, take the dancer's place, at half the size.

    Raises:
        TransflowerError: there is no model, or it cannot be read.
    """
    loaded = load_model(run)
    save_model(PRETRAINED, loaded.model, sidecars=loaded.sidecars, is_compact=True)
