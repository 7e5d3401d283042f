"""Training: the loop in which an algorithm acts, sees what follows, and learns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from csai_train import batches
from csai_train.algorithm import Algorithm, Step
from csai_train.callbacks.callback import Callback
from csai_train.errors import NonFiniteError, RunError
from csai_train.serial import SerialVectorEnv


@dataclass(frozen=True, slots=True)
class Episode:
    """One finished episode of a training."""

    steps: int
    """Steps taken in the whole training when it ended."""
    total_reward: float
    """The sum of its rewards, undiscounted."""
    length: int
    """Its number of steps."""
    score: float | None = None
    """The game's own score (`info["score"]`), where it keeps one."""


class Training:
    """One training: an algorithm, its environments, and how far they have come.

    Args:
        learner: the algorithm.
        envs: the environments, in the autoreset mode SAME_STEP.
        total_steps: when to stop, counted over all environments.
        seed: decides how the environments start.
        callbacks: who is told of what happens.

    Raises:
        RunError: if the environments reset themselves in another mode.
    """

    def __init__(
        self,
        learner: Algorithm,
        envs: VectorEnv[Any, Any, Any],
        *,
        total_steps: int,
        seed: int,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        mode = envs.metadata.get("autoreset_mode")
        if getattr(mode, "value", mode) != "SameStep":
            raise RunError(
                f"The environments have the autoreset mode {mode}; make them with "
                'vector_kwargs={"autoreset_mode": gymnasium.vector.AutoresetMode.SAME_STEP}.'
            )
        self.learner = learner
        self.envs = envs
        self.total_steps = total_steps
        self.seed = seed
        self.callbacks = list(callbacks)
        self.steps = 0
        self.num_episodes = 0
        self.recent: deque[Episode] = deque(maxlen=100)
        self.metrics: dict[str, float] = {}
        self.stop_requested = False
        self._observation: Any = None
        self._action_mask: NDArray[np.int8] | None = None
        self._returns = np.zeros(envs.num_envs)
        self._lengths = np.zeros(envs.num_envs, dtype=np.int64)

    def run(self) -> None:
        """Go on from where this training stands until its last step, or until `stop_requested`."""
        if self._observation is None:
            self._observation, info = self.envs.reset(seed=_environment_seeds(self.seed, self.envs.num_envs))
            self._action_mask = info.get("action_mask")
        with self._watched():
            while self.steps < self.total_steps and not self.stop_requested:
                self._take_step()

    def _take_step(self) -> None:
        action = self.learner.act(self._observation, explore=True, action_mask=self._action_mask)
        observation, reward, terminated, truncated, info = self.envs.step(action)
        step = Step(
            self._observation, action, reward, terminated, truncated, _with_last_ones(observation, info)
        )
        self._require_finite(step)
        metrics = self.learner.observe(step)
        self.steps += self.envs.num_envs
        self._observation, self._action_mask = observation, info.get("action_mask")
        if metrics:
            self.metrics.update(metrics)
        self._count(step, info)
        for callback in self.callbacks:
            callback.step(self)

    def _count(self, step: Step, info: Mapping[str, Any]) -> None:
        """Add up rewards and lengths, and tell of the episodes that ended."""
        self._returns += step.reward
        self._lengths += 1
        ended = step.terminated | step.truncated
        if not ended.any():
            return
        for i in np.flatnonzero(ended):
            episode = Episode(
                self.steps, float(self._returns[i]), int(self._lengths[i]), _score(info, int(i))
            )
            self.num_episodes += 1
            self.recent.append(episode)
            for callback in self.callbacks:
                callback.episode(self, episode)
        self._returns[ended] = 0
        self._lengths[ended] = 0

    def _require_finite(self, step: Step) -> None:
        for what, values in (("reward", step.reward), ("observation", step.next_observation)):
            if not batches.is_finite(values):
                raise NonFiniteError(
                    f"After {self.steps} steps an environment gave a {what} that is not finite: {values}. "
                    "Nothing was learned from it."
                )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        for callback in self.callbacks:
            callback.start(self)
        try:
            yield
        finally:
            for callback in self.callbacks:
                callback.stop(self)

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here.

        Where the environments cannot say their state, "environments" is None, and the training goes on
        with new episodes.
        """
        can_save = isinstance(self.envs, SerialVectorEnv) and self.envs.has_state
        return {
            "learner": self.learner.state_dict(),
            "environments": self.envs.state_dict() if can_save else None,  # type: ignore[attr-defined]
            "observation": self._observation,
            "action_mask": self._action_mask,
            "returns": self._returns,
            "lengths": self._lengths,
            "steps": self.steps,
            "num_episodes": self.num_episodes,
            "recent": [(e.steps, e.total_reward, e.length, e.score) for e in self.recent],
            "metrics": self.metrics,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.learner.load_state_dict(state["learner"])
        if state["environments"] is not None:
            self.envs.load_state_dict(state["environments"])  # type: ignore[attr-defined]
            self._observation = state["observation"]
            self._action_mask = state["action_mask"]
            self._returns = state["returns"].copy()
            self._lengths = state["lengths"].copy()
        self.steps = state["steps"]
        self.num_episodes = state["num_episodes"]
        self.recent = deque((Episode(*values) for values in state["recent"]), maxlen=100)
        self.metrics = dict(state["metrics"])


def _environment_seeds(seed: int, num_envs: int) -> Any:
    """One independent seed for each environment; neighbouring trainings share none."""
    return [int(state) for state in np.random.SeedSequence(seed).generate_state(num_envs)]


def _with_last_ones(observation: Any, info: Mapping[str, Any]) -> Any:
    """The observations that the actions led to: where an episode ended, its last one."""
    if "final_obs" not in info:
        return observation
    result = batches.copy(observation)
    for i in np.flatnonzero(info["_final_obs"]):
        batches.replace(result, int(i), info["final_obs"][i])
    return result


def _score(info: Mapping[str, Any], index: int) -> float | None:
    """The game's own score at the end of environment `index`'s episode."""
    final = info.get("final_info")
    if final is None:
        return None
    if isinstance(final, dict):  # Gymnasium's own vector environments: a dict of arrays
        return float(final["score"][index]) if "score" in final else None
    score = final[index].get("score")
    return None if score is None else float(score)
