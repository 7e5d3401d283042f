"""Watches over worker processes: asks them, replaces those that are lost, and ends them all."""

from __future__ import annotations

import atexit
import functools
import pickle
import time
import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector.utils import CloudpickleWrapper

from csai_core.errors import ConfigError, said
from csai_core.vector.process import Account, Worker, gather
from csai_core.vector.worker import Description, Reply

MakeEnv: TypeAlias = EnvSpec | Callable[[], gymnasium.Env[Any, Any]]
"""How to make an environment: its specification, or a function, lambdas included."""

_CLOSE_SECONDS = 2.0
_START_SECONDS = 120.0
"""How long a new process may take; it imports everything again."""


class WorkerWarning(UserWarning):
    """Warns that a worker process was lost and replaced, and its episodes cut short."""


class Supervisor:
    """Holds environments in worker processes, and asks them by their index.

    Args:
        makers: of each environment.
        num_workers: in how many processes.
        timeout: seconds that one environment may take for an answer.
        max_restarts: how many processes may be replaced in all.

    Attributes:
        warn: hears of each process that was lost.
        is_one_by_one: whether a worker is asked only when the one before has answered.
        environment_seconds: how long all environments have taken for their answers, added up.

    Raises:
        ConfigError: if a maker cannot be sent to another process.
        WorkerError: if an environment cannot be made.
    """

    def __init__(
        self, makers: Sequence[MakeEnv], num_workers: int, timeout: float, max_restarts: int
    ) -> None:
        self.warn: Callable[[str], None] = _warn_python
        self.is_one_by_one = False
        self.environment_seconds = 0.0
        self.timeout = timeout
        self.max_restarts = max_restarts
        self.accounts = [
            Account(index, _pickled(index, make), _name_of(make)) for index, make in enumerate(makers)
        ]
        self._workers: list[Worker] = []
        self._losses: list[str] = []
        # Left to itself, multiprocessing waits at the program's end for processes that do not end.
        self._at_exit = functools.partial(_close, weakref.ref(self))
        atexit.register(self._at_exit)
        try:
            for share in np.array_split(np.array(self.accounts, dtype=object), num_workers):
                self._workers.append(Worker(share.tolist()))
            self.descriptions: list[Description] = self._await_ready(self._workers)
        except BaseException:
            self.close()
            raise

    def reset(self, seeds: Mapping[int, int | None], options: dict[str, Any] | None) -> dict[int, Any]:
        """Start episodes, again where a process is lost over it; what each environment answers.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        values: dict[int, Any] = {}
        while seeds:
            values |= self._ask(seeds, lambda worker, share: worker.ask_reset(share, options))
            seeds = {index: None for index in seeds if values[index] is None}
        return values

    def step(self, actions: Mapping[int, Any]) -> dict[int, Any]:
        """Take a step in some environments; what each answers, None if it was lost.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        return self._ask(actions, Worker.ask_step)

    def call(self, command: str, requests: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Ask some environments anything else; what each answers, None if it was lost.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        return self._ask(requests, lambda worker, share: worker.ask(command, share))

    def warn_of_losses(self) -> None:
        """Warn when all is in order again, so that a warning made an error does no harm."""
        losses, self._losses = self._losses, []
        for message in losses:
            self.warn(message)

    def close(self) -> None:
        """End all processes, those that hang too, within seconds; doing it twice is fine."""
        atexit.unregister(self._at_exit)
        deadline = time.monotonic() + _CLOSE_SECONDS
        for worker in self._workers:
            worker.ask("close", {})
        while self._workers:
            self._workers.pop().join_until(deadline)

    def _ask(
        self, requests: Mapping[int, Any], ask: Callable[[Worker, dict[int, Any]], None]
    ) -> dict[int, Any]:
        """Ask the worker of each environment, all at once or one by one; what each environment answers."""
        shares = self._shares(requests)
        values: dict[int, Any] = {}
        for group in [[worker] for worker in shares] if self.is_one_by_one else [[*shares]]:
            for worker in group:
                ask(worker, shares[worker])
            values |= self._values(group)
        return values

    def _shares(self, requests: Mapping[int, Any]) -> dict[Worker, dict[int, Any]]:
        """The requests for the environments of each worker."""
        shares = {
            worker: {index: requests[index] for index in worker.accounts if index in requests}
            for worker in self._workers
        }
        return {worker: share for worker, share in shares.items() if share}

    def _values(self, workers: Sequence[Worker]) -> dict[int, Any]:
        """What was answered by environment; None where the process was lost and is replaced."""
        timeout = self.timeout * max(len(worker.asked) for worker in workers) if workers else 0.0
        answers = gather(workers, timeout)
        values: dict[int, Any] = {}
        for worker, answer in answers.items():
            if isinstance(answer, str):
                values |= dict.fromkeys(worker.asked)
                self._replace(worker, answer)
        for worker, answer in answers.items():
            if not isinstance(answer, str):
                values |= {i: self._unpack(worker, i, reply) for i, reply in answer.items()}
        return values

    def _replace(self, worker: Worker, what: str) -> None:
        lost = worker.error(what)
        if sum(each.num_restarts for each in self._workers) >= self.max_restarts:
            raise worker.error(f"{what} {self.max_restarts} processes were replaced already (max_restarts).")
        worker.restart()
        self._await_ready([worker])
        whose = "the episode is" if len(worker.accounts) == 1 else "the episodes in it are"
        self._losses.append(f"{lost} A new process takes its place; {whose} reported as truncated.")

    def _await_ready(self, workers: Iterable[Worker]) -> list[Description]:
        described = []
        for worker, answer in gather(workers, _START_SECONDS).items():
            if isinstance(answer, str):
                raise worker.error(
                    f"{answer} That happened before it was ready. In a script, worker processes must be "
                    'started below `if __name__ == "__main__":`.'
                )
            described += [
                (i, self._unpack(worker, i, reply, "it could not be made: ")) for i, reply in answer.items()
            ]
        for index, description in described:
            self.accounts[index].name = description.name
        return [description for _, description in sorted(described, key=lambda each: each[0])]

    def _unpack(self, worker: Worker, index: int, reply: Reply, what: str = "") -> Any:
        self.environment_seconds += reply.seconds
        if reply.error:
            error = worker.accounts[index].error(what + reply.error, reply.repeat)
            if reply.details:
                error.add_note(f"In the worker process:\n{reply.details}")
            raise error
        return reply.value


def _name_of(make: MakeEnv) -> str:
    return make.id if isinstance(make, EnvSpec) else str(getattr(make, "__qualname__", make))


def _warn_python(message: str) -> None:
    warnings.warn(message, WorkerWarning, stacklevel=4)


def _pickled(index: int, make: MakeEnv) -> bytes:
    function = make.make if isinstance(make, EnvSpec) else make
    try:
        return pickle.dumps(CloudpickleWrapper(function))
    except Exception as error:
        raise ConfigError(
            f"What makes environment {index}, {make}, cannot be sent to another process: "
            f"{said(error)}. Give an id, a specification, or a function that makes all "
            "that it needs."
        ) from error


def _close(supervisor: weakref.ref[Supervisor]) -> None:
    if (alive := supervisor()) is not None:
        alive.close()
