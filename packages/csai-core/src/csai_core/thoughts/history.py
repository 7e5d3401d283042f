"""What an agent thought, expected and got in a game: the account that every view of it draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from csai_core.explanation import Amount, Explanation, Options, plain_action


@dataclass(frozen=True)
class Moment:
    """One step of a game: what was thought before it, what was done, and what it brought."""

    explanation: Explanation | None
    """What the agent thought before the step; None where it tells nothing."""
    action: Any
    """What was done, in plain numbers, lists and dicts."""
    reward: float
    reward_parts: Mapping[str, float]
    """What the reward is made of, as `info["reward_parts"]` says; empty where nobody says it."""
    surprise: float | None
    """The error of temporal difference, reward + gamma * V(next state) - V(state): above zero where it went
    better than was expected. None where a value or gamma is not known."""
    is_persons: bool
    """Whether a person chose the action."""
    agrees: bool | None
    """Whether the agent would have done the same; None where it does not say."""


class History:
    """The account of one game, from its reset to its last step.

    Args:
        explanation: what the agent thinks of the first state; None where it tells nothing.
        gamma: by what the agent discounts, a step; None where that is not known.
        is_sampling: whether the agent may do something else than what it thinks best.
    """

    def __init__(
        self, explanation: Explanation | None, gamma: float | None = None, *, is_sampling: bool = False
    ) -> None:
        self.gamma = gamma
        self.is_sampling = is_sampling
        self.moments: list[Moment] = []
        """The steps so far."""
        self.present = explanation
        """What the agent thinks of the present state; None after the end, and where it tells nothing."""
        self._values = [_value_of(explanation)]
        self._sums: list[dict[str, float]] = [{}]
        """Of the parts of all rewards, in every state so far."""

    @property
    def last(self) -> Moment | None:
        """The last step; None before the first."""
        return self.moments[-1] if self.moments else None

    @property
    def word(self) -> str:
        """What is said of the action that the agent thinks best: that it takes it, unless it draws."""
        return "best" if self.is_sampling else "takes"

    @property
    def shown(self) -> Explanation | None:
        """What the agent thinks now; after the end, what it thought last."""
        if self.present is None and self.last is not None:
            return self.last.explanation
        return self.present

    @property
    def values(self) -> Sequence[float | None]:
        """The value of every state so far, one more than there are steps: 0 where the game itself ended."""
        return self._values

    @property
    def rewards(self) -> list[float]:
        """The reward of every step."""
        return [moment.reward for moment in self.moments]

    @property
    def surprises(self) -> list[float | None]:
        """The surprise of every step."""
        return [moment.surprise for moment in self.moments]

    @property
    def parts_so_far(self) -> dict[str, float]:
        """The sums of the parts of all rewards; what was not told in parts is called "reward"."""
        return self._sums[-1].copy()

    @property
    def agreement(self) -> tuple[int, int]:
        """In how many of a person's steps the agent would have done the same, and in how many it says so."""
        answers = [moment.agrees for moment in self.moments if moment.is_persons]
        return answers.count(True), len(answers) - answers.count(None)

    def note(
        self,
        action: Any,
        reward: float,
        *,
        terminated: bool,
        explanation: Explanation | None = None,
        reward_parts: Mapping[str, Any] | None = None,
        is_persons: bool = False,
        is_over: bool = False,
    ) -> None:
        """Note a step.

        Args:
            action: what was done, as the environment takes it or in plain values.
            reward: what it brought.
            terminated: whether the game itself ended, so that nothing more is to be expected.
            explanation: what the agent thinks of the state it led to, also where the game was cut short
                there: what would have followed still counts. Not heeded where `terminated`.
            reward_parts: `info["reward_parts"]`, if there is one.
            is_persons: whether a person chose the action.
            is_over: whether no step follows, as the game ended or was cut short.
        """
        before, value = self.present, self._values[-1]
        next_value = _value_of(explanation)
        if terminated:
            next_value = None if value is None else 0.0
        plain = plain_action(action)
        self.moments.append(
            Moment(
                before,
                plain,
                float(reward),
                read_parts(reward_parts),
                self._surprise(value, float(reward), next_value),
                is_persons,
                None if before is None else agrees(before, plain),
            )
        )
        self._values.append(next_value)
        self._sums.append(_with(self._sums[-1], self.moments[-1]))
        self.present = None if terminated or is_over else explanation

    def until(self, num_steps: int) -> History:
        """The account as it was after so many steps."""
        if num_steps >= len(self.moments):
            return self
        first = self.moments[num_steps].explanation
        earlier = History(first, self.gamma, is_sampling=self.is_sampling)
        earlier.moments = self.moments[:num_steps]
        earlier._values = self._values[: num_steps + 1]
        earlier._sums = self._sums[: num_steps + 1]
        return earlier

    def rethink(self, explanation: Explanation | None) -> None:
        """Replace what is thought of the present state, as where it was not asked for before."""
        self.present = explanation
        self._values[-1] = _value_of(explanation)

    def take_back(self) -> None:
        """Forget the last step, as the game goes back to before it."""
        moment = self.moments.pop()
        self._values.pop()
        self._sums.pop()
        self.present = moment.explanation

    def _surprise(self, value: float | None, reward: float, next_value: float | None) -> float | None:
        if value is None or next_value is None or self.gamma is None:
            return None
        return reward + self.gamma * next_value - value


def agrees(explanation: Explanation, action: Any) -> bool:
    """Whether an agent that thinks so would do this, or something that it thinks just as good.

    Numbers of a Box are the same within a tenth of what is between their bounds, else within its deviation.
    """
    if explanation.action == action:
        return True
    chosen = list(_leaves(action))
    expected = list(_leaves(explanation.action))
    if len(chosen) != len(explanation.parts) or len(expected) != len(chosen):
        return False
    return all(map(_is_as_good, explanation.parts, expected, chosen))


def ties_of(options: Options, number: int | None = None) -> tuple[int, ...]:
    """Which choices are as good as one of them, with it; None asks of the chosen one."""
    told = options.values if options.values is not None else options.chances
    number = options.chosen if number is None else number
    if told is None:
        return (number,)
    worth = told[number]
    near = [abs(each - worth) <= 1e-9 * abs(worth) + 1e-12 for each in told]
    pairs = enumerate(zip(near, options.allowed, strict=True))
    return tuple(i for i, (is_near, is_allowed) in pairs if i == number or (is_near and is_allowed))


def parts_of(moment: Moment) -> Mapping[str, float]:
    """What a reward is made of; of itself where nobody says."""
    return moment.reward_parts or ({"reward": moment.reward} if moment.reward else {})


def read_parts(parts: Any) -> dict[str, float]:
    """`info["reward_parts"]` as numbers by their names; what is none is left out."""
    if not isinstance(parts, Mapping):
        return {}
    numbers = {str(name): _number(part) for name, part in parts.items()}
    return {name: part for name, part in numbers.items() if part is not None}


def _with(sums: Mapping[str, float], moment: Moment) -> dict[str, float]:
    """The sums with the parts of one more reward."""
    return {**sums, **{name: sums.get(name, 0.0) + part for name, part in parts_of(moment).items()}}


def _number(value: Any) -> float | None:
    """A single finite number, also in an array; None for anything else."""
    if isinstance(value, (np.ndarray, np.generic)) and value.size == 1:
        value = value.item()
    is_finite = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if is_finite else None


def _is_as_good(part: Options | Amount, expected: Any, taken: Any) -> bool:
    if isinstance(part, Amount):
        width = None if part.low is None or part.high is None else (part.high - part.low) / 10
        tolerance = width if width is not None else part.deviation or 0.0
        return bool(abs(taken - part.chosen) <= tolerance + 1e-6)
    return part.chosen + int(taken) - int(expected) in ties_of(part)


def _leaves(action: Any) -> list[Any]:
    """The single numbers of a plain action, in the order of its parts."""
    if isinstance(action, dict):
        return [leaf for each in action.values() for leaf in _leaves(each)]
    if isinstance(action, list):
        return [leaf for each in action for leaf in _leaves(each)]
    return [action]


def _value_of(explanation: Explanation | None) -> float | None:
    return None if explanation is None else explanation.value
