"""An agent's game shown as text, where there is no window."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium

from csai_core.agents import Agent
from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game, play_episode
from csai_core.terminal import marked
from csai_core.thoughts import Mind, thought_lines


def play_as_text(
    env: gymnasium.Env[Any, Any],
    agent: Agent,
    show: Callable[[str], None],
    *,
    fps: float | None = None,
    seed: int | None = None,
    recorder: Recorder | None = None,
    mind: Mind | None = None,
    width: int = 80,
    in_color: bool = True,
) -> Game:
    """Let an agent play one game.

    Args:
        env: made with render mode "ansi" to be seen, or None to be only counted.
        agent: who plays.
        show: is given the text of each state.
        fps: steps a second; None does not wait.
        seed: of the game.
        recorder: notes every step, if given.
        mind: of the agent; if given, what it thinks is shown below each state.
        width: of its lines, in columns.
        in_color: whether `show` shows colors; else characters say what those of the environment's text said.
    """
    for game in play_episode(env, agent, seed):
        if recorder is not None and game.transition is not None:
            recorder.note(game.transition)
        texts = [_text(env, in_color)] if env.render_mode == "ansi" else []
        if mind is not None:
            mind.note(game) if game.num_steps else mind.begin(game)
            texts.append("\n".join(thought_lines(mind.history, mind.scale, width)))
        if texts:
            show("\n".join(texts))
        if fps is not None and not game.is_over:
            time.sleep(1.0 / fps)
    return game


def _text(env: gymnasium.Env[Any, Any], in_color: bool) -> str:
    text = str(env.render())
    return text if in_color else marked(text)
