"""Games shown to a person, in a window or as text: what `csai play` and `csai watch` do alike."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click
import gymnasium

from csai_core.agents import Agent
from csai_core.commands import output
from csai_core.display import has_display
from csai_core.errors import UnknownNameError
from csai_core.overlays import NAMES as OVERLAYS
from csai_core.overlays import Overlay, Painter, SessionView, available
from csai_core.play import DEFAULT_FPS, Game, Session, play_as_text
from csai_core.play.demonstration import Recorder
from csai_core.thoughts import Mind

glide_option = click.option(
    "--no-glide", "glides", is_flag=True, flag_value=False, default=True, help="Let pieces jump, not glide."
)
think_option = click.option(
    "--think", "thinks", is_flag=True, help="Show what the agent thinks beside the game; key V does, too."
)


def overlay_option(command: Any) -> Any:
    """`--overlay NAME[,NAME]`: what is painted over the game, as a tuple of names called `overlays`."""
    return click.option(
        "--overlay",
        "overlays",
        metavar="NAME[,NAME]",
        callback=_overlay_names,
        help="Paint what the agent thinks over the game, one over the other: "
        f"{', '.join(OVERLAYS)}; key O goes through them.",
    )(command)


def _overlay_names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    for name in names:
        if name not in OVERLAYS:
            raise click.BadParameter(str(UnknownNameError.of("overlay", name, OVERLAYS)), ctx, param)
    return names


def show_in_window(
    env: gymnasium.Env[Any, Any],
    player: Agent,
    *,
    title: str,
    fps: float | None,
    seed: int | None,
    episodes: int | None,
    glides: bool = True,
    thinks: bool = False,
    overlays: Sequence[str] = (),
    recorder: Recorder | None = None,
    records_agent: bool = True,
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
        thinks: whether what the agent thinks is beside the game from the first.
        overlays: names of those that are painted over it from the first, the lowest first.
        recorder: notes every step, if given.
        records_agent: whether it also notes what an agent does; else only who takes over from it.
    """
    session = Session(
        env,
        player,
        title=title,
        fps=_speed(env, fps),
        episodes=episodes,
        recorder=recorder,
        glides=glides,
        thinks=thinks,
        overlays=partial(_offered, tuple(overlays)),
        paints=bool(overlays),
        records_agent=records_agent,
    )
    try:
        session.run(seed)
    finally:
        _report([game for game in session.games if game.num_steps])
        _report_agreement(*session.agreement)
        session.env.close()


def _offered(names: tuple[str, ...], view: SessionView) -> list[Overlay]:
    """What can be painted over a game, those of these names first, one over the other."""
    if not names:
        return available(view)
    painter = Painter(names)
    painter.chosen(view)  # says at once what is no overlay here
    return [painter, *(each for each in available(view) if (each.name,) != names)]


def show_as_text(
    env: gymnasium.Env[Any, Any],
    player: Agent,
    *,
    fps: float | None,
    seed: int | None,
    episodes: int,
    thinks: bool = False,
    recorder: Recorder | None = None,
) -> None:
    """Show an agent's games in the terminal, and say how each went; see `show_in_window`.

    Args:
        env: made with render mode "ansi", or None for games that are only counted; it is closed.
        player: who plays.
        fps: steps a second, where a person watches.
        seed: of the first game.
        episodes: how many games.
        thinks: whether what the agent thinks is written below each state.
        recorder: notes every step, if given.
    """
    is_watched = sys.stdout.isatty()
    pace = _speed(env, fps) if is_watched else None

    def show(text: str) -> None:
        if is_watched:
            click.clear()
        click.echo(f"{text}\n")

    mind = Mind(player) if thinks else None
    width = shutil.get_terminal_size().columns
    console = output.console()
    in_color = console.color_system is not None and not console.no_color
    games: list[Game] = []
    try:
        for number in range(episodes):
            game_seed = None if seed is None else seed + number
            game = play_as_text(
                env,
                player,
                show,
                fps=pace,
                seed=game_seed,
                recorder=recorder,
                mind=mind,
                width=width,
                in_color=in_color,
            )
            games.append(game)
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


def _report_agreement(num_steps: int, num_told: int, num_alike: int) -> None:
    """Say how often a person, in an agent's place, did what it would have done."""
    if not num_steps:
        return
    steered = f"You steered for {num_steps} step{'s' if num_steps > 1 else ''}"
    share = f"{num_alike} of {num_told} ({num_alike / num_told:.0%})" if num_told else ""
    click.echo(f"{steered}; the agent would have done the same in {share}" if share else steered)


def _report(games: Sequence[Game]) -> None:
    for number, game in enumerate(games, 1):
        ending = "" if game.is_over else " (not finished)"
        click.echo(f"Game {number}: {game}{ending}")
