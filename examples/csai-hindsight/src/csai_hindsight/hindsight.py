"""Hindsight experience replay: what was achieved is learned from as if it had been wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_train import ReplayBuffer, Transitions, one_of
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
GOALS = ("achieved_goal", "desired_goal")


class HindsightReplayBuffer(ReplayBuffer):
    """Puts another goal in the place of most: one that was achieved later in the same episode.

    It takes observations of goals as Gymnasium-Robotics' environments give them: dicts with "achieved_goal"
    and "desired_goal". What other goals pay, it asks the environment, by `compute_reward(achieved_goal,
    desired_goal, info)`, and `compute_terminated` where there is one, of a batch of goals; info is empty.

    Args:
        batch_size: how many transitions a batch holds.
        capacity: how many are remembered; the oldest are forgotten first.
        num_goals: how many transitions with other goals there are for each with its own. 0 leaves all as they
            were; the paper found 4 or 8 the best.
        seed: makes the draws repeatable.

    Raises:
        ConfigError: if a number cannot work.

    Reference: Andrychowicz et al. 2017, arXiv:1707.01495, algorithm 1, with the strategy "future".
    """

    def __init__(
        self, batch_size: int = 32, capacity: int = 100_000, *, num_goals: int = 4, seed: int | None = None
    ) -> None:
        super().__init__(batch_size, capacity, seed=seed)
        self.num_goals = check_int(type(self).__name__, "num_goals", num_goals, 0)
        self._compute_reward: Callable[..., Any] | None = None
        self._compute_terminated: Callable[..., Any] | None = None
        self._start_empty()

    def _start_empty(self) -> None:
        self._episode: Numbers = np.zeros(self.capacity, np.int64)
        """By position: the number of the episode."""
        self._time: Numbers = np.zeros(self.capacity, np.int64)
        """By position: which step of the episode."""
        self._steps: dict[int, list[int]] = {}
        """By episode: the positions of its steps, in their order."""
        self._under_way: dict[int, int] = {}
        """By environment: the episode that goes on there."""
        self._num_episodes = 0

    # --- what a replay buffer may do in its own way

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Ask one of the environments what goals pay.

        Raises:
            ConfigError: if it cannot say.
        """
        env = one_of(envs)
        if not env.has_wrapper_attr("compute_reward"):
            raise ConfigError(
                f"A {type(self).__name__} needs environments that tell what a goal pays, by "
                f"compute_reward(achieved_goal, desired_goal, info); {env} does not. Choose another buffer."
            )
        self._compute_reward = env.get_wrapper_attr("compute_reward")
        if env.has_wrapper_attr("compute_terminated"):
            self._compute_terminated = env.get_wrapper_attr("compute_terminated")

    def check_form(self, rows: Mapping[str, Any]) -> None:
        """Refuse observations without goals."""
        observation = rows["observation"]
        if not isinstance(observation, dict) or any(name not in observation for name in GOALS):
            raise ConfigError(
                f"A {type(self).__name__} takes observations of goals, dicts with {' and '.join(GOALS)}; for "
                "others, use a ReplayBuffer."
            )

    def place(self, rows: Mapping[str, Any], env: Numbers) -> Numbers:
        """Note to which episode each transition belongs; see `ReplayBuffer.place`.

        Raises:
            ConfigError: if they are joined of several steps.
        """
        if "num_steps" in rows:
            raise ConfigError(
                f"A {type(self).__name__} takes steps one by one, as each has goals of its own: set n_step "
                "to 1."
            )
        position = super().place(rows, env)
        ended = rows["terminated"] | rows["truncated"]
        for place, number, is_last in zip(position.tolist(), env.tolist(), ended.tolist(), strict=True):
            self._forget(place)
            if number not in self._under_way:
                self._under_way[number] = self._num_episodes
                self._steps[self._num_episodes] = []
                self._num_episodes += 1
            episode = self._under_way[number]
            self._episode[place], self._time[place] = episode, len(self._steps[episode])
            self._steps[episode].append(place)
            if is_last:
                del self._under_way[number]
        return position

    def sample(self, n: int | None = None) -> Transitions:
        """Draw transitions evenly, and give most of them a goal that was achieved later.

        Args:
            n: how many; None draws `batch_size`.

        Raises:
            ConfigError: if none can be drawn yet, or nobody has said what other goals pay.
        """
        batch = super().sample(n)
        chance = self.num_goals / (self.num_goals + 1)
        chosen = np.flatnonzero(self.random.random(len(batch.reward)) < chance)
        return self._with_goals(batch, chosen) if len(chosen) else batch

    def cut_episodes(self) -> None:
        """What is stored next belongs to new episodes."""
        self._under_way.clear()

    def clear_memory(self) -> None:
        """Forget everything."""
        super().clear_memory()
        self._start_empty()

    def state_dict(self) -> dict[str, Any]:
        """Everything remembered, and to which episodes it belongs."""
        return {
            **super().state_dict(),
            "episode": self._episode[: self.num_drawable].copy(),
            "time": self._time[: self.num_drawable].copy(),
            "under_way": [*self._under_way.items()],
            "num_episodes": self._num_episodes,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Remember what `state_dict` gave."""
        super().load_state_dict(state)
        self._start_empty()
        self._under_way = dict(state["under_way"])
        self._num_episodes = state["num_episodes"]
        self._episode[: self.num_drawable] = state["episode"]
        self._time[: self.num_drawable] = state["time"]
        self._steps = {episode: [] for episode in self._under_way.values()}
        for place in np.argsort(self._time[: self.num_drawable], kind="stable").tolist():
            steps = self._steps.setdefault(int(self._episode[place]), [])
            steps.extend([-1] * (int(self._time[place]) - len(steps)))  # the first may be forgotten
            steps.append(place)

    # --- inner workings

    def _forget(self, place: int) -> None:
        """Let go of an episode whose last step is written over; its first ones were before."""
        if place < self.num_drawable:
            episode = int(self._episode[place])
            if self._time[place] == len(self._steps[episode]) - 1 and episode not in self._under_way.values():
                del self._steps[episode]

    def _with_goals(self, batch: Transitions, chosen: NDArray[np.intp]) -> Transitions:
        """The batch, with goals from later in the episode where chosen."""
        if self._compute_reward is None:
            raise ConfigError(
                f"This {type(self).__name__} does not know what other goals pay. A training tells it; "
                "elsewhere, call set_envs(envs), or set num_goals to 0."
            )
        goal = self.take(self._later(batch.position[chosen])).next_observation["achieved_goal"]
        achieved = batch.next_observation["achieved_goal"][chosen]
        for observation in (batch.observation, batch.next_observation):
            observation["desired_goal"][chosen] = goal
        batch.reward[chosen] = self._compute_reward(achieved, goal, {})
        if self._compute_terminated is not None:
            batch.terminated[chosen] = self._compute_terminated(achieved, goal, {})
        return batch

    def _later(self, position: Numbers) -> Numbers:
        """For each position, that of a step of the same episode that is not before it."""
        steps = [self._steps[episode] for episode in self._episode[position].tolist()]
        time = self.random.integers(self._time[position], [len(each) for each in steps])
        return np.array([each[i] for each, i in zip(steps, time.tolist(), strict=True)])
