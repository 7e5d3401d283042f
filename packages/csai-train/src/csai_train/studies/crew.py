"""Processes at work: one thing after the other each, replaced where they were killed; stopped together."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import warnings
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, Generic, Protocol, Self, TypeVar

from gymnasium.vector.utils import CloudpickleWrapper

from csai_core.errors import ConfigError, said
from csai_core.signals import handled_by
from csai_train.errors import TrainingWarning
from csai_train.studies.worker import ENDINGS, Message, work

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy locks and threads in any state
_SECONDS_BETWEEN_LOOKS = 0.5
_RESTARTS_WITHOUT_PROGRESS = 3


class Work(Protocol):
    """What a process can be given to do, again and again until it is done."""

    @property
    def name(self) -> str:
        """As it is called before others."""

    @property
    def is_busy(self) -> bool:
        """Whether another process is still at it."""

    def saved_steps(self) -> int:
        """How much of it is done and saved."""

    def carry_out(self) -> bool:
        """Do what is left to be done; whether that was all."""


W = TypeVar("W", bound=Work)


class _Process(Generic[W]):
    """A process that does one task after the other, as long as it lives."""

    def __init__(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process: BaseProcess = _CONTEXT.Process(target=work, args=(theirs,))
        self._process.start()
        theirs.close()

    def begin(self, task: W, pickled: bytes) -> None:
        """Give it something to do."""
        self.task = task
        self.ending: Message | None = None
        self._is_told_to_stop = False
        with suppress(OSError):  # it is gone, which is seen where it is read
            self.connection.send_bytes(pickled)

    def read(self) -> bool:
        """Take what it has told; whether there may be more of this task."""
        try:
            message: Message = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            if self._is_told_to_stop:
                self.ending = Message("stopped")
            return False
        if message.kind in ENDINGS:
            self.ending = message
            return False
        warnings.warn(f"{self.task.name}: {message.text}", TrainingWarning, stacklevel=6)
        return True

    @property
    def can_go_on(self) -> bool:
        """Whether it can be given another task: it lives, and no signal may reach it late."""
        is_settled = self.ending is not None and (self.ending.kind == "stopped" or not self._is_told_to_stop)
        return is_settled and self._process.is_alive()

    @property
    def how_it_ended(self) -> str:
        """In words, where it did not tell."""
        code = self._process.exitcode
        return f"was killed by signal {-code}" if code and code < 0 else f"ended with status {code}"

    def stop(self) -> None:
        """Have it save and end its task; it is not waited for."""
        if hasattr(os, "setpgrp"):  # elsewhere Ctrl-C reaches it as it is
            self._is_told_to_stop = True
            self._process.terminate()

    def leave(self) -> None:
        """Give it nothing more, upon which it ends."""
        self.connection.close()
        self._process.join()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


class Crew(Generic[W]):
    """Some processes that work side by side; leaving the `with` ends them.

    Args:
        num_processes: how many at a time.

    Attributes:
        is_stopped: whether Ctrl-C or SIGTERM came: nothing is begun any more, and all save and end.
    """

    def __init__(self, num_processes: int) -> None:
        self._num_processes = num_processes
        self._waiting: list[W] = []
        self._running: dict[Connection, _Process[W]] = {}
        self._resting: list[_Process[W]] = []
        self._deaths: dict[str, list[int]] = {}
        """By name: after how much saved work its processes ended without a word."""
        self._exit = ExitStack()
        self.is_stopped = False

    def __enter__(self) -> Self:
        self._exit.enter_context(handled_by(self._on_signal))
        return self

    def __exit__(self, *error: object) -> None:
        for process in [*self._running.values(), *self._resting]:
            process.kill()
        self._exit.close()

    @property
    def has_room(self) -> bool:
        """Whether more can be begun now."""
        return not self.is_stopped and len(self._running) + len(self._waiting) < self._num_processes

    @property
    def is_idle(self) -> bool:
        """Whether nobody has anything to do."""
        return not (self._running or self._waiting)

    def is_at(self, task: W) -> bool:
        """Whether a process is at work on it."""
        return any(process.task is task for process in self._running.values())

    def give(self, task: W) -> None:
        """Something to do, as soon as nobody else is at it."""
        self._waiting.append(task)

    def drop(self, task: W) -> None:
        """Have the process save and end that is at work on something."""
        for process in self._running.values():
            if process.task is task:
                process.stop()

    def hear(self) -> list[tuple[W, Message]]:
        """Wait for half a second or until something is told; what has come to an end, and how.

        A process that was killed is started again, unless it only ever dies at the same point.
        """
        self._start()
        ended: list[tuple[W, Message]] = []
        for connection in wait([*self._running], _SECONDS_BETWEEN_LOOKS):
            process = self._running[connection]  # type: ignore[index]
            if process.read():
                continue
            del self._running[process.connection]
            if process.can_go_on:
                self._resting.append(process)
            else:
                process.leave()
            ending = process.ending or self._death_of(process)
            if ending is not None:
                ended.append((process.task, ending))
        if self.is_stopped:
            ended += [(task, Message("stopped")) for task in self._waiting]
            self._waiting = []
        return ended

    def _start(self) -> None:
        for task in [] if self.is_stopped else [each for each in self._waiting if not each.is_busy]:
            if len(self._running) < self._num_processes:
                pickled = _pickled(task)
                process = self._resting.pop() if self._resting else _Process()
                self._running[process.connection] = process
                process.begin(task, pickled)
                self._waiting.remove(task)

    def _death_of(self, process: _Process[W]) -> Message | None:
        """What came of one that told nothing; None where it is to be started again."""
        task = process.task
        if self.is_stopped:
            return Message("stopped")
        deaths = self._deaths.setdefault(task.name, [])
        deaths.append(task.saved_steps())
        last = deaths[-_RESTARTS_WITHOUT_PROGRESS - 1 :]
        if len(last) > _RESTARTS_WITHOUT_PROGRESS and len(set(last)) == 1:
            return Message(
                "failed",
                f"its process {process.how_it_ended}, {len(last)} times after {last[-1]:,} saved steps.",
            )
        self._waiting.append(task)
        return None

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first lets all save and end, the second ends them at once."""
        for process in self._running.values():
            process.kill() if self.is_stopped else process.stop()
        self.is_stopped = True


def _pickled(task: Work) -> bytes:
    try:
        wrapped: Any = CloudpickleWrapper(task.carry_out)
        return pickle.dumps(wrapped)
    except Exception as error:
        raise ConfigError(
            f"What was given cannot be sent to another process: {said(error)}. Give names, numbers and files."
        ) from error
