"""A vector environment in worker processes that survives the death of any of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from csai_core.arguments import check_int
from csai_core.environments import find_spec
from csai_core.errors import ConfigError, ContractError
from csai_core.vector.supervisor import MakeEnv, Supervisor
from csai_core.vector.worker import Description


class SupervisedVectorEnv(VectorEnv[Any, Any, Any]):
    """Steps environments in parallel, in worker processes.

    A process that is killed or does not answer in time is replaced: the episodes in it are reported as
    truncated, with reward 0 and the last observation that is known, a `WorkerWarning` says where it
    stood, and the next episode begins in a new process. `info["worker_lost"]` marks such a step. An
    exception in an environment is raised here as a `WorkerError`. No call takes longer than its deadline,
    whatever the processes do and however large observations and actions are; `close` returns within
    seconds, and no process outlives this one.

    Processes are spawned, so in a script this must be made below `if __name__ == "__main__":`.

    Args:
        makers: for each environment its id, such as "CartPole-v1" or "module:Id-v0", its specification, or a
            function that makes it, lambdas included.
        num_workers: in how many processes; the environments of one are stepped one after the other. None
            gives each environment a process of its own.
        autoreset_mode: when an ended episode starts again: in the next step, in the same, or by `reset`.
        timeout: seconds that one `reset` or `step` of an environment may take.
        max_restarts: how many processes may be replaced in all, before `WorkerError` is raised.

    Raises:
        ConfigError: if there are no makers, more workers than environments, or a maker cannot be sent to
            another process.
        ContractError: if the environments have different spaces.
        UnknownNameError: if there is no environment of that id.
        WorkerError: if an environment cannot be made.
    """

    def __init__(
        self,
        makers: Sequence[str | MakeEnv],
        *,
        num_workers: int | None = None,
        autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
        timeout: float = 60.0,
        max_restarts: int = 10,
    ) -> None:
        if not makers:
            raise ConfigError("SupervisedVectorEnv was given no environments; give it one or more.")
        self.num_envs = len(makers)
        self.num_workers = self.num_envs if num_workers is None else num_workers
        check_int("SupervisedVectorEnv", "num_workers", self.num_workers, least=1, most=self.num_envs)
        self.autoreset_mode = autoreset_mode
        found = [find_spec(make) if isinstance(make, str) else make for make in makers]
        self.spec = found[0] if isinstance(found[0], EnvSpec) else None
        self._supervisor = Supervisor(found, self.num_workers, timeout, max_restarts)
        try:
            self._take_description(self._supervisor.descriptions)
        except BaseException:
            self.close()
            raise
        self._last: list[Any] = [None] * self.num_envs
        self._is_over = np.zeros(self.num_envs, np.bool_)

    def warn_by(self, warn: Callable[[str], None]) -> None:
        """Have somebody told of each process that is lost, in place of a `WorkerWarning`."""
        self._supervisor.warn = warn

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
        chosen: Iterable[int] = range(self.num_envs)
        if options is not None and "reset_mask" in options:
            options = dict(options)
            chosen = np.flatnonzero(options.pop("reset_mask")).tolist()
        infos = self._reset({index: seeds[index] for index in chosen}, options)
        self._supervisor.warn_of_losses()
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
        lost = {i for i, account in enumerate(self._supervisor.accounts) if account.is_lost} - infos.keys()
        # Copies: what was iterated may be a view of an array that the caller changes.
        taken = {i: copy.deepcopy(action) for i, action in enumerate(iterate(self.action_space, actions))}
        values = self._supervisor.step({i: taken[i] for i in taken.keys() - infos.keys() - lost})
        for i, value in {**values, **dict.fromkeys(lost)}.items():
            outcome = self._outcome_of_loss(i) if value is None else value
            self._last[i], rewards[i], terminated[i], truncated[i], infos[i] = outcome
        self._is_over = terminated | truncated
        last = list(self._last)
        for i, info in self._start_ended_episodes(AutoresetMode.SAME_STEP).items():
            infos[i] = {**info, "final_obs": last[i], "final_info": infos[i]}
        self._supervisor.warn_of_losses()
        return self._batch_of_last(), rewards, terminated, truncated, self._merged(infos)

    def render(self) -> tuple[Any, ...]:
        """What each environment renders; None for one whose process was lost.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        frames = self._call("render", dict.fromkeys(range(self.num_envs), ()))
        self._supervisor.warn_of_losses()
        return tuple(frames)

    def state_dict(self) -> Any:
        """What brings all environments back to where they are, as they say it by their own `state_dict`.

        Returns:
            None where one has no `state_dict` and `load_state_dict`, or was lost just now.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        if not self._can_be_saved:
            return None
        states = self._call("save", dict.fromkeys(range(self.num_envs), ()))
        self._supervisor.warn_of_losses()
        if any(account.is_lost for account in self._supervisor.accounts):
            return None
        return {"environments": states, "observations": list(self._last), "is_over": self._is_over.copy()}

    def load_state_dict(self, state: Any) -> str:
        """Return every environment to where `state_dict` was called.

        Returns:
            Empty, or why that could not be done exactly, as the first environment says by what its own
            `load_state_dict` returns.

        Raises:
            WorkerError: if an environment raises, or processes cannot be kept alive.
        """
        problems = self._call("load", {i: (each,) for i, each in enumerate(state["environments"])})
        self._last, self._is_over = list(state["observations"]), np.array(state["is_over"], np.bool_)
        self._supervisor.warn_of_losses()
        return next((problem for problem in problems if isinstance(problem, str)), "")

    def close(self, **kwargs: Any) -> None:
        """End all processes, those that hang too, within seconds; doing it twice is fine."""
        self._supervisor.close()
        self.closed = True

    def __del__(self) -> None:
        """Leave no process behind."""
        if hasattr(self, "_supervisor"):
            self.close()

    # --- inner workings

    def _call(self, command: str, requests: Mapping[int, tuple[Any, ...]]) -> list[Any]:
        values = self._supervisor.call(command, requests)
        return [values[index] for index in range(self.num_envs)]

    def _outcome_of_loss(self, index: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """What a step is reported as whose environment went with its process, once."""
        self._supervisor.accounts[index].is_lost = False
        return self._last[index], 0.0, False, True, {"worker_lost": True}

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
        self._can_be_saved = all(each.can_be_saved for each in described)

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
        return self._reset(dict.fromkeys(np.flatnonzero(self._is_over).tolist()), None)

    def _reset(
        self, seeds: Mapping[int, int | None], options: dict[str, Any] | None
    ) -> dict[int, dict[str, Any]]:
        """Reset some environments; the infos by index."""
        infos = {}
        for index, (observation, info) in self._supervisor.reset(seeds, options).items():
            self._last[index], infos[index], self._is_over[index] = observation, info, False
        return infos

    def _batch_of_last(self) -> Any:
        empty: Any = create_empty_array(self.single_observation_space, self.num_envs)
        return concatenate(self.single_observation_space, self._last, empty)

    def _merged(self, infos: dict[int, dict[str, Any]]) -> dict[str, Any]:
        """The infos of all environments as Gymnasium's vector environments give them."""
        merged: dict[str, Any] = {}
        for index in sorted(infos):
            merged = self._add_info(merged, infos[index], index)
        return merged
