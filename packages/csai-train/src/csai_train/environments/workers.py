"""Environments of a training in worker processes: the same training, sooner where their steps are slow."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import create_empty_array, iterate

from csai_core import replay_state
from csai_core.gate import score_of
from csai_core.vector import SupervisedVectorEnv
from csai_train.threads import limited_threads

_MOST_RESTARTS = 100
_STEP_SECONDS = 300.0
"""After so long a step or reset is given up; simulators may be slow."""
_WARM_UP = 10
"""Steps that are not measured: in the first ones, environments load what they need."""
_ALONE_EVERY = 50
"""In one of so many steps, the workers take turns, which shows how long the environments take alone."""


class WorkerVectorEnv(SupervisedVectorEnv):
    """Does what SerialVectorEnv does, in worker processes, and measures what they gain.

    Its state is that of a SerialVectorEnv, so that a run may go on with other workers or none.

    Args:
        make: makes one of the environments.
        spec: their specification.
        num_envs: how many.
        num_workers: in how many processes.

    Raises:
        ConfigError: if there are more workers than environments.
        WorkerError: if an environment cannot be made.
    """

    def __init__(
        self, make: Callable[[], gymnasium.Env[Any, Any]], spec: EnvSpec, num_envs: int, num_workers: int
    ) -> None:
        super().__init__(
            [functools.partial(_make, make)] * num_envs,
            num_workers=num_workers,
            autoreset_mode=AutoresetMode.SAME_STEP,
            timeout=_STEP_SECONDS,
            max_restarts=_MOST_RESTARTS,
        )
        self.spec = spec
        self._began = 0.0
        self._num_steps = self._num_alone = 0
        self._step_seconds = self._seconds_together = self._seconds_alone = 0.0

    def step(self, actions: Any) -> Any:
        """Take one step in every environment; see the class."""
        supervisor, started = self._supervisor, time.perf_counter()
        self._began = self._began or started
        supervisor.is_one_by_one = self._num_steps % _ALONE_EVERY == _WARM_UP
        before = supervisor.environment_seconds
        result = super().step(actions)
        seconds = time.perf_counter() - started
        self._step_seconds += seconds
        if supervisor.is_one_by_one:
            self._num_alone += 1
            self._seconds_alone += supervisor.environment_seconds - before
        elif self._num_steps >= _WARM_UP:
            self._seconds_together += seconds
        self._num_steps += 1
        return result

    def describe_gain(self) -> str:
        """A sentence that says what the workers gained; empty where too little was measured."""
        num_together = self._num_steps - _WARM_UP - self._num_alone
        if not self._num_alone or num_together <= 0:
            return ""
        share = self._step_seconds / (time.perf_counter() - self._began)
        faster = (self._seconds_alone / self._num_alone) / (self._seconds_together / num_together)
        workers = "1 worker" if self.num_workers == 1 else f"{self.num_workers} workers"
        cue = "" if faster >= 1 else " Without workers this training would be faster here."
        return (
            f"Environment steps took {share:.0%} of the time; {workers} made them {faster:.2g} times as fast."
            f"{cue}"
        )

    def state_dict(self) -> Any:
        """What brings every environment back to where it is; None where one was lost just now."""
        state = super().state_dict()
        return None if state is None else state["environments"]

    def load_state_dict(self, state: Any) -> str:
        """Return every environment to where `state_dict` was called; empty, or why that is not exact."""
        empty = create_empty_array(self.single_observation_space, self.num_envs, fn=np.zeros)
        unknown = list(iterate(self.observation_space, empty))
        is_over = np.zeros(self.num_envs, np.bool_)
        return super().load_state_dict({"environments": state, "observations": unknown, "is_over": is_over})


class _Resumable(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment that says its state, and of infos only what a training reads.

    As in a training, one thread computes for it.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(replay_state.recorded(env))
        self._threads = ExitStack()
        self._threads.enter_context(limited_threads(1))

    @property
    def spec(self) -> Any:  # type: ignore[override]
        return self.env.spec

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        return _shortened(self.env.reset(seed=seed, options=options))

    def step(self, action: Any) -> Any:
        return _shortened(self.env.step(action))

    def close(self) -> None:
        self._threads.close()
        super().close()

    def state_dict(self) -> dict[str, Any]:
        return replay_state.state_of(self.env)

    def load_state_dict(self, state: dict[str, Any]) -> str:
        return replay_state.restore(self.env, state)


def _shortened(result: Any) -> Any:
    """A result with what a training reads of its info; whatever is no result, the gate refuses."""
    if type(result) is not tuple or not isinstance(result[-1], dict):
        return result
    *others, info = result
    told: dict[str, Any] = {"score": score_of(info)}
    mask = info.get("action_mask")
    # A mask in parts is read as one row where all masks are.
    told["action_mask"] = mask if mask is None or isinstance(mask, (dict, tuple, list)) else np.asarray(mask)
    return *others, {name: value for name, value in told.items() if value is not None}


def _make(make: Callable[[], gymnasium.Env[Any, Any]]) -> gymnasium.Env[Any, Any]:
    return _Resumable(make())
