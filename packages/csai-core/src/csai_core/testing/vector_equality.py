"""Comparing a vector environment with single ones, step by step, across the ends of episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import iterate

from csai_core.testing.compare import difference
from csai_core.testing.suite import fail


def make_batched(spec: EnvSpec, num_envs: int) -> Iterator[tuple[AutoresetMode, VectorEnv[Any, Any, Any]]]:
    """The environment's own vector class, in each autoreset mode that it takes."""
    found = 0
    for mode in AutoresetMode:
        try:
            envs = _make(spec, num_envs, autoreset_mode=mode)
        except (TypeError, ValueError):
            continue
        found += 1
        yield mode, envs
    if not found:
        envs = _make(spec, num_envs)
        yield envs.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP), envs


def compare_with_singles(
    envs: VectorEnv[Any, Any, Any],
    make_single: Callable[[], gymnasium.Env[Any, Any]],
    mode: AutoresetMode,
    *,
    num_steps: int,
    seed: int,
) -> None:
    """Check that the i-th of the vector does what a single one reset with `seed + i` does; closes all.

    Raises:
        ConformanceError: naming the step and what differs.
    """
    singles = [_Single(make_single(), mode) for _ in range(envs.num_envs)]
    envs.action_space.seed(seed)
    try:
        batch, _ = envs.reset(seed=seed)
        expected = [single.reset(seed + i) for i, single in enumerate(singles)]
        _compare(envs, batch, expected, mode, f"reset(seed={seed})")
        for step in range(1, num_steps + 1):
            if mode == AutoresetMode.DISABLED and any(single.is_over for single in singles):
                mask = np.array([single.is_over for single in singles])
                batch, _ = envs.reset(options={"reset_mask": mask})
                expected = [each.reset() if each.is_over else each.last for each in singles]
                _compare(envs, batch, expected, mode, f"the reset before step {step}")
            actions = envs.action_space.sample()
            batch, *outcome, _ = envs.step(actions)
            taken = iterate(envs.action_space, actions)
            expected = [single.step(action) for single, action in zip(singles, taken, strict=True)]
            _compare(envs, batch, expected, mode, f"step {step}")
            theirs = [list(map(float, each)) for each in outcome]
            ours = [[single.outcome[i] for single in singles] for i in range(3)]
            if found := difference(ours, theirs, "(reward, terminated, truncated)"):
                fail(f"{_heading(mode)} at step {step}: {found}. {_MEND}")
    finally:
        envs.close()
        for single in singles:
            single.env.close()


class _Single:
    """One environment that is reset as the autoreset mode says."""

    def __init__(self, env: gymnasium.Env[Any, Any], mode: AutoresetMode) -> None:
        self.env = env
        self.is_over = False
        self.last: Any = None
        self.outcome = [0.0, 0.0, 0.0]
        self._mode = mode

    def reset(self, seed: int | None = None) -> Any:
        self.last, _ = self.env.reset(seed=seed)
        self.is_over = False
        return self.last

    def step(self, action: Any) -> Any:
        if self._mode == AutoresetMode.NEXT_STEP and self.is_over:
            self.outcome = [0.0, 0.0, 0.0]
            return self.reset()
        self.last, reward, terminated, truncated, _ = self.env.step(action)
        self.outcome = [float(reward), float(terminated), float(truncated)]
        self.is_over = bool(terminated or truncated)
        if self._mode == AutoresetMode.SAME_STEP and self.is_over:
            return self.reset()
        return self.last


_MEND = (
    "Environments of one process must share nothing: keep no state in class variables or modules, draw "
    "everything random from self.np_random, and in a batched version follow the single one's rules."
)


def _make(spec: EnvSpec, num_envs: int, **kwargs: Any) -> VectorEnv[Any, Any, Any]:
    made: VectorEnv[Any, Any, Any] = gymnasium.make_vec(
        spec.id, num_envs, vectorization_mode="vector_entry_point", **kwargs
    )
    return made


def _compare(
    envs: VectorEnv[Any, Any, Any], batch: Any, expected: list[Any], mode: AutoresetMode, when: str
) -> None:
    rows = list(iterate(envs.observation_space, batch))
    for index, (row, single) in enumerate(zip(rows, expected, strict=True)):
        if found := difference(single, row, "observation"):
            fail(f"{_heading(mode)} at {when}, environment {index}: {found}. {_MEND}")


def _heading(mode: AutoresetMode) -> str:
    return f"Alone (the one) and in a vector of autoreset mode {mode.value} (the other), it differs"
