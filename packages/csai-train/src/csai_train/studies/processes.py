"""A study of several seeds: its jobs are given to processes, and it is told how far all of them are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from csai_train.errors import StudyError
from csai_train.runs.status import status_of
from csai_train.studies.crew import Crew
from csai_train.studies.job import Job


@dataclass(frozen=True)
class Progress:
    """How far one seed is."""

    seed: int
    state: str
    """"waiting", "training", "done", "stopped" or "failed"."""
    steps: int = 0
    total_steps: int | None = None
    """None as long as nothing is known of it."""
    mean: float | None = None
    """Of the last 100 episodes: the game's own score where it keeps one, and otherwise the return."""


class Study:
    """Jobs that are carried out, some at a time.

    Args:
        jobs: in their order.
        num_processes: how many at a time.
        watch: told twice a second how far all are; None tells nobody.
    """

    def __init__(
        self, jobs: Sequence[Job], num_processes: int, watch: Callable[[Sequence[Progress]], None] | None
    ) -> None:
        self._jobs = jobs
        self._watch = watch
        self._crew: Crew[Job] = Crew(num_processes)
        self._states = {job.seed: "done" if job.is_done else "waiting" for job in jobs}
        self._given: list[Job] = []
        self._failures: list[str] = []

    def run(self) -> None:
        """Carry them all out.

        Raises:
            StudyError: if one failed.
            KeyboardInterrupt: if they were stopped.
        """
        with self._crew as crew:
            while self._give_more() or not crew.is_idle:
                for job, ending in crew.hear():
                    self._states[job.seed] = "failed" if ending.has_failed else ending.kind
                    if ending.has_failed:
                        self._failures.append(f"{job.name} failed: {ending.text}")
                if self._watch is not None:
                    self._watch([self._progress(job) for job in self._jobs])
        if crew.is_stopped:
            raise KeyboardInterrupt
        if self._failures:
            raise StudyError("\n".join(self._failures))

    def _give_more(self) -> bool:
        """Give to do what there is room for; whether something still waits for that."""
        if self._failures or self._crew.is_stopped:
            return False
        waiting = [job for job in self._jobs if self._states[job.seed] == "waiting"]
        ungiven = [job for job in waiting if job not in self._given]
        for job in ungiven:
            if self._crew.has_room:
                self._crew.give(job)
                self._given.append(job)
        return bool(ungiven)

    def _progress(self, job: Job) -> Progress:
        state = "training" if self._crew.is_at(job) else self._states[job.seed]
        run = job.run
        if run is None:
            return Progress(job.seed, state)
        status = status_of(run)
        mean = status.mean_return if status.mean_score is None else status.mean_score
        return Progress(job.seed, state, status.steps, run.total_steps, mean)
