"""The main process's hold on its workers: starting, asking, waiting with a deadline, and killing."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from csai_core.errors import ConfigError, WorkerError, said
from csai_core.vector.channel import GONE, Channel, exchange
from csai_core.vector.worker import Reply, work

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy locks and threads in any state
_DEATH_SECONDS = 1.0
"""How long a process that was killed may take to be gone."""


@dataclass
class Account:
    """What must be known of one environment when something goes wrong."""

    index: int
    maker: bytes
    """A pickled function that makes it."""
    name: str
    """Its id, or what it is called until that is known."""
    seed: int | None = None
    step: int = 0
    action: Any = None
    is_lost: bool = False
    """Whether its episode went with its process, and that was not reported yet."""

    def start_episode(self, seed: int | None) -> None:
        """A new episode begins, with a new seed or on with the old generator."""
        self.seed = self.seed if seed is None else seed
        self.step, self.action, self.is_lost = 0, None, False

    def error(self, what: str, repeat: str = "") -> WorkerError:
        """The error that says what happened, and where in which episode."""
        return WorkerError(
            what,
            environment=self.name,
            index=self.index,
            seed=self.seed,
            step=self.step,
            action=self.action,
            repeat=repeat,
        )


class Worker:
    """One worker process, and the environments in it, which it steps one after the other.

    Args:
        accounts: of its environments, with their makers.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.accounts = {account.index: account for account in accounts}
        self.num_restarts = 0
        self._number = 0
        self._start()

    def ask(self, command: str, requests: Mapping[int, tuple[Any, ...]]) -> None:
        """Send a command for some of its environments, with its arguments for each.

        Raises:
            ConfigError: if an argument cannot be sent to another process.
        """
        slots = list(self.accounts)
        self._number += 1
        self.asked = list(requests)
        message = (self._number, command, {slots.index(i): request for i, request in requests.items()})
        try:
            self.channel.put(pickle.dumps(message))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"What was given to {command} cannot be sent to another process ({error}): "
                f"{list(requests.values())}. Give numbers, texts and arrays."
            ) from error

    def ask_reset(self, seeds: Mapping[int, int | None], options: dict[str, Any] | None) -> None:
        """Have episodes started, and keep account of them; the first of a new process is seeded."""
        given = {
            index: self._fresh_seed(self.accounts[index]) if seed is None and index in self._new else seed
            for index, seed in seeds.items()
        }
        for index, seed in given.items():
            self.accounts[index].start_episode(seed)
        self._new -= seeds.keys()
        self.ask("reset", {index: (seed, options) for index, seed in given.items()})

    def ask_step(self, actions: Mapping[int, Any]) -> None:
        """Have a step taken in some of them, and keep account of it."""
        for index, action in actions.items():
            self.accounts[index].step += 1
            self.accounts[index].action = action
        self.ask("step", {index: (action,) for index, action in actions.items()})

    def restart(self) -> None:
        """Replace the process, whatever state it is in; the new one says when it is ready."""
        self.kill()
        self.num_restarts += 1
        for account in self.accounts.values():
            account.is_lost = True
        self._start()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self.join_until(time.monotonic() + _DEATH_SECONDS)

    def join_until(self, deadline: float) -> None:
        """Wait for the process to end by itself, then end it, and let go of all it has taken here."""
        self._process.join(max(0.0, deadline - time.monotonic()))
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_DEATH_SECONDS)
        self.channel.close()
        with contextlib.suppress(ValueError):  # not even killing has ended it yet
            self._process.close()

    def error(self, what: str) -> WorkerError:
        """The error that says what happened to the process while it did what it was asked."""
        others = len(self.accounts) - 1
        shared = f"the process that it shares with {others} other{'s' if others > 1 else ''}"
        return self.accounts[self.asked[0]].error(f"{shared if others else 'its process'} {what}")

    def read(self, message: bytes | bytearray | None, timeout: float) -> dict[int, Reply] | str | None:
        """What a message says; None if it answers what was asked earlier, before an interruption."""
        if message is None:
            return f"did not answer within {timeout:g} seconds."
        if message == GONE:
            return f"{self._exit_note()}."
        try:
            number, replies = pickle.loads(message)
        except Exception as error:
            return f"sent what cannot be read here: {said(error)}."
        return dict(zip(self.asked, replies, strict=True)) if number == self._number else None

    def _fresh_seed(self, account: Account) -> int | None:
        """A seed for a new process, whose generator knows nothing of the run's; None if there is none."""
        if account.seed is None:
            return None
        sequence = np.random.SeedSequence([account.seed, account.index, self.num_restarts])
        return int(sequence.generate_state(1)[0])

    def _exit_note(self) -> str:
        """How the process ended, in words."""
        self._process.join(_DEATH_SECONDS)
        code = self._process.exitcode
        return (
            f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with status {code}"
        )

    def _start(self) -> None:
        """Start the process, and have it make its environments."""
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        self._new = set(self.accounts)
        self._process = _CONTEXT.Process(target=work, args=(theirs,), daemon=True)
        try:
            self._process.start()
        except BaseException:
            self.channel.close()
            raise
        finally:
            theirs.close()
        self.ask("make", {index: (account.maker,) for index, account in self.accounts.items()})


def gather(workers: Iterable[Worker], timeout: float) -> dict[Worker, dict[int, Reply] | str]:
    """Wait for an answer of each worker.

    Args:
        workers: those that were asked something.
        timeout: seconds after which a worker that has not answered is given up.

    Returns:
        By worker: the replies by environment, or what became of the process, as a sentence's end.
    """
    waiting = {worker.channel: worker for worker in workers}
    deadline = time.monotonic() + timeout
    answers = {}
    while waiting:
        for channel, message in exchange(waiting, deadline).items():
            answer = waiting[channel].read(message, timeout)
            if answer is not None:
                answers[waiting.pop(channel)] = answer
    return answers
