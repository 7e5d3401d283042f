"""Going back in a game, step by step: from a state that was saved, by the actions that were taken since."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import gymnasium

from csai_core.play.episode import Game
from csai_core.replay_state import recorded, restore, state_of
from csai_core.wrapper_memory import keeps

_BETWEEN_MARKS = 32
_MOST_MARKS = 64


class _Mark(NamedTuple):
    """A moment of a game that it can be brought back to."""

    num_steps: int
    env: dict[str, Any]
    game: dict[str, Any]


class Rewind:
    """Brings a game back to before its last step, as far as its environment can be brought back.

    A Shell says its whole state. Any other environment is reset as it was, and the same actions are taken
    again: they lead to the same place where it is deterministic, which is checked.

    Args:
        env: where games are played; `env` of this object is to be played instead, which notes actions where
            that is needed.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self._says_state = hasattr(env.unwrapped, "state_dict")
        self._can_be_led = self._says_state or _has_generator(env)
        self.env = recorded(env) if self._can_be_led else env
        self._marks: list[_Mark] = []
        self._steps: list[tuple[Any, float, bool, bool]] = []
        """What was done, and what came of it: reward and ends."""

    def begin(self, game: Game) -> None:
        """Note the start of a game."""
        self._marks, self._steps = [], []
        if self._can_be_led:
            self._mark(game)

    def note(self, game: Game) -> None:
        """Note the step that a game has just taken."""
        step = game.transition
        if step is None:
            return
        self._steps.append((step.action, step.reward, step.terminated, step.truncated))
        if self._says_state and not game.is_over and game.num_steps % _BETWEEN_MARKS == 0:
            self._mark(game)

    def back(self, game: Game) -> str:
        """Bring a game to before its last step; it has taken one.

        Returns:
            Empty, or why that cannot be done; then the game is not where it was either.
        """
        wanted = game.num_steps - 1
        while self._marks[-1].num_steps > wanted:
            self._marks.pop()
        mark = self._marks[-1]
        if problem := restore(self.env, copy.deepcopy(mark.env)):
            return problem
        game.put_back(mark.game)
        for action, *came in self._steps[mark.num_steps : wanted]:
            game.step(action)
            if list(came) != list(game.transition[2:5] if game.transition else ()):
                return "playing its steps again led elsewhere, so it is not deterministic"
        del self._steps[wanted:]
        return ""

    def why_not(self) -> str:
        """Why the game cannot go back, as far as that is known without trying; empty if nothing is."""
        if not self._can_be_led:
            return "it has no generator of Gymnasium's (np_random), so nothing leads back to its start"
        state = self._marks[0].env
        lost = (f"its wrapper {each['wrapper']} {keeps(each)}" for each in state["wrappers"] if keeps(each))
        return str(state["environment"].get("problem") or next(lost, ""))

    def _mark(self, game: Game) -> None:
        self._marks.append(_Mark(game.num_steps, state_of(self.env), game.snapshot()))
        if len(self._marks) > _MOST_MARKS:
            del self._marks[1]


def _has_generator(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether an environment draws from a generator whose state can be read."""
    try:
        return hasattr(env.unwrapped.np_random, "bit_generator")
    except Exception:  # it may be a property of somebody's
        return False
