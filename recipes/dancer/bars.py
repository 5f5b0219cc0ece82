"""Bars of four beats, found in the steps of takes of one dance whose music is lost.

All takes share one pattern of steps in a bar. A take keeps a tempo that drifts a little: for each of a few likely tempi
the phase is followed by the Viterbi algorithm, and the pattern is learnt from all takes in turn (hard EM). Dancers of
one take, such as a couple, hear the same music and share its phase. Whether a bar can be told at all is decided against
the same steps in an order that is drawn.

Shape letters: N moments, M dancers of a take, H harmonics of the bar, K moments at which the phase may drift, S phases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex128, Float
from scipy.ndimage import gaussian_filter1d

from recipes.dancer.steps import RATE

BEATS = 4
"""Of a bar."""
_RATES = np.arange(28, 62, 0.05) / 60
"""Bars in a second: music of 112 to 248 beats a minute, as salsa has."""
_HARMONICS = np.arange(1, BEATS + 1)
_CANDIDATES, _APART = 4, 1.2 / 60
"""Rates that are tried for a take, and how far apart they are at least."""
_STEP = 15
"""Moments from one drift of the phase to the next."""
_SPREAD = 1.2 * RATE
"""Standard deviation, in moments, of the window in which steps tell the phase."""
_PHASES = 256
_DRIFT_COST = 0.7
"""Of a drift by one phase, in nats."""
_WEIGHT = 5.0
"""Of what the steps tell, in nats: neighbouring moments tell the same."""
_ROUNDS = 6
_SHUFFLES, _PIECES = 3, 12
"""Drawn orders of each take, and the pieces that are put into one."""
_DEVIATIONS = 2.5
"""Standard deviations above the mean of drawn orders from which on a score is no chance."""

_GRID = 2 * np.pi * np.arange(_PHASES) / _PHASES
_TURNS = np.exp(-1j * _HARMONICS[:, None] * _GRID)

Take = Sequence[Float[np.ndarray, "_"]]
"""The step signals ``[N]`` of all its dancers, from the same moment on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """What the steps of a take tell of its music."""

    score: float
    """How well they fit the pattern, in nats a drift."""
    chance: float
    """The score that the steps of such takes hardly reach in a drawn order."""
    phase: Float[np.ndarray, "N"]
    """Bars from some downbeat to each moment, which steadily grows."""

    @property
    def is_clear(self) -> bool:
        """Whether there is more than chance."""
        return self.score > self.chance

    def beats(self) -> Float[np.ndarray, "_"]:
        """Seconds of every beat, from the first downbeat on."""
        numbers = np.arange(np.ceil(self.phase[0]), self.phase[-1], 1 / BEATS)
        return np.interp(numbers, self.phase, np.arange(len(self.phase)) / RATE)


def find_bars(takes: Sequence[Take], rng: np.random.Generator) -> list[Bars]:
    """The bars of each take of one dance; takes have the same number of dancers, in the same roles."""
    candidates = [_likely_rates(take) for take in takes]
    patterns = _first_patterns(takes, candidates)
    for _ in range(_ROUNDS):
        fits = [_best_fit(take, patterns, rates) for take, rates in zip(takes, candidates, strict=True)]
        weights = np.array([max(fit.score, 1e-3) ** 2 * len(fit.phase) for fit in fits])
        patterns = np.einsum("t,tmh->mh", weights / weights.sum(), np.stack([fit.patterns for fit in fits]))
    fits = [_best_fit(take, patterns, rates) for take, rates in zip(takes, candidates, strict=True)]
    drawn = np.array([_shuffled_score(take, patterns, rng) for take in takes for _ in range(_SHUFFLES)])
    chance = float(drawn.mean() + _DEVIATIONS * drawn.std())
    downbeat = _downbeat(patterns)
    return [Bars(score=fit.score, chance=chance, phase=fit.phase - downbeat) for fit in fits]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fit:
    score: float
    phase: Float[np.ndarray, "N"]
    """In bars."""
    patterns: Complex128[np.ndarray, "M H"]
    """Of this take alone."""


def _likely_rates(take: Take) -> list[float]:
    """Those with the strongest harmonics, the strongest first."""
    power = np.sum([np.abs(_harmonics(signal, _RATES)) ** 2 for signal in take], axis=(0, 1))
    found: list[float] = []
    for rate in _RATES[np.argsort(-power)]:
        if all(abs(rate - other) >= _APART for other in found):
            found.append(float(rate))
        if len(found) == _CANDIDATES:
            break
    return found


def _harmonics(signal: Float[np.ndarray, "N"], rates: Float[np.ndarray, "_"]) -> Complex128[np.ndarray, "H _"]:
    seconds = np.arange(len(signal)) / RATE
    window = np.hanning(len(signal)) * signal / len(signal)
    return np.stack([np.exp(-2j * np.pi * np.outer(rates * number, seconds)) @ window for number in _HARMONICS])


def _first_patterns(takes: Sequence[Take], candidates: Sequence[Sequence[float]]) -> Complex128[np.ndarray, "M H"]:
    """Of the take with the clearest bars."""
    found = [
        np.stack([_harmonics(signal, np.array(rates[:1]))[:, 0] for signal in take])
        for take, rates in zip(takes, candidates, strict=True)
    ]
    return max(found, key=lambda patterns: float(np.sum(np.abs(patterns) ** 2)))


def _best_fit(take: Take, patterns: Complex128[np.ndarray, "M H"], rates: Sequence[float]) -> _Fit:
    return max((_fit(take, patterns, rate) for rate in rates), key=lambda fit: fit.score)


def _fit(take: Take, patterns: Complex128[np.ndarray, "M H"], rate: float) -> _Fit:
    local = np.stack([_local_harmonics(signal, rate) for signal in take])
    likelihoods = _WEIGHT * np.einsum("mh,mhk,hs->ks", patterns.conj(), local, _TURNS).real
    path, total = _likeliest_path(likelihoods)
    turns = np.exp(-1j * _HARMONICS[:, None] * _GRID[path])
    moments = np.arange(len(take[0]))
    drift = np.interp(moments, _STEP * np.arange(len(path)), np.unwrap(_GRID[path]))
    return _Fit(
        score=total / len(path),
        phase=rate * moments / RATE + drift / (2 * np.pi),
        patterns=(local * turns).mean(axis=-1),
    )


def _local_harmonics(signal: Float[np.ndarray, "N"], rate: float) -> Complex128[np.ndarray, "H K"]:
    seconds = np.arange(len(signal)) / RATE
    turned = signal * np.exp(-2j * np.pi * rate * np.outer(_HARMONICS, seconds))
    parts = [gaussian_filter1d(part, _SPREAD, axis=1, mode="constant") for part in (turned.real, turned.imag)]
    return (parts[0] + 1j * parts[1])[:, ::_STEP]


def _likeliest_path(likelihoods: Float[np.ndarray, "K S"]) -> tuple[np.ndarray, float]:
    """The phase at each moment, which drifts by one at most, and the sum of what it gains."""
    score, back = likelihoods[0], np.zeros(likelihoods.shape, np.int64)
    phases = np.arange(likelihoods.shape[1])
    for moment, gain in enumerate(likelihoods[1:], start=1):
        options = np.stack([np.roll(score, 1) - _DRIFT_COST, score, np.roll(score, -1) - _DRIFT_COST])
        best = options.argmax(axis=0)
        score = options[best, phases] + gain
        back[moment] = (phases + best - 1) % len(phases)
    path = [int(score.argmax())]
    for row in back[:0:-1]:
        path.append(int(row[path[-1]]))
    return np.array(path[::-1]), float(score.max())


def _downbeat(patterns: Complex128[np.ndarray, "M H"]) -> float:
    """Its phase in bars: beats are where the last harmonic is highest, and the one after the rest begins the bar."""
    pattern = patterns.sum(axis=0)
    beats = (np.arange(BEATS) - np.angle(pattern[-1]) / (2 * np.pi)) / BEATS
    strength = (pattern[:, None] * np.exp(2j * np.pi * np.outer(_HARMONICS, beats))).real.sum(axis=0)
    return float(beats[(int(strength.argmin()) + 1) % BEATS])


def _shuffled_score(take: Take, patterns: Complex128[np.ndarray, "M H"], rng: np.random.Generator) -> float:
    """The score of the same steps in a drawn order."""
    order, signs = rng.permutation(_PIECES), rng.choice([-1, 1], _PIECES)
    drawn = [
        np.concatenate([np.array_split(signal, _PIECES)[piece][:: signs[piece]] for piece in order]) for signal in take
    ]
    return _best_fit(drawn, patterns, _likely_rates(drawn)).score
