"""Who steers: the agent, or a person who has taken over from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium

from csai_core.agents import Agent, KeyboardAgent
from csai_core.play.keys import keyboard_for
from csai_core.play.person import Person
from csai_core.thoughts import History


class Agreement:
    """How often a person did what the agent would have done, over all games of a session."""

    def __init__(self) -> None:
        self._earlier = (0, 0, 0)

    def keep(self, history: History) -> None:
        """Count a game that is over."""
        self._earlier = self.counts(history)

    def counts(self, history: History) -> tuple[int, int, int]:
        """Steps of the person, those of which the agent says what it would have done, and those alike.

        Args:
            history: of the present game, which is counted too.
        """
        steps = sum(moment.is_persons for moment in history.moments)
        alike, told = history.agreement
        before = self._earlier
        return before[0] + steps, before[1] + told, before[2] + alike


class Steering:
    """The one who steers, of two: a person at the keyboard, and an agent whose place that person can take.

    Args:
        env: what is played.
        player: who plays at first; a `KeyboardAgent` stands for a person, and is alone.
        clock: tells the time in seconds.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], player: Agent, clock: Callable[[], float]) -> None:
        self._env = env
        self._clock = clock
        self.agent = None if isinstance(player, KeyboardAgent) else player
        """Who can be taken over from; None where a person plays alone."""
        self.person = Person(env, player, clock) if isinstance(player, KeyboardAgent) else None
        """Who steers, if a person does."""
        self.agreement = Agreement()

    @property
    def player(self) -> Agent:
        """Who chooses the next action."""
        if self.person is not None:
            return self.person.keyboard
        assert self.agent is not None
        return self.agent

    def take_over(self) -> None:
        """Let a person steer in the agent's place.

        Raises:
            ContractError: if nothing is known of the keys that the game is played with.
        """
        self.person = Person(self._env, keyboard_for(self._env), self._clock)

    def hand_back(self) -> None:
        """Let the agent steer again."""
        self.person = None
