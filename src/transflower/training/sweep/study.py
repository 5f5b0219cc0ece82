"""The trials of a sweep, in Optuna's journal in its folder: several processes and machines may share it."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from transflower.core.errors import OptionsError
from transflower.core.options import merge
from transflower.core.options.differences import differences
from transflower.core.options.tree import Tree
from transflower.core.seeds import derive_seed
from transflower.training.folder import RunFolder
from transflower.training.sample_metrics import is_better_higher
from transflower.training.sweep.plan import Params, Range, SweepPlan

if TYPE_CHECKING:
    import optuna

_NAME = "sweep"
_PLAN = "plan"
_BASE = "base"
_MAY_CHANGE = {
    *("data.num_workers", "training.accelerator", "training.devices", "training.nodes", "training.strategy"),
    *("training.save_every", "training.keep", "training.log_every"),
}
"""Options that change no metric of a trial."""
_MOST_SEED = 2**32
_HELD = "held"
_MOST_DEATHS = 3
"""Processes that may die of one trial, without getting further than the one before."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of a sweep."""

    number: int
    params: Params
    state: str
    """``waiting``, ``running``, ``complete`` or ``failed``."""
    value: float | None
    """Of the metric of the sweep; of trials that are complete."""
    error: str
    """Why it failed."""
    folder: Path


def most_deaths(plan: SweepPlan) -> int:
    """Of processes in a sweep: with more, they die of something else than trials."""
    return _MOST_DEATHS * plan.limits.trials


class TrialStore:
    """Hands out trials, and remembers what came of them."""

    def __init__(self, folder: Path, plan: SweepPlan, base: Tree) -> None:
        """Open the journal, or begin one.

        Raises:
            OptionsError: Optuna is missing, or the folder is of another sweep.
        """
        self._optuna = _import_optuna()
        from transflower.training.sweep.journal import Journal

        self.folder, self._plan = folder, plan
        (folder / "trials").mkdir(parents=True, exist_ok=True)
        self.is_maximised = is_better_higher(plan.limits.metric) or False
        backend = Journal(folder / "sweep.journal")
        with self._alone():
            self._study = self._optuna.create_study(
                study_name=_NAME,
                storage=self._optuna.storages.JournalStorage(backend),
                direction="maximize" if self.is_maximised else "minimize",
                load_if_exists=True,
            )
            self._check_same(base)

    @property
    def trials(self) -> list[Trial]:
        """All of them, in order."""
        return [self._told(one) for one in self._study.get_trials(deepcopy=False)]

    @property
    def best(self) -> Trial | None:
        """The one with the best value so far."""
        known = [one for one in self.trials if one.value is not None]
        sign = -1 if self.is_maximised else 1
        return min(known, key=lambda one: sign * (one.value or 0.0), default=None)

    @contextmanager
    def next(self) -> Iterator[Trial | None]:
        """A trial that no other process works at: one that was stopped, or a new one; None where all are taken."""
        with self._alone():
            number, lock = self._unfinished() or self._new() or (0, None)
        if lock is None:
            yield None
            return
        try:
            yield self._told(self._frozen(number))
        finally:
            # A process that is killed does not come here.
            self._let_go(number)
            lock.release()

    def tell(self, trial: Trial, value: float, error: str = "") -> None:
        """What came of a trial; one without a finite value has failed."""
        with self._alone():
            self._tell(trial.number, value, error)

    def _tell(self, number: int, value: float, error: str) -> None:
        if error:
            self._raw(number).set_user_attr("error", error)
        if math.isfinite(value):
            self._study.tell(number, value)
        else:
            self._study.tell(number, state=self._optuna.trial.TrialState.FAIL)

    def _unfinished(self) -> tuple[int, FileLock] | None:
        """A trial that was begun, and that no process works at, with its lock."""
        for one in self._study.get_trials(deepcopy=False):
            if self._is_running(one) and (lock := self._claimed(one.number)):
                return one.number, lock
        return None

    def _new(self) -> tuple[int, FileLock] | None:
        """A new trial, if there are to be more, whose options depend on the seed and on the trials before it."""
        number = len(self._study.get_trials(deepcopy=False))
        if number >= self._plan.limits.trials:
            return None
        seed = derive_seed(self._plan.limits.seed, "sweep", number) % _MOST_SEED
        # Other processes try other options at the same time: those that run count as bad ones.
        self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self._suggest(self._study.ask())
        lock = self._claimed(number)
        return None if lock is None else (number, lock)

    def _suggest(self, trial: "optuna.Trial") -> None:
        for name, choices in self._plan.space.items():
            if not isinstance(choices, Range):
                trial.suggest_categorical(name, choices)
            elif isinstance(choices.low, int) and isinstance(choices.high, int):
                trial.suggest_int(name, choices.low, choices.high, log=choices.log)
            else:
                trial.suggest_float(name, choices.low, choices.high, log=choices.log)

    def _claimed(self, number: int) -> FileLock | None:
        lock = FileLock(self.folder / "trials" / f".{number:04d}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        if self._hold(number):
            # One that was killed before all of its options were chosen gets the others now.
            self._suggest(self._raw(number))
            return lock
        lock.release()
        return None

    def _hold(self, number: int) -> bool:
        """Note that a process works at a trial. The trial has failed where processes die of it: then False."""
        saved = _saved_at(self._folder(number))
        before = self._frozen(number).user_attrs.get(_HELD)
        deaths = 0 if before is None else 1 + (before["deaths"] if before["saved"] == saved else 0)
        if deaths < _MOST_DEATHS:
            self._raw(number).set_user_attr(_HELD, {"deaths": deaths, "saved": saved})
            return True
        error = f"its process was killed {deaths} times and got no further, perhaps for want of memory"
        self._tell(number, math.nan, error)
        return False

    def _let_go(self, number: int) -> None:
        with self._alone():
            if self._is_running(self._frozen(number)):
                self._raw(number).set_user_attr(_HELD, None)

    def _is_running(self, one: "optuna.trial.FrozenTrial") -> bool:
        return one.state == self._optuna.trial.TrialState.RUNNING

    def _raw(self, number: int) -> "optuna.Trial":
        return self._optuna.Trial(self._study, self._frozen(number)._trial_id)

    def _frozen(self, number: int) -> "optuna.trial.FrozenTrial":
        return self._study.get_trials(deepcopy=False)[number]

    def _told(self, one: "optuna.trial.FrozenTrial") -> Trial:
        frozen = self._frozen(one.number)
        states = {"COMPLETE": "complete", "FAIL": "failed", "RUNNING": "running"}
        return Trial(
            number=frozen.number,
            params=dict(frozen.params),
            state=states.get(frozen.state.name, "waiting"),
            value=frozen.value if frozen.state.name == "COMPLETE" else None,
            error=str(frozen.user_attrs.get("error", "")),
            folder=self._folder(frozen.number),
        )

    def _folder(self, number: int) -> Path:
        return self.folder / "trials" / f"{number:04d}"

    def _alone(self) -> FileLock:
        """One process at a time chooses: the number of trials is exact."""
        return FileLock(self.folder / ".sweep.lock")

    def _check_same(self, base: Tree) -> None:
        plan = asdict(self._plan)
        plan["limits"].pop("trials")
        text = json.dumps(plan, sort_keys=True)
        before = self._study.user_attrs.get(_PLAN)
        if before is None:
            self._study.set_user_attr(_PLAN, text)
        elif before != text:
            raise OptionsError(
                f"{self.folder} holds a sweep of other options; go on with its own file, in which only the number of "
                "trials may grow, or name another --out"
            )
        # What the plan says is said by the plan; a relative folder may be another one elsewhere.
        tree = merge(self._plan.tree(base, {}), {"data": {"folder": str(Path(base["data"]["folder"]).resolve())}})
        now = json.loads(json.dumps(tree))
        old = self._study.user_attrs.get(_BASE)
        if old is None:
            self._study.set_user_attr(_BASE, now)
            return
        different = differences(old, now)
        changes = [f"{name} ({different[name]})" for name in different.keys() - _MAY_CHANGE - self._plan.space.keys()]
        if changes:
            raise OptionsError(
                f"{self.folder} holds a sweep of another experiment: {', '.join(sorted(changes))}; go on with its own "
                "options, or name another --out"
            )


def _saved_at(folder: Path) -> int:
    """When the run in ``folder`` was saved last."""
    resume = RunFolder(folder).resume
    return resume.stat().st_mtime_ns if resume.exists() else 0


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise OptionsError("--sweep needs Optuna: pip install 'transflower[sweep]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
