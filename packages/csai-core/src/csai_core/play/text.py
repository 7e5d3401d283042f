"""An agent's game shown as text, where there is no window."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium

from csai_core.agents import Agent
from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game, play_episode


def play_as_text(
    env: gymnasium.Env[Any, Any],
    agent: Agent,
    show: Callable[[str], None],
    *,
    fps: float | None = None,
    seed: int | None = None,
    recorder: Recorder | None = None,
) -> Game:
    """Let an agent play one game.

    Args:
        env: made with render mode "ansi" to be seen, or None to be only counted.
        agent: who plays.
        show: is given the text of each state.
        fps: steps a second; None does not wait.
        seed: of the game.
        recorder: notes every step, if given.
    """
    for game in play_episode(env, agent, seed):
        if recorder is not None and game.transition is not None:
            recorder.note(game.transition)
        if env.render_mode == "ansi":
            show(str(env.render()))
        if fps is not None and not game.is_over:
            time.sleep(1.0 / fps)
    return game
