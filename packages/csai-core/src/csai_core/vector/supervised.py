"""A vector environment in worker processes that survives the death of any of them."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from csai_core.errors import ConfigError, ContractError
from csai_core.vector.process import Worker, gather
from csai_core.vector.worker import Description, MakeEnv, Reply

_CLOSE_SECONDS = 2.0
_START_SECONDS = 120.0
"""How long a new process may take; it imports everything again."""


class WorkerWarning(UserWarning):
    """Warns that a worker process was lost and replaced, and its episode cut short."""


class SupervisedVectorEnv(VectorEnv[Any, Any, Any]):
    """Steps environments in parallel, each in a process of its own.

    A process that is killed or does not answer in time is replaced: its episode is reported as
    truncated, with reward 0 and the last observation that is known, a `WorkerWarning` says where it
    stood, and the next episode begins in a new process. `info["worker_lost"]` marks such a step. An
    exception in an environment is raised here as a `WorkerError`. `close` returns within seconds.

    Processes are spawned, so in a script this must be made below `if __name__ == "__main__":`.

    Args:
        makers: for each environment its specification (`gymnasium.spec(id)`), or a function that makes
            it and can be pickled.
        autoreset_mode: when an ended episode starts again: in the next step, in the same, or by `reset`.
        timeout: seconds that one `reset` or `step` may take.
        max_restarts: how many processes may be replaced in all, before `WorkerError` is raised.

    Raises:
        ConfigError: if there are no makers.
        ContractError: if the environments have different spaces.
        WorkerError: if an environment cannot be made.
    """

    def __init__(
        self,
        makers: Sequence[MakeEnv],
        *,
        autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
        timeout: float = 60.0,
        max_restarts: int = 10,
    ) -> None:
        if not makers:
            raise ConfigError("SupervisedVectorEnv was given no environments; give it one or more.")
        self.num_envs = len(makers)
        self.spec = makers[0] if isinstance(makers[0], EnvSpec) else None
        self.autoreset_mode = autoreset_mode
        self.timeout = timeout
        self.max_restarts = max_restarts
        self._workers: list[Worker] = []
        try:
            for index, make in enumerate(makers):
                self._workers.append(Worker(index, make))
            self._take_description(self._await_ready(self._workers))
        except BaseException:
            self.close()
            raise
        self._last: list[Any] = [None] * self.num_envs
        self._is_over = np.zeros(self.num_envs, np.bool_)
        self._lost: list[str] = []

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start episodes.

        Args:
            seed: one for each environment; an int seeds environment i with `seed + i`.
            options: handed to each; `options["reset_mask"]`, an array of bools, chooses which ones start.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        seeds = self._seeds(seed)
        chosen = self._workers
        if options is not None and "reset_mask" in options:
            options = dict(options)
            mask = options.pop("reset_mask")
            chosen = [worker for worker in self._workers if mask[worker.index]]
        infos = self._reset(chosen, seeds, options)
        self._warn_of_losses()
        return self._batch_of_last(), self._merged(infos)

    def step(
        self, actions: Any
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Take one step in every environment.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        rewards = np.zeros(self.num_envs, np.float64)
        terminated = np.zeros(self.num_envs, np.bool_)
        truncated = np.zeros(self.num_envs, np.bool_)
        infos = self._start_ended_episodes(AutoresetMode.NEXT_STEP)
        stepping = [worker for worker in self._workers if worker.index not in infos]
        taken = list(iterate(self.action_space, actions))
        for worker in stepping:
            # A copy: what was iterated may be a view of an array that the caller changes.
            worker.ask_step(copy.deepcopy(taken[worker.index]))
        answers = gather(stepping, self.timeout)
        for worker in stepping:
            i, value = worker.index, self._value(worker, answers[worker.index])
            if value is None:
                value = (self._last[i], 0.0, False, True, {"worker_lost": True})
            self._last[i], rewards[i], terminated[i], truncated[i], infos[i] = value
        self._is_over = terminated | truncated
        last = list(self._last)
        for i, info in self._start_ended_episodes(AutoresetMode.SAME_STEP).items():
            infos[i] = {**info, "final_obs": last[i], "final_info": infos[i]}
        self._warn_of_losses()
        return self._batch_of_last(), rewards, terminated, truncated, self._merged(infos)

    def render(self) -> tuple[Any, ...]:
        """What each environment renders; None for one whose process was lost.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        for worker in self._workers:
            worker.ask("render")
        answers = gather(self._workers, self.timeout)
        frames = tuple(self._value(worker, answers[worker.index]) for worker in self._workers)
        self._warn_of_losses()
        return frames

    def close(self, **kwargs: Any) -> None:
        """End all processes, those that hang too, within seconds; doing it twice is fine."""
        deadline = time.monotonic() + _CLOSE_SECONDS
        for worker in self._workers:
            worker.ask("close")
        for worker in self._workers:
            worker.join_until(deadline)
        self._workers = []
        self.closed = True

    def __del__(self) -> None:
        """Leave no process behind."""
        if getattr(self, "_workers", None):
            self.close()

    # --- inner workings

    def _await_ready(self, workers: Iterable[Worker]) -> list[Description]:
        described = []
        for worker in workers:
            answer = gather([worker], _START_SECONDS)[worker.index]
            if isinstance(answer, str):
                raise worker.error(
                    f"{answer} That happened before it was ready. In a script, make a SupervisedVectorEnv "
                    'below `if __name__ == "__main__":`.'
                )
            described.append(self._unpack(worker, answer, "could not be made"))
        return described

    def _take_description(self, described: list[Description]) -> None:
        first = described[0]
        for index, each in enumerate(described):
            if each[:2] != first[:2]:
                raise ContractError(
                    f"Environment {index} has the spaces {each[:2]}, the first has {first[:2]}; "
                    "all environments of a vector must have the same."
                )
        self.metadata = {**first.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = first.render_mode
        self.single_observation_space, self.single_action_space = first[:2]
        self.observation_space = batch_space(first.observation_space, self.num_envs)
        self.action_space = batch_space(first.action_space, self.num_envs)

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int):
            return [seed + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ConfigError(f"reset was given {len(seed)} seeds for {self.num_envs} environments.")
        return list(seed)

    def _start_ended_episodes(self, mode: AutoresetMode) -> dict[int, dict[str, Any]]:
        """Where this is the mode, reset what is over; the infos by index."""
        if self.autoreset_mode != mode:
            return {}
        over = [self._workers[i] for i in np.flatnonzero(self._is_over)]
        return self._reset(over, self._seeds(None), None)

    def _reset(
        self, workers: list[Worker], seeds: list[int | None], options: dict[str, Any] | None
    ) -> dict[int, dict[str, Any]]:
        """Reset some environments, again where a process is lost over it; the infos by index."""
        infos = {}
        for worker in workers:
            worker.ask_reset(seeds[worker.index], options)
        while workers:
            answers = gather(workers, self.timeout)
            lost = []
            for worker in workers:
                value = self._value(worker, answers[worker.index])
                if value is None:
                    worker.ask_reset(None, options)
                    lost.append(worker)
                else:
                    self._last[worker.index], infos[worker.index] = value
                    self._is_over[worker.index] = False
            workers = lost
        return infos

    def _value(self, worker: Worker, answer: Reply | str) -> Any:
        """What a worker answered; None if it was lost and is replaced."""
        if not isinstance(answer, str):
            return self._unpack(worker, answer, "failed")
        lost = worker.error(answer)
        if sum(each.num_restarts for each in self._workers) >= self.max_restarts:
            raise worker.error(
                f"{answer} {self.max_restarts} processes were replaced already (max_restarts)."
            )
        worker.restart()
        self._await_ready([worker])
        self._lost.append(f"{lost} A new process takes its place; the episode is reported as truncated.")
        return None

    def _unpack(self, worker: Worker, reply: Reply, what: str) -> Any:
        if reply.error:
            error = worker.error(f"{what}: {reply.error}")
            error.add_note(f"In the worker process:\n{reply.details}")
            raise error
        return reply.value

    def _warn_of_losses(self) -> None:
        """Warn when all is in order again, so that a warning made an error does no harm."""
        lost, self._lost = self._lost, []
        for message in lost:
            warnings.warn(message, WorkerWarning, stacklevel=3)

    def _batch_of_last(self) -> Any:
        empty: Any = create_empty_array(self.single_observation_space, self.num_envs)
        return concatenate(self.single_observation_space, self._last, empty)

    def _merged(self, infos: dict[int, dict[str, Any]]) -> dict[str, Any]:
        """The infos of all environments as Gymnasium's vector environments give them."""
        merged: dict[str, Any] = {}
        for index, info in infos.items():
            merged = self._add_info(merged, info, index)
        return merged
