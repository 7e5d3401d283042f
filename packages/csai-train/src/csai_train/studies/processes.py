"""The processes of a study: started, watched, started again where they were killed, and stopped together."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType

from gymnasium.vector.utils import CloudpickleWrapper

from csai_core.errors import ConfigError, said
from csai_core.signals import handled_by
from csai_train.errors import StudyError, TrainingWarning
from csai_train.runs.lock import is_locked
from csai_train.runs.status import status_of
from csai_train.studies.job import Job
from csai_train.studies.worker import Message, work

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy locks and threads in any state
_SECONDS_BETWEEN_LOOKS = 0.5
_RESTARTS_WITHOUT_PROGRESS = 3
_ENDINGS = ("done", "stopped", "failed")


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


class _Process:
    """A process at work on a job.

    Args:
        job: what is to be done.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.ending: Message | None = None
        self.messages, theirs = _CONTEXT.Pipe(duplex=False)
        try:
            pickled = pickle.dumps(CloudpickleWrapper(job.carry_out))
        except Exception as error:
            raise ConfigError(
                f"What train_seeds was given cannot be sent to another process: {said(error)}. Give names, "
                "numbers and files."
            ) from error
        self._process: BaseProcess = _CONTEXT.Process(target=work, args=(pickled, theirs))
        self._process.start()
        theirs.close()

    def read(self) -> bool:
        """Take what it has told; whether there may be more."""
        try:
            message: Message = self.messages.recv()
        except (EOFError, OSError):
            self._process.join()
            return False
        if message.kind in _ENDINGS:
            self.ending = message
        else:
            warnings.warn(f"Seed {self.job.seed}: {message.text}", TrainingWarning, stacklevel=5)
        return True

    @property
    def how_it_ended(self) -> str:
        """In words, where it did not tell."""
        code = self._process.exitcode
        return f"was killed by signal {-code}" if code and code < 0 else f"ended with status {code}"

    def stop(self) -> None:
        """Have it save and end; it is not waited for."""
        if hasattr(os, "setpgrp"):  # elsewhere Ctrl-C reaches it as it is
            self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


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
        self._num_processes = num_processes
        self._watch = watch
        self._states = {job.seed: "done" if job.is_done else "waiting" for job in jobs}
        self._running: dict[Connection, _Process] = {}
        self._deaths: dict[int, list[int]] = {job.seed: [] for job in jobs}
        """By seed: after how many saved steps its processes ended without a word."""
        self._failures: list[str] = []
        self._stopped = False

    def run(self) -> None:
        """Carry them all out.

        Raises:
            StudyError: if one failed.
            KeyboardInterrupt: if they were stopped.
        """
        with handled_by(self._on_signal):
            try:
                while self._start_more() or self._running:
                    for connection in wait([*self._running], _SECONDS_BETWEEN_LOOKS):
                        self._hear(self._running[connection])  # type: ignore[index]
                    self._show()
            finally:
                for process in self._running.values():
                    process.kill()
        if self._stopped:
            raise KeyboardInterrupt
        if self._failures:
            raise StudyError("\n".join(self._failures))

    def progress(self) -> list[Progress]:
        """How far all of them are."""
        return [self._progress(job) for job in self._jobs]

    def _start_more(self) -> bool:
        """Start what there is room for; whether something still waits to be started."""
        if self._failures or self._stopped:
            return False
        waiting = [job for job in self._jobs if self._states[job.seed] == "waiting"]
        for job in waiting:
            if len(self._running) < self._num_processes and not is_locked(job.path):
                process = _Process(job)
                self._running[process.messages] = process
                self._states[job.seed] = "training"
        return bool(waiting)

    def _hear(self, process: _Process) -> None:
        if process.read():
            return
        del self._running[process.messages]
        process.messages.close()
        job, ending = process.job, process.ending
        if ending is not None:
            self._states[job.seed] = ending.kind
            if ending.kind == "failed":
                self._failures.append(f"Seed {job.seed} failed: {ending.text}")
        elif self._stopped:
            self._states[job.seed] = "stopped"
        else:
            self._note_death(process)

    def _note_death(self, process: _Process) -> None:
        """Let it be started again, unless it only ever dies where it begins."""
        job, run = process.job, process.job.run
        deaths = self._deaths[job.seed]
        deaths.append(0 if run is None else run.steps_taken())
        self._states[job.seed] = "waiting"
        last = deaths[-_RESTARTS_WITHOUT_PROGRESS - 1 :]
        if len(last) > _RESTARTS_WITHOUT_PROGRESS and len(set(last)) == 1:
            self._states[job.seed] = "failed"
            self._failures.append(
                f"Seed {job.seed} failed: its process {process.how_it_ended}, {len(last)} times after "
                f"{last[-1]:,} saved steps."
            )

    def _show(self) -> None:
        if self._watch is not None:
            self._watch(self.progress())

    def _progress(self, job: Job) -> Progress:
        state = self._states[job.seed]
        run = job.run
        if run is None:
            return Progress(job.seed, state)
        status = status_of(run)
        mean = status.mean_return if status.mean_score is None else status.mean_score
        return Progress(job.seed, state, status.steps, run.total_steps, mean)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first lets all save and end, the second ends them at once."""
        for process in self._running.values():
            process.kill() if self._stopped else process.stop()
        self._stopped = True
