"""The true distribution of the moves of synthetic dances, and the ground truth of each recording.

The move of a phrase is drawn independently, given the style and the energy of the music. Its probabilities are known
exactly, so a model's dances can be compared with them. Shape letters: P phrases, M moves.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError
from transflower.core.files import read_json
from transflower.synthetic.moves import MOVES
from transflower.synthetic.moves.idle import IDLE

MOVE_NAMES = tuple(MOVES)
"""The moves in the order of the columns of every table."""

_UNFIT = 0.02
"""Affinity of a move to a style that it does not name."""
_ENERGY_WIDTH = 0.1
"""Standard deviation, in energy from 0 to 1, of a move from the music."""
_ANY = 0.03
"""Probability that a move is drawn uniformly."""


def move_probabilities(style: str, energy: float) -> Float[np.ndarray, "M"]:
    """The probability of every move in a phrase of music of that style and energy."""
    affinity = np.array([move.styles.get(style, 0.0) + _UNFIT for move in MOVES.values()])
    distance = np.array([move.energy - energy for move in MOVES.values()])
    fitness = affinity * np.exp(-0.5 * (distance / _ENERGY_WIDTH) ** 2)
    return (1 - _ANY) * fitness / fitness.sum() + _ANY / len(MOVES)


def phrase_probabilities(style: str, energies: Sequence[float]) -> Float[np.ndarray, "P M"]:
    """``move_probabilities`` of every phrase of a song."""
    return np.stack([move_probabilities(style, energy) for energy in energies])


def draw_moves(style: str, energies: Sequence[float], rng: np.random.Generator) -> list[str]:
    """A move for each phrase, drawn from the true distribution."""
    return [str(rng.choice(MOVE_NAMES, p=row)) for row in phrase_probabilities(style, energies)]


_OPTIONAL = ("genre", "music_beats", "downbeats")


@dataclass(frozen=True, kw_only=True)
class GroundTruth:
    """What is known of a synthesised song and its dance."""

    style: str
    tempo: float
    """Beats per minute."""
    beats: tuple[float, ...]
    """Seconds of every beat that is danced, the first of them a downbeat."""
    sections: tuple[str, ...]
    """Of each phrase of eight beats; the last may be cut short by the end of the song."""
    energies: tuple[float, ...]
    """Of each phrase, 0 to 1."""
    moves: tuple[str, ...]
    """What was danced in each phrase; ``idle`` where no music was heard."""
    mirrored: tuple[bool, ...]
    """Whether it was danced as the mirror image of the move as written."""
    is_noisy: bool = False
    """Whether the song is disturbed, so that its beats may not be heard."""
    genre: str = ""
    """The kind of music, where it is another one than the style."""
    music_beats: tuple[float, ...] = ()
    """Seconds of every beat of the music, where a dancer may take every second one."""
    downbeats: tuple[float, ...] = ()
    """Seconds of the first beat of every bar, where bars may have other beats than four that are danced."""

    @property
    def is_idle(self) -> tuple[bool, ...]:
        """Whether the dancer only sways, phrase by phrase."""
        return tuple(move == IDLE.name for move in self.moves)

    @property
    def probabilities(self) -> Float[np.ndarray, "P M"]:
        """Of every move in every phrase, by the true distribution."""
        return phrase_probabilities(self.style, self.energies)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; without what is only known of songs of many genres, of others."""
        return {name: value for name, value in asdict(self).items() if name not in _OPTIONAL or value}

    @classmethod
    def read(cls, path: Path | str) -> "GroundTruth":
        """Read what ``to_dict`` gave from a JSON file.

        Raises:
            FormatError: not such a file.
        """
        tree = read_json(path)
        names = {field.name for field in fields(cls)}
        if not isinstance(tree, dict) or not names - set(_OPTIONAL) <= set(tree) <= names:
            raise FormatError(
                path, f"is not the ground truth of a synthetic dance, which holds {', '.join(sorted(names))}"
            )
        kinds = {"style": str, "tempo": float, "is_noisy": bool, "genre": str}
        wrong = [name for name, value in tree.items() if not isinstance(value, kinds.get(name, list))]
        if wrong:
            raise FormatError(path, f"holds values of the wrong kind: {', '.join(wrong)}")
        unknown = {str(move) for move in tree["moves"]} - set(MOVE_NAMES) - {IDLE.name}
        if unknown:
            raise FormatError(path, f"names moves that do not exist: {', '.join(sorted(unknown))}")
        return cls(
            style=tree["style"],
            tempo=tree["tempo"],
            beats=tuple(tree["beats"]),
            sections=tuple(tree["sections"]),
            energies=tuple(tree["energies"]),
            moves=tuple(tree["moves"]),
            mirrored=tuple(tree["mirrored"]),
            is_noisy=tree["is_noisy"],
            genre=tree.get("genre", ""),
            music_beats=tuple(tree.get("music_beats", ())),
            downbeats=tuple(tree.get("downbeats", ())),
        )
