"""One worker of a search: it claims trials, has processes train them, and ends those that are hopeless."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from csai_train.errors import StudyError
from csai_train.runs.evaluation_file import read_evaluation
from csai_train.runs.run import Run
from csai_train.studies.crew import Crew
from csai_train.studies.worker import Message
from csai_train.tuning.ledger import Claim, Ledger
from csai_train.tuning.pruning import RUNGS, first_hopeless, reached
from csai_train.tuning.trial_job import TrialJob

_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class TrialProgress:
    """What has become of a trial that this worker carries out."""

    number: int
    state: str
    """"begun", "complete", "pruned", "released" or "lost" (taken over by another worker)."""
    settings: Mapping[str, Any]
    """The values of what is searched."""
    value: float | None = None
    """What it has reached, if it is complete."""
    reason: str = ""
    """Why it was ended early."""


class Worker:
    """Carries out trials until all are finished.

    Args:
        ledger: whose trials.
        make_job: makes what a process does for a claim.
        num_processes: how many trials at a time.
        prunes: whether hopeless trials are ended early.
        watch: told of each trial that begins or ends; None tells nobody.
    """

    def __init__(
        self,
        ledger: Ledger,
        make_job: Callable[[Claim], TrialJob],
        num_processes: int,
        *,
        prunes: bool,
        watch: Callable[[TrialProgress], None] | None,
    ) -> None:
        self._ledger, self._make_job, self._prunes, self._watch = ledger, make_job, prunes, watch
        self._crew: Crew[TrialJob] = Crew(num_processes)
        self._claims: dict[int, tuple[Claim, TrialJob]] = {}
        self._failures: list[str] = []
        self._last_look = 0.0

    def run(self) -> None:
        """Work until no trial is left.

        Raises:
            StudyError: if a training failed for another reason than its settings.
            KeyboardInterrupt: after Ctrl-C or SIGTERM, when all is saved and left to others.
        """
        with self._ledger.working(), self._crew as crew:
            while self._claim_more() or not crew.is_idle or self._waits_for_others():
                for job, ending in crew.hear():
                    if job.number in self._claims:
                        self._settle(job, ending)
                self._look()
        if crew.is_stopped:
            raise KeyboardInterrupt
        if self._failures:
            raise StudyError("\n".join(self._failures))

    def _claim_more(self) -> bool:
        """Claim as many trials as there is room for; whether there was one."""
        has_claimed = False
        while self._crew.has_room and not self._failures:
            claim = self._ledger.claim()
            if claim is None:
                break
            job = self._make_job(claim)
            self._claims[claim.number] = claim, job
            self._crew.give(job)
            self._tell(claim, "begun")
            has_claimed = True
        return has_claimed

    def _waits_for_others(self) -> bool:
        """Whether trials of other workers are not finished, which may have to be taken over."""
        return not (self._crew.is_stopped or self._failures or self._ledger.is_complete())

    def _settle(self, job: TrialJob, ending: Message) -> None:
        """Note what came of a trial whose process has ended."""
        claim, _ = self._claims[job.number]
        if ending.kind == "done" and not self._has_pruned(job):
            values = [_value(job, number) for number in range(len(job.jobs))]
            self._ledger.complete(job.number, values)
            self._tell(claim, "complete", value=sum(values) / len(values))
        elif ending.kind == "diverged":
            self._prune(job, ending.text)
        elif ending.kind in ("failed", "stopped"):
            self._ledger.release(job.number)
            self._tell(claim, "released")
            if ending.kind == "failed":
                self._failures.append(f"{job.name} failed: {ending.text}")
        self._claims.pop(job.number, None)

    def _look(self) -> None:
        """See which trials have become hopeless, or another worker's, and end them."""
        if time.monotonic() - self._last_look < _SECONDS_BETWEEN_LOOKS:
            return
        self._last_look = time.monotonic()
        for number in self._ledger.give_sign():
            claim, job = self._claims.pop(number)
            self._crew.drop(job)
            self._tell(claim, "lost")
        for _, job in [*self._claims.values()]:
            if self._crew.is_at(job) and self._has_pruned(job):
                self._crew.drop(job)

    def _has_pruned(self, job: TrialJob) -> bool:
        """Note how far a trial is, and whether it is over, as it was worse than others by some step.

        That is decided by its feeds alone and in the order of steps, so that it does not depend on when
        somebody looks.
        """
        found = reached([each.run for each in job.jobs])
        step = first_hopeless(found, self._ledger.completed()) if self._prunes else None
        self._ledger.report(job.number, {at: found[at] for at in found if step is None or at <= step})
        if step is None:
            return False
        seed, rung = divmod(step - 1, RUNGS)
        share = (rung + 1) / RUNGS
        self._prune(job, f"worse than half of the others after {share:.0%} of seed {job.jobs[seed].seed}")
        return True

    def _prune(self, job: TrialJob, reason: str) -> None:
        claim, _ = self._claims.pop(job.number)
        self._ledger.prune(job.number, reason)
        self._tell(claim, "pruned", reason=reason)

    def _tell(self, claim: Claim, state: str, *, value: float | None = None, reason: str = "") -> None:
        if self._watch is not None:
            self._watch(TrialProgress(claim.number, state, claim.settings, value, reason))


def _value(job: TrialJob, number: int) -> float:
    """What the agent of one of its seeds was judged by."""
    run = Run.open(job.jobs[number].path)
    found = read_evaluation(run)
    if found is None:
        raise StudyError(f"The evaluation of {run.path} is gone; the same command judges it again.")
    return found.value
