"""Games shown to a person, in a window or as text: what `csai play` and `csai watch` do alike."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any

import click
import gymnasium

from csai_core.agents import Agent
from csai_core.display import has_display
from csai_core.play import DEFAULT_FPS, Game, Session, play_as_text
from csai_core.play.demonstration import Recorder

glide_option = click.option(
    "--no-glide", "glides", is_flag=True, flag_value=False, default=True, help="Let pieces jump, not glide."
)


def show_in_window(
    env: gymnasium.Env[Any, Any],
    player: Agent,
    *,
    title: str,
    fps: float | None,
    seed: int | None,
    episodes: int | None,
    glides: bool = True,
    recorder: Recorder | None = None,
) -> None:
    """Show games in a window until it is closed or the last one has ended, and say how each went.

    Args:
        env: made with render mode "rgb_array" or "ansi"; it is closed.
        player: who plays.
        title: what stands in the title bar.
        fps: steps a second; None takes the environment's own.
        seed: of the first game; the next ones count up.
        episodes: how many games; None does not end.
        glides: whether pieces glide from cell to cell.
        recorder: notes every step, if given.
    """
    session = Session(
        env,
        player,
        title=title,
        fps=_speed(env, fps),
        episodes=episodes,
        recorder=recorder,
        glides=glides,
    )
    try:
        session.run(seed)
    finally:
        _report([game for game in session.games if game.num_steps])
        env.close()


def show_as_text(
    env: gymnasium.Env[Any, Any],
    player: Agent,
    *,
    fps: float | None,
    seed: int | None,
    episodes: int,
    recorder: Recorder | None = None,
) -> None:
    """Show an agent's games in the terminal, and say how each went; see `show_in_window`.

    Args:
        env: made with render mode "ansi", or None for games that are only counted; it is closed.
        player: who plays.
        fps: steps a second, where a person watches.
        seed: of the first game.
        episodes: how many games.
        recorder: notes every step, if given.
    """
    is_watched = sys.stdout.isatty()
    pace = _speed(env, fps) if is_watched else None

    def show(text: str) -> None:
        if is_watched:
            click.clear()
        click.echo(f"{text}\n")

    games: list[Game] = []
    try:
        for number in range(episodes):
            game_seed = None if seed is None else seed + number
            games.append(play_as_text(env, player, show, fps=pace, seed=game_seed, recorder=recorder))
    finally:
        _report(games)
        env.close()


def why_no_window() -> str:
    """A sentence that says why no window can be opened here; empty if one can."""
    if importlib.util.find_spec("pygame") is None:
        return 'Windows need pygame-ce (pip install "csai-core[render]").'
    if not has_display() and not os.environ.get("SDL_VIDEODRIVER"):
        return "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return ""


def _speed(env: gymnasium.Env[Any, Any], fps: float | None) -> float:
    return float(fps or env.metadata.get("render_fps") or DEFAULT_FPS)


def _report(games: Sequence[Game]) -> None:
    for number, game in enumerate(games, 1):
        ending = "" if game.is_over else " (not finished)"
        click.echo(f"Game {number}: {game}{ending}")
