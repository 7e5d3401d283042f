"""An agent that is asked what it thinks while it, or a person in its place, plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.agents import Agent
from csai_core.explanation import Explanation
from csai_core.thoughts.history import History
from csai_core.thoughts.scale import Scale

if TYPE_CHECKING:
    from csai_core.play.episode import Game


class Mind:
    """Keeps account of what an agent thinks, game after game, on scales that stay the same for all of them.

    Args:
        agent: who is asked.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.scale = Scale()
        self.history = History(None)
        """Of the present game."""
        self.is_asked = True
        """Whether the agent is asked of each state; else only what happens is noted."""

    def begin(self, game: Game) -> None:
        """Think of the first state of a game."""
        thought = self._ask(game)
        self.history = History(thought, self.agent.gamma, is_sampling=self.agent.is_sampling)
        self.scale.include(self.history)

    def look(self, game: Game) -> None:
        """Think of the present state, where that was not done before."""
        if self.history.present is None and not game.is_over:
            self.history.rethink(self._ask(game))
            self.scale.include(self.history)

    def note(self, game: Game, *, is_persons: bool = False) -> None:
        """Note the step that a game has just taken, and think of the state it led to."""
        step = game.transition
        if step is None:
            return
        self.history.note(
            step.action,
            step.reward,
            terminated=step.terminated,
            explanation=None if step.terminated else self._ask(game),
            reward_parts=game.info.get("reward_parts"),
            is_persons=is_persons,
            is_over=game.is_over,
        )
        self.scale.include(self.history)

    def _ask(self, game: Game) -> Explanation | None:
        """What it thinks; where nothing can be done any more, no mask says what may be."""
        agent = game.present(self.agent)
        if not self.is_asked:
            return None
        return agent.explain(game.observation, None if game.is_over else game.info.get("action_mask"))
