"""What a song is made of: sections, each with its energy, and stretches where less plays.

Shape letters: P phrases.
"""

from dataclasses import dataclass

import numpy as np

from transflower.synthetic.curves import PHRASE_BEATS

_ENERGIES = {"intro": (0.15, 0.35), "verse": (0.45, 0.65), "chorus": (0.8, 1.0), "break": (0.1, 0.3)}
_NEXT = {
    "intro": ("verse", "chorus"),
    "verse": ("chorus", "break"),
    "chorus": ("verse", "break"),
    "break": ("chorus", "verse"),
}
_WITHOUT_DRUMS = 0.12
"""Share of the phrases in which the drums fall silent, in songs where they do."""
_STOP_BEATS = (1, 2, 3, 4, 6)
_STOPS = 0.15
"""Share of the phrases before whose end everything stops, in songs where it does."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """The parts of a song, phrase by phrase."""

    sections: tuple[str, ...]
    energies: tuple[float, ...]
    """0 to 1."""
    drumless: tuple[bool, ...]
    """Whether only notes play."""
    stops: tuple[tuple[float, float], ...] = ()
    """Beats from which to which nothing plays."""


def draw_score(num_phrases: int, rng: np.random.Generator, *, unit: int = 1) -> Score:
    """Sections of one to three times ``unit`` phrases, each with its energy; everything plays throughout."""
    sections: list[str] = []
    energies: list[float] = []
    section = str(rng.choice(["intro", "verse"]))
    while len(sections) < num_phrases:
        length = int(rng.integers(1, 3)) if section in {"intro", "break"} else int(rng.integers(2, 4))
        if unit > 1:
            length = unit * max(1, length - 1)
        energy = float(rng.uniform(*_ENERGIES[section]))
        sections += [section] * length
        energies += [energy] * length
        section = str(rng.choice(_NEXT[section]))
    return Score(
        sections=tuple(sections[:num_phrases]),
        energies=tuple(energies[:num_phrases]),
        drumless=(False,) * num_phrases,
    )


def draw_score_with_breaks(num_phrases: int, rng: np.random.Generator, *, unit: int) -> Score:
    """The same; in some songs there are phrases without drums, and in some everything stops before a phrase."""
    score = draw_score(num_phrases, rng, unit=unit)
    drumless = rng.random(num_phrases) < _WITHOUT_DRUMS * (rng.random() < 0.5)
    stops = []
    if rng.random() < 0.4:
        ends = PHRASE_BEATS * (1 + np.flatnonzero(rng.random(num_phrases) < _STOPS))
        stops = [(float(end - rng.choice(_STOP_BEATS)), float(end)) for end in ends]
    return Score(
        sections=score.sections,
        energies=score.energies,
        drumless=tuple(bool(value) for value in drumless),
        stops=tuple(stops),
    )
