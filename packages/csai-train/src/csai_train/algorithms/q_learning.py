"""Q-learning with a table (Watkins 1989; Sutton and Barto 2018, section 6.5), the whole of it.

The table holds Q(state, action), the return to expect after taking `action` in `state` and acting as
well as the table knows from then on. After each step its entry is pulled toward what was just seen:

    Q(s, a)  <-  Q(s, a) + alpha * (r + gamma * max_a' Q(s', a') - Q(s, a))

where the term with gamma falls away when the game ended in s'. Two relatives differ in what they expect
of s' (`rule`): SARSA takes Q(s', a') of the action that is really taken there next, and expected SARSA the
mean over what the policy might do. Both then judge the policy as it is, its random actions included, and
keep away from where these would be costly.

Where chance decides what an action brings, two settings bring the table to the true values: a rate that
falls with the visits to an entry (`visit_horizon`) averages the chance away, and entries that promise too
much at first (`initial_value`) make everything be tried.
"""

from __future__ import annotations

import functools
import os
import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Learned, Outlook, Step
from csai_core.arguments import MOST_ENVS, check_number, check_seed, check_type
from csai_core.errors import ConfigError, SpaceError
from csai_core.options import check_types, require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_core.spaces import values_of
from csai_train.algorithms.q_table import (
    is_key_of,
    read_table,
    require_discrete_values,
    row_of,
    state_key,
    write_table,
)
from csai_train.algorithms.schedules import linear
from csai_train.errors import NonFiniteError

Rule = Literal["q_learning", "sarsa", "expected_sarsa"]


@dataclass(frozen=True, kw_only=True)
class QLearningConfig:
    """Settings of Q-learning."""

    num_envs: int = 1
    """How many environments are played side by side. More of them bring more varied experience."""
    learning_rate: float = changing(0.1, range=Range(0.01, 1.0, "log"))
    """How far each update moves an entry (alpha). Smaller is steadier and slower; usual 0.05 to 0.5."""
    visit_horizon: float | None = changing(None)
    """h, where the rate falls with the visits n to an entry by (h + 1) / (h + n). None never; 10 to 300."""
    initial_value: float = 0.0
    """What an entry says at first. Higher than any true value makes everything be tried."""
    gamma: float = changing(0.95, range=Range(0.9, 0.999, "log_below_1"))
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.9 to 0.999."""
    epsilon_start: float = 1.0
    """Share of random actions at the start."""
    epsilon_end: float = ranging(0.02, Range(0.0, 0.3))
    """Share of random actions at the end. 0 never tries anything new once it is reached."""
    exploration_fraction: float = ranging(0.5, Range(0.05, 0.9))
    """Part of the training over which the share falls from start to end. Larger explores longer."""
    rule: Rule = "q_learning"
    """What is expected of the next state: the best action, the one taken next, or the policy's mean."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        require(0 < self.learning_rate <= 1, self, "learning_rate", "above 0 and at most 1")
        require(0 <= self.gamma <= 1, self, "gamma", "from 0 to 1")
        for name in ("epsilon_start", "epsilon_end", "exploration_fraction"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        require(self.epsilon_end <= self.epsilon_start, self, "epsilon_end", "at most epsilon_start")
        require(
            self.visit_horizon is None or self.visit_horizon >= 0,
            self,
            "visit_horizon",
            "at least 0, or None",
        )
        require(np.isfinite(self.initial_value), self, "initial_value", "a finite number")
        require(self.rule in get_args(Rule), self, "rule", f"one of {', '.join(get_args(Rule))}")


class QLearning:
    """A Q-table that chooses actions and learns from what follows.

    Args:
        actions: everything that may be done, such as `agent.get_actions()` or `range(4)`.
        alpha: learning rate, how far each update moves an entry.
        gamma: discount of what comes later.
        epsilon: share of random actions while learning.
        epsilon_decay: what epsilon is multiplied with at each update.
        stop_epsilon: where epsilon stops falling; it never rises.
        seed: makes the random choices repeatable.
        rule: what is expected of the next state, see above.
        visit_horizon: h, where alpha falls with the visits n to an entry, alpha * (h + 1) / (h + n); None
            keeps it. 0 gives the mean of what was seen; larger forgets the first guesses sooner.
        initial_value: what an entry says before it is learned.
        observation_space: the states there are. With it, a state of another space is refused; without, it is
            taken for one that was not seen yet.

    Raises:
        ConfigError: if there is no action, no such rule, or a number cannot work.

    Reference: Sutton and Barto 2018, equation 6.8 for Q-learning, 6.7 for SARSA, 6.9 for expected SARSA,
    section 2.6 for initial values; Jin et al. 2018, arXiv:1807.03765, for rates that fall with visits.
    """

    def __init__(
        self,
        actions: Sequence[Any],
        alpha: float = 0.5,
        gamma: float = 0.9,
        epsilon: float = 0.9,
        epsilon_decay: float = 0.995,
        stop_epsilon: float = 0.01,
        *,
        seed: int | None = None,
        rule: Rule = "q_learning",
        visit_horizon: float | None = None,
        initial_value: float = 0.0,
        observation_space: spaces.Space[Any] | None = None,
    ) -> None:
        self.actions = _checked_actions(actions)
        if rule not in get_args(Rule):
            raise ConfigError(f"QLearning was given rule={rule!r}; it must be one of {get_args(Rule)}.")
        self.rule = rule
        share = functools.partial(check_number, "QLearning", least=0, most=1)
        self.alpha = share("alpha", alpha)
        self.gamma = share("gamma", gamma)
        self.epsilon = share("epsilon", epsilon)
        self.epsilon_decay = share("epsilon_decay", epsilon_decay)
        self.stop_epsilon = share("stop_epsilon", stop_epsilon)
        if visit_horizon is not None:
            visit_horizon = check_number("QLearning", "visit_horizon", visit_horizon, least=0)
        self.visit_horizon = visit_horizon
        self.initial_value = check_number("QLearning", "initial_value", initial_value)
        wanted = "a Gymnasium space, or None"
        check_type("QLearning", "observation_space", observation_space, spaces.Space, wanted, none=True)
        self.observation_space = observation_space
        self.q_table: defaultdict[Hashable, dict[Any, float]] = defaultdict(self._unseen)
        self.visits: defaultdict[Hashable, dict[Any, int]] = defaultdict(self._unvisited)
        """How often each entry was updated; counted where the rate depends on it."""
        self.random = random.Random(check_seed("QLearning", seed))

    def choose_action(self, state: Any, *, explore: bool = True, allowed: Sequence[Any] | None = None) -> Any:
        """A random action with probability epsilon, else one of those with the highest value.

        Args:
            state: an observation of discrete values: a number, an array, or a dict of them.
            explore: False never acts at random, and takes the first of equally good actions.
            allowed: the actions to choose from; None allows all.

        Raises:
            SpaceError: if the state is none of `observation_space`.
        """
        actions = self.actions if allowed is None else allowed
        if explore and self.random.random() < self.epsilon:
            return self.random.choice(actions)
        values = self._values(state_key(state))
        best = max(values[action] for action in actions)
        best_actions = [action for action in actions if values[action] == best]
        return self.random.choice(best_actions) if explore else best_actions[0]

    def values_of(self, state: Any) -> list[float]:
        """What the table says of each of `actions` in a state.

        Raises:
            SpaceError: if the state is none of `observation_space`.
        """
        row = self._values(state_key(state))
        return [row[action] for action in self.actions]

    def update_q_table(
        self,
        state: Any,
        action: Any,
        reward: float,
        next_state: Any,
        terminated: bool = False,
        next_action: Any = None,
        *,
        next_allowed: Sequence[Any] | None = None,
    ) -> float:
        """Learn from one transition, and let epsilon fall.

        Args:
            state: where the action was taken.
            action: one of `actions`.
            reward: what it brought at once.
            next_state: where it led to.
            terminated: whether the game itself ended there, so that nothing more is to be expected. An
                episode that was only cut short (truncated) has not terminated.
            next_action: what is done next, for SARSA; None where nothing is, as after an episode that was
                cut short, takes the mean over what the policy might do.
            next_allowed: the actions that are allowed in `next_state`; None allows all.

        Returns:
            The error that the table made, before it was corrected.

        Raises:
            NonFiniteError: if the reward is NaN or infinite; nothing is learned from it.
            SpaceError: if the state is none of `observation_space`.
        """
        if not np.isfinite(reward):
            raise NonFiniteError(f"QLearning was given the reward {reward}; nothing was learned from it.")
        key = state_key(state)
        if key not in self.q_table:
            self._require_state(key)
        values = self.q_table[key]
        expected = 0.0 if terminated else self._expected(next_state, next_action, next_allowed)
        error = reward + self.gamma * expected - values[action]
        values[action] += self._rate(key, action) * error
        self.epsilon = max(min(self.stop_epsilon, self.epsilon), self.epsilon * self.epsilon_decay)
        return float(error)

    def _rate(self, key: Hashable, action: Any) -> float:
        """How far an entry moves now."""
        horizon = self.visit_horizon
        if horizon is None:
            return self.alpha
        visits = self.visits[key]
        visits[action] += 1
        return self.alpha * (horizon + 1) / (horizon + visits[action])

    def _expected(self, state: Any, action: Any, allowed: Sequence[Any] | None) -> float:
        """What is expected of a state, by the rule."""
        row = self._values(state_key(state))
        if self.rule == "sarsa" and action is not None:
            return row[action]
        values = list(row.values()) if not allowed else [row[each] for each in allowed]
        best = max(values)
        if self.rule == "q_learning":
            return best
        return (1 - self.epsilon) * best + self.epsilon * sum(values) / len(values)

    def save_q_table(self, file_name: str | os.PathLike[str]) -> None:
        """Write the table as JSON: one row for each state, one number for each action."""
        write_table(Path(file_name), self.actions, self.q_table)

    def load_q_table(self, file_name: str | os.PathLike[str]) -> None:
        """Read a table that `save_q_table` wrote; on any error the present table stays.

        Raises:
            FileNotFoundError: if there is no such file.
            ConfigError: if it is not a Q-table, or one for other actions.
        """
        table = read_table(Path(file_name), self.actions)
        self.q_table.clear()
        self.q_table.update(table)

    def _values(self, key: Hashable) -> Mapping[Any, float]:
        """The row of a state; looking at a state never seen does not add it to the table."""
        if key in self.q_table:
            return self.q_table[key]
        self._require_state(key)
        return self._unseen()

    def _require_state(self, key: Hashable) -> None:
        """Refuse a state that the table can have no row for."""
        if self.observation_space is not None and not is_key_of(key, self.observation_space):
            raise SpaceError(
                f"The Q-table was asked for the state {key!r}, but its states are {self.observation_space}. "
                "Ask with what the environment of its training observes."
            )

    def _unseen(self) -> dict[Any, float]:
        return dict.fromkeys(self.actions, self.initial_value)

    def _unvisited(self) -> dict[Any, int]:
        return dict.fromkeys(self.actions, 0)


class TabularQLearning(Algorithm):
    """Q-learning as an `Algorithm`: any environment with discrete observations and actions.

    Args:
        observation_space: Discrete, MultiDiscrete, MultiBinary, or a Dict or Tuple of these.
        action_space: Discrete.
        config: the settings.
        total_steps: how long the training will be; exploration, and what changes, is planned by it.
        seed: decides the random actions.

    Raises:
        ConfigError: if a space does not suit a table.
    """

    learns = "a table of action values"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: QLearningConfig,
        *,
        total_steps: int,
        seed: int,
    ) -> None:
        require_discrete_values(observation_space)
        self.config = config
        self.num_steps = 0
        self._settings = ScheduledConfig(config, total_steps)
        self._exploration_steps = config.exploration_fraction * total_steps
        first = self._settings.at(0)
        self.table = QLearning(
            _discrete_actions(action_space),
            alpha=first.learning_rate,
            gamma=first.gamma,
            epsilon=config.epsilon_start,
            epsilon_decay=1.0,
            stop_epsilon=0.0,
            seed=seed,
            rule=config.rule,
            visit_horizon=first.visit_horizon,
            initial_value=config.initial_value,
            observation_space=observation_space,
        )
        self._waiting: list[_Transition | None] = [None] * config.num_envs
        """SARSA's latest transition in each environment, until the next action is known."""

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Choose one action for each observation; see `Algorithm.act`."""
        states = trees.unstack(observation, trees.length(observation))
        actions = [
            self.table.choose_action(state, explore=explore, allowed=allowed)
            for state, allowed in zip(states, self._allowed(action_mask, len(states)), strict=True)
        ]
        return Decision(np.array(actions, dtype=np.int64))

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """The rows of the table; see `Algorithm.explain`."""
        states = trees.unstack(observation, trees.length(observation))
        return Outlook(np.array([self.table.values_of(state) for state in states], np.float64))

    def _allowed(self, action_mask: NDArray[np.int8] | None, count: int) -> list[list[int] | None]:
        """The actions that a mask allows in each environment."""
        if action_mask is None:
            return [None] * count
        everything = self.table.actions
        return [
            [a for a, is_allowed in zip(everything, row, strict=True) if is_allowed] for row in action_mask
        ]

    def learn(self, step: Step) -> dict[str, float]:
        """Update the table with each environment's transition; see `Algorithm.learn`."""
        count = len(step.reward)
        errors: list[float] = []
        for i, transition in enumerate(
            zip(
                trees.unstack(step.observation, count),
                step.action.tolist(),
                step.reward.tolist(),
                trees.unstack(step.next_observation, count),
                step.terminated.tolist(),
                self._allowed(step.next_action_mask, count),
                strict=True,
            )
        ):
            if step.is_reset is not None and step.is_reset[i]:
                continue
            if self.config.rule == "sarsa":
                errors += self._learn_later(i, transition, ends=bool(step.terminated[i] or step.truncated[i]))
            else:
                errors.append(self._learn(transition))
        self.num_steps += step.num_taken
        self._set_numbers()
        return {
            "td_error": sum(errors) / max(1, len(errors)),
            "epsilon": self.table.epsilon,
            "states": float(len(self.table.q_table)),
        }

    def _learn_later(self, index: int, transition: _Transition, *, ends: bool) -> list[float]:
        """Learn from an environment's last transition, now that its next action is known.

        Returns:
            The sizes of the errors.
        """
        waiting, self._waiting[index] = self._waiting[index], None if ends else transition
        errors = []
        if waiting is not None:
            errors.append(self._learn(waiting, next_action=transition[1]))
        if ends:
            errors.append(self._learn(transition))
        return errors

    def _learn(self, transition: _Transition, next_action: int | None = None) -> float:
        """Learn from a transition; the size of the error."""
        state, action, reward, next_state, terminated, allowed = transition
        return abs(
            self.table.update_q_table(
                state, action, reward, next_state, terminated, next_action, next_allowed=allowed
            )
        )

    def _set_numbers(self) -> None:
        """Let the table learn and explore by the numbers that hold after so many steps."""
        config, table = self._settings.at(self.num_steps), self.table
        table.alpha, table.gamma, table.visit_horizon = (
            config.learning_rate,
            config.gamma,
            config.visit_horizon,
        )
        table.epsilon = linear(
            config.epsilon_start, config.epsilon_end, self.num_steps, self._exploration_steps
        )

    def learned(self) -> Learned:
        """The table; see `Algorithm.learned`."""
        return Learned(state={"q_table": _rows(self.table.q_table)})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the table; see `Algorithm.start_from`."""
        self._fill(state["q_table"])

    def first_update(self) -> FirstUpdate:
        """With the first step; see `Algorithm.first_update`."""
        return FirstUpdate(1)

    def cut_episodes(self) -> None:
        """Learn from what waits for a next action that never comes; see `Algorithm.cut_episodes`."""
        waiting, self._waiting = self._waiting, [None] * len(self._waiting)
        for transition in waiting:
            if transition is not None:
                self._learn(transition)

    def state_dict(self) -> dict[str, Any]:
        """The table, the steps taken and the generator's state."""
        return {
            "q_table": _rows(self.table.q_table),
            "visits": _rows(self.table.visits),
            "num_steps": self.num_steps,
            "waiting": list(self._waiting),
            "random": self.table.random.getstate(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        actions = self.table.actions
        self._fill(state["q_table"])
        self.table.visits.clear()
        self.table.visits.update({key: dict(zip(actions, row, strict=True)) for key, row in state["visits"]})
        self.num_steps = state["num_steps"]
        self._waiting = list(state["waiting"])
        self._set_numbers()
        self.table.random.setstate(state["random"])

    def _fill(self, rows: list[list[Any]]) -> None:
        """Put saved rows in place of the table's."""
        self.table.q_table.clear()
        self.table.q_table.update({key: row_of(self.table.actions, row) for key, row in rows})


def _rows(table: Mapping[Hashable, Mapping[Any, float]]) -> list[list[Any]]:
    """A table as plain values: each state with its numbers."""
    return [[key, list(row.values())] for key, row in table.items()]


_Transition = tuple[Any, int, float, Any, bool, list[int] | None]
"""State, action, reward, next state, whether the game ended, and the actions allowed in the next state."""


def _checked_actions(actions: Sequence[Any]) -> list[Any]:
    try:
        checked = list(actions)
        if checked and dict.fromkeys(checked):
            return checked
    except TypeError:  # no sequence, or of what can be no key
        pass
    raise ConfigError(
        f"QLearning was given actions={actions!r}; it must be a list of at least one, each a number, a text "
        "or a tuple of such: range(4), or agent.get_actions()."
    )


def _discrete_actions(action_space: spaces.Space[Any]) -> list[int]:
    if not isinstance(action_space, spaces.Discrete):
        raise ConfigError(
            f"q_learning needs a Discrete action space, but this environment has {action_space}."
        )
    return values_of(action_space)
