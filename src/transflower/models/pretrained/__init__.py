"""The pretrained model of the package, used where no model is given.

It is a ``dancer-small``, trained on synthetic songs and dances alone; README.md beside it says how, with what result.
"""

from pathlib import Path

from transflower.models.checkpoint import load_model, save_model

PRETRAINED = Path(__file__).parent / "groove"
"""Folder of the model."""


def replace_pretrained(run: Path | str) -> None:
    """Let a trained model, or the best one of a run, take the dancer's place, at half the size.

    Raises:
        TransflowerError: there is no model, or it cannot be read.
    """
    loaded = load_model(run)
    save_model(PRETRAINED, loaded.model, sidecars=loaded.sidecars, is_compact=True)
