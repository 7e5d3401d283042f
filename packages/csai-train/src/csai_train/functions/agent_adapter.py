"""An agent of somebody's beside an algorithm: it names the actions, and is notified of every transition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import Agent, trees
from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Step
from csai_core.errors import ConfigError
from csai_core.gate import choices_of
from csai_core.spaces import values_of


class AgentAdapter(Algorithm):
    """An algorithm that chooses among what an agent names, and an agent that sees what comes of it.

    Args:
        algorithm: acts in a Discrete space of as many actions as there are names.
        agent: is notified of every transition, where its class has `update`.
        names: what the algorithm's actions are called, in order; None where they are the environment's own.
        first_action: of the algorithm's.
        action_space: of one environment, in which the names lie.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        agent: Agent,
        names: list[Any] | None,
        first_action: int,
        action_space: spaces.Space[Any],
    ) -> None:
        self.algorithm = algorithm
        self.agent = agent
        self.names = names
        self._first_action = first_action
        self._action_space = action_space
        self._choices = [choices_of(action_space, name) for name in names or ()]
        """Of each name, which columns of a mask must allow it."""

    def act(
        self,
        observation: Any,
        *,
        explore: bool,
        action_mask: NDArray[np.int8] | None = None,
        **memory: Any,
    ) -> Decision:
        """Choose actions, by name; see `Algorithm.act`."""
        mask = self._by_name(action_mask)
        decision = self.algorithm.act(observation, explore=explore, action_mask=mask, **memory)
        if self.names is None:
            return decision
        named = trees.stack(self._action_space, self._names_of(decision.action))
        return decision._replace(action=named, memo=(decision.action, decision.memo))

    def initial_memory(self, num_envs: int) -> Any:
        """What the algorithm remembers at the start of an episode; see `Algorithm.initial_memory`."""
        return self.algorithm.initial_memory(num_envs)

    def learn(self, step: Step) -> Mapping[str, float]:
        """Tell the agent, and learn; see `Algorithm.learn`."""
        if learns_itself(self.agent):
            self._tell(step)
        if self.names is not None:
            action, memo = step.memo
            step = step._replace(
                action=action,
                action_mask=self._by_name(step.action_mask),
                next_action_mask=self._by_name(step.next_action_mask),
                memo=memo,
            )
        return self.algorithm.learn(step)

    def _tell(self, step: Step) -> None:
        """Show the agent every environment's transition."""
        count = len(step.reward)
        actions = trees.unstack(step.action, count) if self.names is None else self._names_of(step.memo[0])
        seen, led_to = (trees.unstack(each, count) for each in (step.observation, step.next_observation))
        for i in range(count):
            if step.is_reset is None or not step.is_reset[i]:
                self.agent.update(seen[i], actions[i], led_to[i], float(step.reward[i]))

    def _names_of(self, actions: NDArray[np.int64]) -> list[Any]:
        names = self.names or []
        return [names[choice] for choice in (actions - self._first_action).tolist()]

    def _by_name(self, action_mask: NDArray[np.int8] | None) -> NDArray[np.int8] | None:
        """A mask of the environment's actions as one of the names.

        Raises:
            ConfigError: if the environment allows none of the names.
        """
        if action_mask is None or self.names is None:
            return action_mask
        allowed = np.stack([action_mask[:, columns].all(axis=1) for columns in self._choices], axis=1)
        if not allowed.any(axis=1).all():
            raise ConfigError(
                f"The environment's action mask allows none of the actions {self.names} that the agent "
                "chooses from. Let get_actions return more of them."
            )
        return allowed.astype(np.int8)

    def first_update(self) -> FirstUpdate | None:
        """When the algorithm learns first; see `Algorithm.first_update`."""
        return self.algorithm.first_update()

    def num_unlearned(self) -> int:
        """What the algorithm waits with; see `Algorithm.num_unlearned`."""
        return self.algorithm.num_unlearned()

    def cut_episodes(self) -> None:
        """Hear that the episodes under way were cut; see `Algorithm.cut_episodes`."""
        self.algorithm.cut_episodes()

    def describe(self) -> dict[str, str]:
        """How the algorithm computes; see `Algorithm.describe`."""
        return self.algorithm.describe()

    def state_dict(self) -> dict[str, Any]:
        """That of the algorithm; the agent's is the agent's."""
        return self.algorithm.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.algorithm.load_state_dict(state)


def with_agent(
    algorithm: Algorithm,
    agent: Agent | None,
    names: list[Any] | None,
    chosen_from: spaces.Space[Any],
    action_space: spaces.Space[Any],
) -> Algorithm:
    """The algorithm with an agent beside it; by itself where there is nothing for the agent to do.

    Args:
        algorithm: what chooses.
        agent: somebody's, or None.
        names: what its actions are called, in order; None where they are the environment's.
        chosen_from: the algorithm's action space.
        action_space: of one environment.
    """
    if chosen_from == action_space and names == actions_of(action_space):
        names = None
    if agent is None or (names is None and not learns_itself(agent)):
        return algorithm
    return AgentAdapter(algorithm, agent, names, int(getattr(chosen_from, "start", 0)), action_space)


def learns_itself(agent: Agent) -> bool:
    """Whether an agent wants to be notified of every transition."""
    return getattr(type(agent), "update", Agent.update) is not Agent.update


def actions_of(action_space: spaces.Space[Any]) -> list[Any] | None:
    """All actions of a Discrete space, in order."""
    return values_of(action_space) if isinstance(action_space, spaces.Discrete) else None
