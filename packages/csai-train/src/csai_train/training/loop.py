"""Training: the loop in which an algorithm acts, sees what follows, and learns."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import VectorEnv

from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.episode_memory import EpisodeMemory
from csai_core.errors import ContractError, EnvironmentFailedError
from csai_core.schema import check
from csai_core.vector import SupervisedVectorEnv
from csai_train.agent import TrainedAgent
from csai_train.environments.autoreset import AutoresetAdapter, EpisodeEnds
from csai_train.episode_window import EpisodeWindow
from csai_train.errors import NonFiniteError
from csai_train.events import Callback, Episode, Session, mean_score
from csai_train.training.length import nothing_learned, require_update
from csai_train.training.state_schema import STATE


class Training(Session):
    """One training: an algorithm, its environments, and how far they have come.

    Args:
        algorithm: what decides and learns.
        envs: the environments, in any autoreset mode.
        total_steps: when to stop, counted over all environments.
        seed: decides how the environments start.
        callbacks: who is notified of what happens.
        total_episodes: also to stop after so many episodes, if that is sooner.

    Raises:
        RunError: if the environments do not say how they reset.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        envs: VectorEnv[Any, Any, Any],
        *,
        total_steps: int,
        seed: int,
        callbacks: Sequence[Callback] = (),
        total_episodes: int | None = None,
    ) -> None:
        super().__init__(total_steps, callbacks)
        self.algorithm = algorithm
        self.envs = envs
        self.seed = seed
        self.num_episodes = 0
        self.total_episodes = math.inf if total_episodes is None else total_episodes
        self.pause_at: float = math.inf
        """After how many steps `run` comes back, though the training is not over."""
        self.recent: deque[Episode] = deque(maxlen=100)
        self.window = EpisodeWindow(envs.num_envs)
        """The episodes since the last mark."""
        if isinstance(envs, SupervisedVectorEnv):
            envs.warn_by(self.warn)
        self._adapter = AutoresetAdapter(envs, self.warn)
        algorithm.set_envs(envs)
        self._memory = EpisodeMemory(algorithm, envs.num_envs)
        self._returns = np.zeros(envs.num_envs)
        self.last_step: Step | None = None
        """What the last step brought; the environments' arrays, which the next may change."""
        self._is_whole = True
        """Whether no step has begun, of which the algorithm would know but a part."""
        self._described: dict[str, str] | None = None
        """How the algorithm said that it computes, until its first update."""
        self._clock = 0
        """How often all environments were stepped."""
        self._began = np.zeros(envs.num_envs, dtype=np.int64)
        """What the clock said when each environment's episode began."""

    @property
    def is_complete(self) -> bool:
        """Whether all steps have been taken, or all episodes played."""
        return self.steps >= self.total_steps or self.num_episodes >= self.total_episodes

    @property
    def is_stopping(self) -> bool:
        """Whether it ends before the next step, as somebody asked for that."""
        return self.stop_requested

    @property
    def environment(self) -> EnvSpec | None:
        """The specification of the environments, where they have one."""
        return self.envs.spec if isinstance(self.envs.spec, EnvSpec) else None  # EnvPool's is another

    @property
    def observation(self) -> Any:
        """What is seen now, of all environments; None before the first step."""
        return self._adapter.observation

    @property
    def action_mask(self) -> Any:
        """(num_envs, number of actions), 1 where an action is allowed now; None where all are."""
        return self._adapter.action_mask

    @property
    def memory(self) -> Any:
        """What the algorithm remembers of the episodes under way; None where it remembers nothing."""
        return self._memory.now

    @property
    def num_unlearned(self) -> int:
        """How many of its last steps the algorithm has not learned from, as it waits for more of them."""
        return self.algorithm.num_unlearned()

    @property
    def can_be_saved(self) -> bool:
        """Whether it is between two steps; so it is where an environment or `act` has failed."""
        return super().can_be_saved or (self._is_whole and isinstance(self.failure, Exception))

    def at_work(self) -> Sequence[object]:
        """The algorithm, and what it and its parts were given: its buffer, its networks and their blocks."""
        parts: list[Any] = [self.algorithm, *_held_by(self.algorithm)]
        parts += [held for part in parts[1:] for held in _held_by(part)]
        networks = [part for part in parts if callable(getattr(type(part), "modules", None))]
        return parts + [block for network in networks for block in network.modules()]

    def require_update(self, name: str) -> None:
        """Refuse a training that ends before its algorithm, of that name, can have learned anything.

        Raises:
            ConfigError: see `length.require_update`.
        """
        if self._adapter.takes_every_step:  # otherwise nobody knows how many will be resets
            require_update(name, self.algorithm, self.total_steps, self.envs.num_envs)

    def agent(self) -> TrainedAgent:
        """The agent that plays as the algorithm has learned so far."""
        return TrainedAgent(self.algorithm, self.envs.single_observation_space, self.envs.single_action_space)

    def run(self) -> None:
        """Go on from where this training stands until its last step, `pause_at`, or `stop_requested`.

        Raises:
            CallbackError: if a callback failed, naming it.
            EnvironmentFailedError: if an environment raises, or gives what cannot be used; nothing was
                learned from that step.
            NonFiniteError: if a measurement is NaN or infinite.
        """
        self._described = self.algorithm.describe()
        with self.running():
            try:
                if self._adapter.observation is None:
                    self._start_episodes()
                while not (self.is_complete or self.is_stopping or self.steps >= self.pause_at):
                    self._take_step()
            except EnvironmentFailedError as error:
                self._leave_episodes()
                error.repeat = error.repeat or f"train with seed={self.seed} and the same settings again"
                raise
            if self.is_complete and self.num_unlearned >= self.steps:
                self.warn(nothing_learned(self.steps, self.num_episodes))

    def go_on_with(self, algorithm: Algorithm, total_steps: int, total_episodes: int | None = None) -> None:
        """Let another algorithm go on where this one stands, which has its state already.

        Args:
            algorithm: the other.
            total_steps: when the training shall be complete now.
            total_episodes: also to stop after so many episodes, if that is sooner.
        """
        self.algorithm = algorithm
        self.total_steps = total_steps
        self.total_episodes = math.inf if total_episodes is None else total_episodes
        algorithm.set_envs(self.envs)
        memory, self._memory = self._memory.now, EpisodeMemory(algorithm, self.envs.num_envs)
        self._memory.load(memory)

    def _leave_episodes(self) -> None:
        """Have the next step belong to new episodes, as nobody knows how far the present ones have come."""
        self._adapter.observation = None
        self._is_whole = True
        self.algorithm.cut_episodes()
        self._memory.start_again(np.ones(self.envs.num_envs, dtype=np.bool_))
        self._returns[:] = 0
        self._began[:] = self._clock

    def _start_episodes(self) -> None:
        # Where a resumed training cannot go on with its episodes, the new ones are not the first again.
        self._adapter.reset(self._environment_seeds([self.seed, self.steps] if self.steps else self.seed))

    def _environment_seeds(self, entropy: int | list[int]) -> list[int]:
        """One independent seed for each environment; neighboring trainings share none."""
        return environment_seeds(entropy, self.envs.num_envs)

    def _take_step(self) -> None:
        now = self._adapter
        decision = self.algorithm.act(
            now.observation, explore=True, action_mask=now.action_mask, **self._memory.given()
        )
        if not isinstance(decision, Decision):
            raise self._broken_contract("act", decision, "Decision(action)")
        self._is_whole = False
        step, ends = now.step(decision)
        self._memory.follow(decision, step)
        metrics = self.algorithm.learn(step)
        self.steps += step.num_taken
        self.last_step = step
        episodes = self._count(step, ends)
        if metrics:
            self._note(metrics)
        # The step is complete: whatever happens from here on, the training can be saved.
        self._is_whole = True
        self._finish_step(episodes)

    def _finish_step(self, episodes: Sequence[Episode]) -> None:
        """Tell of a step that is complete, and of the episodes that it ended."""
        for episode in episodes:
            self.emit("episode", episode)
        self.end_step()
        self.raise_if_broken()

    def _count(self, step: Step, ends: EpisodeEnds | None) -> list[Episode]:
        """Add up rewards and lengths; the episodes that ended."""
        self._returns += step.reward
        self._clock += 1
        if step.is_reset is not None:
            self._returns[step.is_reset] = 0
            self._began[step.is_reset] = self._clock
        if ends is None:
            return []
        over, scores = ends
        columns = [self._returns[over].tolist(), (self._clock - self._began[over]).tolist()]
        columns.append([None] * len(columns[0]) if scores is None else scores[over].tolist())
        episodes = [
            Episode(self.steps, total, length, None if score != score else score)
            for total, length, score in zip(*columns, strict=True)
        ]
        if episodes:
            self._include(episodes, sum(step.truncated[over].tolist()))
        self._returns[over] = 0
        self._began[over] = self._clock
        return episodes

    def _include(self, episodes: Sequence[Episode], num_cut: int) -> None:
        """Take note of episodes that have ended, of which so many were cut short."""
        self.num_episodes += len(episodes)
        self.recent.extend(episodes)
        self.window.include(episodes, num_cut)

    def _note(self, metrics: Mapping[str, float]) -> None:
        """Keep what was measured, and report it."""
        if not isinstance(metrics, Mapping):
            raise self._broken_contract("learn", metrics, "a dict of numbers by name, or an empty one")
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise NonFiniteError(f"After {self.steps} steps the algorithm measured {name} = {value}.")
        self.metrics.update(metrics)
        self.emit("update", metrics)
        if self._described is not None:
            self._tell_of_change(self._described)
            self._described = None

    def _broken_contract(self, method: str, given: object, wanted: str) -> ContractError:
        name = type(self.algorithm).__name__
        return ContractError(f"{name}.{method} returned a {type(given).__name__}; it must return {wanted}.")

    def _tell_of_change(self, before: Mapping[str, str]) -> None:
        """Warn where the first update has shown that the algorithm must compute in another way."""
        now = self.algorithm.describe()
        changes = [
            f"{name} is {value} in place of {before.get(name)}"
            for name, value in now.items()
            if name not in ("reason", "note") and value != before.get(name)
        ]
        if changes:
            because = f", as {now['reason']}" if "reason" in now else ""
            self.warn(f"Since its first update, the algorithm's {' and '.join(changes)}{because}.")

    def progress(self) -> tuple[int, int]:
        """Episodes where it ends by them, otherwise steps."""
        if self.total_episodes == math.inf:
            return self.steps, self.total_steps
        return self.num_episodes, int(self.total_episodes)

    def finish_mark(self) -> None:
        """Begin the next window of episodes."""
        self.window = EpisodeWindow(self.envs.num_envs)

    def _repr_html_(self) -> str:
        from csai_train.training.card import training_card

        return training_card(self)

    # --- what those who listen ask

    def recent_return(self) -> float | None:
        """The mean return of the last 100 episodes."""
        return _mean([episode.total_reward for episode in [*self.recent]])

    def episodes_since_mark(self) -> dict[str, Any]:
        """A summary of them."""
        return self.window.summary()

    def metrics_row(self) -> dict[str, str]:
        """Episodes, and the means of the last 100 of them; blank before the first has ended."""
        means = {
            "mean_return": self.recent_return(),
            "mean_length": _mean([episode.length for episode in self.recent]),
            "mean_score": mean_score(self.recent),
        }
        blank_or_number = {name: "" if value is None else f"{value:.6g}" for name, value in means.items()}
        return {"episodes": str(self.num_episodes), **blank_or_number}

    def status_line(self, steps_per_second: float) -> str:
        """Speed, and the last 100 episodes' mean return and score."""
        words = f"{steps_per_second:,.0f} steps/s"
        if self.recent:
            words += f"  return {self.recent_return():.2f}"
            score = mean_score(self.recent)
            words += "" if score is None else f"  score {score:.2f}"
        return words

    def describe(self) -> dict[str, str]:
        """How the algorithm computes."""
        return self.algorithm.describe()

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here.

        Where the environments cannot be brought back to where they are, "environments" is None, and the
        training goes on with new episodes.
        """
        return {
            "algorithm": self.algorithm.state_dict(),
            **self._adapter.state_dict(),
            "memory": self._memory.now,
            "returns": self._returns,
            "lengths": self._clock - self._began,
            "steps": self.steps,
            "num_episodes": self.num_episodes,
            "recent": [astuple(episode) for episode in self.recent],
            "window": self.window.state_dict(),
            "metrics": self.metrics,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> str:
        """Go on from a state that `state_dict` gave.

        Returns:
            Empty where the training goes on exactly as it would have; otherwise why it does not. It then
            goes on with new episodes.
        """
        check(state, STATE)
        self.algorithm.load_state_dict(state["algorithm"])
        self.steps = state["steps"]
        self.num_episodes = state["num_episodes"]
        self.recent = deque((Episode(*values) for values in state["recent"]), maxlen=100)
        self.window.load_state_dict(state["window"])
        self.metrics = dict(state["metrics"])
        problem = self._adapter.load_state_dict(state)
        if self.steps and self._adapter.observation is None:
            problem = problem or "an environment had failed there"
        if problem:
            self.algorithm.cut_episodes()
        else:
            self._memory.load(state.get("memory"))
            self._returns = np.array(state["returns"], np.float64).reshape(self.envs.num_envs)
            self._began = self._clock - np.array(state["lengths"], np.int64).reshape(self.envs.num_envs)
        return problem


def _held_by(holder: object) -> list[Any]:
    return list(getattr(holder, "__dict__", {}).values())


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def environment_seeds(entropy: int | list[int], num_envs: int) -> list[int]:
    """One independent seed for each of some environments, the same for the first ones however many follow."""
    return [int(state) for state in np.random.SeedSequence(entropy).generate_state(num_envs)]
