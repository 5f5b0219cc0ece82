"""``python -m benchmarks.duets --model MODEL --data FEATURES``: followers beside held-out leaders, or wrong ones."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from benchmarks.command import print_table
from transflower.core.errors import DataError
from transflower.core.options.ranges import Count
from transflower.data.store import Store
from transflower.evaluation.couple import CoupleDistances, couple_distances
from transflower.features.motion.codec import decode_motion, places_of
from transflower.generation import SamplingOptions, Song, generate, motion_sidecars, open_song
from transflower.generation.likelihood import frame_log_likelihood
from transflower.generation.partner import partner_condition
from transflower.models import load_model
from transflower.motion.clip import Clip

Found = dict[str, float]
_FOLLOWER = "follower"


@dataclass(frozen=True, kw_only=True)
class Duets:
    """Compare followers of a model with those of real couples."""

    model: Path
    """Folder of a model or run that has learnt from couples."""
    data: Path
    """Folder of features of couples; those of the split val were not learnt from."""
    seeds: Count = 3
    """Dances beside each leader."""
    out: Path | None = None
    """JSON file for the figures."""


def main(argv: Sequence[str]) -> int:
    """Dance, measure, print."""
    return print_table(Duets, lambda options: Comparison(options).rows(), argv, prog="python -m benchmarks.duets")


class Comparison:
    """Real couples, and leaders with followers who were drawn."""

    def __init__(self, options: Duets) -> None:
        self._loaded, self._options = load_model(options.model), options
        self._store = Store(options.data)
        partner = partner_condition(self._loaded)
        if partner is None:
            raise DataError(f"{options.model} has not learnt to dance with a partner")
        self._partner, self._sidecar = partner, motion_sidecars(self._loaded)[_FOLLOWER]
        self._learnt, self._held_out = self._store.ids("train"), self._store.ids("val")

    def rows(self) -> dict[str, Found]:
        """Couples who were learnt from, held-out ones, and followers of the model beside right and wrong leaders."""
        learnt = CoupleDistances.joined([self._real(one) for one in self._learnt])
        found = {
            "learnt from": self._measured([learnt], learnt),
            "held out": self._measured([self._real(one) for one in self._held_out], learnt)
            | {"nats/dim": self._nats(wrong=False)},
        }
        for name, wrong in (("model", False), ("model, wrong leader", True)):
            for seed in range(self._options.seeds):
                distances = [self._drawn(number, seed, wrong=wrong) for number in range(len(self._held_out))]
                found[f"{name}, seed {seed}"] = self._measured(distances, learnt)
        found["held out, wrong leader"] = {"nats/dim": self._nats(wrong=True)}
        return found

    def _measured(self, parts: list[CoupleDistances], real: CoupleDistances) -> Found:
        whole = CoupleDistances.joined(parts)
        return {
            "hips apart (m)": float(np.median(whole.hips)),
            "spread of it": float(whole.hips.std()),
            "hands apart (m)": float(np.median(whole.hands)),
            "like couples": whole.within(real),
        }

    def _song(self, number: int, *, wrong: bool) -> Song:
        """The song of a held-out couple, with its leader or with one that was learnt from."""
        own = open_song(self._loaded, self._held_out[number], data=self._options.data)
        if not wrong:
            return own
        other = open_song(self._loaded, self._learnt[number % len(self._learnt)], data=self._options.data)
        name, frames = self._partner.name, min(own.frames, other.frames)
        inputs = {**own.inputs, name: other.inputs[name]}
        return Song(
            name=own.name,
            inputs={key: rows[:frames] for key, rows in inputs.items()},
            frames=frames,
            fps=own.fps,
            sound=None,
            partner=own.partner,
        )

    def _real(self, one: str) -> CoupleDistances:
        rows = self._store.open(one, self._partner.name).read().astype(float)
        leader = decode_motion(rows, self._partner.sidecar)
        return self._distances(leader, self._store.open(one, _FOLLOWER).read().astype(float))

    def _drawn(self, number: int, seed: int, *, wrong: bool) -> CoupleDistances:
        song = self._song(number, wrong=wrong)
        assert song.partner is not None
        options = SamplingOptions(seed=seed)
        drawn = generate(self._loaded, song.inputs, num_frames=song.frames, options=options, label=song.name)
        return self._distances(song.partner, drawn[_FOLLOWER][0].astype(float))

    def _distances(self, leader: Clip, rows: Float[np.ndarray, "T D"]) -> CoupleDistances:
        places = places_of(leader, self._partner.sidecar)
        return couple_distances(leader, decode_motion(rows, self._sidecar, partner=places))

    def _nats(self, *, wrong: bool) -> float:
        found = []
        for number, one in enumerate(self._held_out):
            song = self._song(number, wrong=wrong)
            rows = self._store.open(one, _FOLLOWER).read()[: song.frames]
            found.append(frame_log_likelihood(self._loaded, song.inputs, {_FOLLOWER: rows})[_FOLLOWER].mean())
        return -float(np.mean(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
