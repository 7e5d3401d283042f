"""The main process's hold on its workers: starting, asking, waiting with a deadline, and killing."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from csai_core.errors import WorkerError
from csai_core.vector.worker import MakeEnv, Reply, work

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy locks and threads in any state


class Worker:
    """One worker process, with what must be known of its episode when something goes wrong.

    Args:
        index: which environment of the vector it holds.
        make: how to make that.
    """

    def __init__(self, index: int, make: MakeEnv) -> None:
        self.index = index
        self.seed: int | None = None
        self.step = 0
        self.action: Any = None
        self.num_restarts = 0
        self._is_new = True
        self._make = make
        self._start()

    def ask(self, command: str, *arguments: Any) -> None:
        """Send a command; that the process is gone is noticed when its answer is waited for."""
        with contextlib.suppress(OSError):
            self._connection.send((command, *arguments))

    def ask_reset(self, seed: int | None, options: dict[str, Any] | None) -> None:
        """Have an episode started, and keep account of it; the first one of a new process is seeded."""
        if seed is None and self._is_new:
            seed = self._fresh_seed()
        self._is_new = False
        self.seed = self.seed if seed is None else seed
        self.step, self.action = 0, None
        self.ask("reset", seed, options)

    def ask_step(self, action: Any) -> None:
        """Have a step taken, and keep account of it."""
        self.step += 1
        self.action = action
        self.ask("step", action)

    def restart(self) -> None:
        """Replace the process, whatever state it is in; the new one says when it is ready."""
        self.kill()
        self.num_restarts += 1
        self._start()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join(1.0)
        self._connection.close()

    def error(self, what: str) -> WorkerError:
        """The error that says what happened, and where in which episode."""
        seed = "unseeded" if self.seed is None else f"seed {self.seed}"
        message = (
            f"Environment {self.index} ({seed}, step {self.step} of its episode, last action "
            f"{self.action}) {what}"
        )
        return WorkerError(message, index=self.index, seed=self.seed, step=self.step, action=self.action)

    def answer(self, deadline: float, timeout: float) -> Reply | str:
        """The answer to what was asked, or what became of the process; see `gather`."""
        try:
            if not self._connection.poll(max(0.0, deadline - time.monotonic())):
                return f"did not answer within {timeout:g} seconds."
            reply: Reply = self._connection.recv()
        except (EOFError, OSError):
            return f"lost its process, which {self._exit_note()}."
        return reply

    def join_until(self, deadline: float) -> None:
        """Wait for the process to end by itself, then end it."""
        self._process.join(max(0.0, deadline - time.monotonic()))
        self.kill()

    def _fresh_seed(self) -> int | None:
        """A seed for a new process, whose generator knows nothing of the run's; None if there is none."""
        if self.seed is None:
            return None
        sequence = np.random.SeedSequence([self.seed, self.index, self.num_restarts])
        return int(sequence.generate_state(1)[0])

    def _exit_note(self) -> str:
        """How the process ended, in words."""
        self._process.join(1.0)
        code = self._process.exitcode
        return (
            f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with status {code}"
        )

    def _start(self) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=work, args=(theirs, self._make), daemon=True)
        self._process.start()
        self._is_new = True
        theirs.close()


def gather(workers: Iterable[Worker], timeout: float) -> dict[int, Reply | str]:
    """Wait for an answer of each worker.

    Args:
        workers: those that were asked something.
        timeout: seconds after which a worker that has not answered is given up.

    Returns:
        By index: the answer, or what became of the process, as a sentence's end.
    """
    deadline = time.monotonic() + timeout
    return {worker.index: worker.answer(deadline, timeout) for worker in workers}
