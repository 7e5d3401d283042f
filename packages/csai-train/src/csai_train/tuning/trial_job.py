"""The trainings of a trial: its seeds one after the other, in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csai_train.studies.job import Job


@dataclass(frozen=True)
class TrialJob:
    """A trial, as a process carries it out.

    Args:
        number: the trial's.
        jobs: of its seeds.
    """

    number: int
    jobs: Sequence[Job]

    @property
    def name(self) -> str:
        """As it is called before others."""
        return f"Trial {self.number}"

    @property
    def is_busy(self) -> bool:
        """Whether a process of a worker that is gone still saves one of its runs."""
        return any(job.is_busy for job in self.jobs)

    def saved_steps(self) -> int:
        """How many steps of all seeds are saved."""
        return sum(job.saved_steps() for job in self.jobs)

    def carry_out(self) -> bool:
        """Do what is left to be done; whether that was all."""
        return all(job.carry_out() for job in self.jobs)
