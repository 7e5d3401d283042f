"""Who does which trial: as many as were asked for, each finished once, whoever is killed in between.

A trial belongs to a worker from the moment it stands in the storage. A worker holds a lock as long as it
lives, by which others on its computer know at once that it is gone; others elsewhere see that it does not
tell of itself any more. The trial of one that is gone is taken over as it is, by number, settings and folder.
Should two ever believe that one is theirs, the storage lets one of them finish it, and the other finds that
out.
"""

from __future__ import annotations

import platform
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csai_core.errors import ConfigError
from csai_train.algorithms.registry import configure
from csai_train.errors import RunError
from csai_train.runs.lock import is_locked, locked
from csai_train.tuning.axes import Axis
from csai_train.tuning.storage import optuna

OWNER, VALUES, REASON = "owner", "values", "reason"
"""What is kept of a trial besides what Optuna keeps: whose it is, each seed's value, why it ended early."""
_SECONDS_BETWEEN_SIGNS = 10.0
_SECONDS_UNTIL_GONE = 60.0
_MOST_DRAWS = 100


@dataclass(frozen=True)
class Claim:
    """A trial that is this worker's to carry out."""

    number: int
    settings: Mapping[str, Any]
    """The values of what is searched."""


class Ledger:
    """The trials of a search, as one worker sees them.

    Args:
        study: Optuna's.
        storage: the study's.
        axes: what is searched.
        algorithm: its name.
        base: the settings that are not searched.
        num_trials: how many there shall be.
        folder: where this worker keeps runs.
        seed: with a trial's number decides what is tried.
    """

    def __init__(
        self,
        study: Any,
        storage: Any,
        *,
        axes: Sequence[Axis],
        algorithm: str,
        base: Mapping[str, Any],
        num_trials: int,
        folder: Path,
        seed: int,
    ) -> None:
        self._study, self._storage = study, storage
        self._axes, self._algorithm, self._base = axes, algorithm, base
        self._num_trials, self._folder, self._seed = num_trials, folder, seed
        self._states = optuna().trial.TrialState
        self._name = uuid.uuid4().hex[:12]
        self._place, self._computer = folder / "workers" / self._name, platform.node()
        self._mine: set[int] = set()
        self._signs = 0
        self._last_sign = 0.0
        self._seen: dict[int, tuple[Any, float]] = {}
        """By number: what its owner told last, and when this worker saw that first."""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Be known to be alive; what is not finished at the end is left to whoever comes."""
        for folder in (self._place, self._folder / "claims"):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with locked(self._place):
                yield
                for number in [*self._mine]:
                    self.release(number)
        finally:
            shutil.rmtree(self._place, ignore_errors=True)

    def claim(self) -> Claim | None:
        """A trial to carry out; None where there is none, now or at all (`is_complete`)."""
        with suppress(RunError), locked(self._folder / "claims"):
            return self._claim()
        return None  # another worker is at this very point

    def is_complete(self) -> bool:
        """Whether all trials are finished, by whoever it was."""
        wanted = self._counted()[: self._num_trials]
        return len(wanted) == self._num_trials and all(trial.state.is_finished() for trial in wanted)

    def complete(self, number: int, values: Sequence[float]) -> None:
        """Note what a trial has reached: the value of each seed."""
        self._note(number, VALUES, list(values))
        self._finish(number, self._states.COMPLETE, sum(values) / len(values))

    def report(self, number: int, reached: Mapping[int, float]) -> None:
        """Note how far a trial was by which step, as far as that is not known yet."""
        known = self._trial(number).intermediate_values
        for step, value in reached.items():
            if step not in known:
                self._storage.set_trial_intermediate_value(self._id(number), step, value)

    def prune(self, number: int, reason: str) -> None:
        """Note that a trial was ended, as it would not be among the good ones."""
        self._note(number, REASON, reason)
        self._finish(number, self._states.PRUNED)

    def release(self, number: int) -> None:
        """Leave a trial to others, to go on with."""
        if self.is_mine(number):
            with suppress(RuntimeError):
                self._storage.set_trial_state_values(self._id(number), self._states.WAITING)
        self._mine.discard(number)

    def is_mine(self, number: int) -> bool:
        """Whether a trial still is this worker's, or was taken over as it seemed to be gone."""
        return bool(self._trial(number).user_attrs.get(OWNER, {}).get("worker") == self._name)

    def give_sign(self) -> list[int]:
        """Tell of being alive now and then; the numbers of trials that others have taken over."""
        if time.monotonic() - self._last_sign < _SECONDS_BETWEEN_SIGNS:
            return []
        self._last_sign = time.monotonic()
        self._signs += 1
        lost = [number for number in sorted(self._mine) if not self.is_mine(number)]
        self._mine.difference_update(lost)
        for number in self._mine:
            self._note(number, OWNER, self._sign())
        return lost

    def completed(self) -> list[Any]:
        """The trials that came to their end, as Optuna has them."""
        return [trial for trial in self._trials() if trial.state == self._states.COMPLETE]

    # --- inner workings

    def _claim(self) -> Claim | None:
        counted = self._counted()
        wanted, surplus = counted[: self._num_trials], counted[self._num_trials :]
        for trial in surplus:
            if self._is_abandoned(trial):  # its worker was killed before it could do this itself
                self._finish(trial.number, self._states.FAIL)
        for trial in wanted:
            if self._is_abandoned(trial):
                with suppress(RuntimeError):  # another worker has just finished it
                    self._storage.set_trial_state_values(self._id(trial.number), self._states.WAITING)
            elif trial.state != self._states.WAITING:
                continue
            if self._take(trial.number):
                return self._opened(trial.number) or self._claim()
        return self._begin() if len(wanted) < self._num_trials else None

    def _take(self, number: int) -> bool:
        """Make a waiting trial this worker's, which only one can."""
        with suppress(RuntimeError):
            if self._storage.set_trial_state_values(self._id(number), self._states.RUNNING):
                self._note(number, OWNER, self._sign())
                return True
        return False

    def _begin(self) -> Claim | None:
        """A new trial; the first tries what there is."""
        if not self._trials():
            start = {each.parameter: each.encode(each.start) for each in self._axes if each.start is not None}
            self._study.enqueue_trial(start)
            return self._claim()
        for _ in range(_MOST_DRAWS):
            made = optuna().trial.create_trial(state=self._states.RUNNING, user_attrs={OWNER: self._sign()})
            study_id = self._storage.get_study_id_from_name(self._study.study_name)
            number = self._storage.get_trial_number_from_id(self._storage.create_new_trial(study_id, made))
            if sum(trial.number < number for trial in self._counted()) >= self._num_trials:
                self._finish(number, self._states.FAIL)  # a worker elsewhere was quicker
                return None
            claim = self._opened(number)
            if claim is not None:
                return claim
        raise ConfigError(
            f"Of {_MOST_DRAWS} settings that were drawn none works: {self._trials()[-1].user_attrs[REASON]} "
            "Search in narrower ranges (--search)."
        )

    def _opened(self, number: int) -> Claim | None:
        """The settings of a trial of this worker's; None where they do not go together, and it is none."""
        seed = self._seed * 1_000_003 + number
        self._study.sampler = optuna().samplers.TPESampler(seed=seed % 2**32)
        trial = optuna().trial.Trial(self._study, self._id(number))
        settings = {axis.name: axis.suggest(trial) for axis in self._axes}
        try:
            configure(self._algorithm, {**self._base, **settings})
        except ConfigError as error:
            self._note(number, REASON, str(error))
            self._finish(number, self._states.FAIL)
            return None
        self._mine.add(number)
        return Claim(number, settings)

    def _counted(self) -> list[Any]:
        """The trials that count, in the order of their numbers."""
        return [trial for trial in self._trials() if trial.state != self._states.FAIL]

    def _trials(self) -> list[Any]:
        return list(self._study.get_trials(deepcopy=False))

    def _trial(self, number: int) -> Any:
        return self._storage.get_trial(self._id(number))

    def _id(self, number: int) -> int:
        study_id = self._storage.get_study_id_from_name(self._study.study_name)
        return int(self._storage.get_trial_id_from_study_id_trial_number(study_id, number))

    def _note(self, number: int, name: str, value: Any) -> None:
        with suppress(RuntimeError):  # it was taken over, and finished
            self._storage.set_trial_user_attr(self._id(number), name, value)

    def _finish(self, number: int, state: Any, value: float | None = None) -> None:
        """Finish a trial, unless another worker has, or has taken it over at this moment."""
        self._mine.discard(number)
        with suppress(RuntimeError, ValueError):
            self._study.tell(number, value, state=state, skip_if_finished=True)

    def _sign(self) -> dict[str, Any]:
        place = str(self._place.absolute())
        return {"worker": self._name, "computer": self._computer, "place": place, "sign": self._signs}

    def _is_abandoned(self, trial: Any) -> bool:
        """Whether whoever was at work on a trial is gone."""
        if trial.state != self._states.RUNNING or trial.number in self._mine:
            return False
        owner = trial.user_attrs.get(OWNER, {})
        if owner.get("computer") == self._computer:
            return not is_locked(Path(owner["place"]))
        told, since = self._seen.get(trial.number, (None, 0.0))
        if told != owner:
            self._seen[trial.number] = owner, time.monotonic()
            return False
        return time.monotonic() - since > _SECONDS_UNTIL_GONE
