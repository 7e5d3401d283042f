"""`csai watch`: watch a trained agent play, in a window, in the terminal or as a GIF."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.arguments import drawn_seed
from csai_core.display import has_display
from csai_core.errors import CsaiError
from csai_train.commands.run_arguments import (
    RUN,
    checkpoint_choice,
    device_option,
    import_option,
    open_run,
    plain_warnings,
    sample_option,
)

if TYPE_CHECKING:
    from csai_core.play import Game
    from csai_train.agent import TrainedAgent
    from csai_train.runs.run import Run


@click.command("watch")
@click.argument("run", type=RUN)
@click.option("--episodes", type=click.IntRange(min=1), default=3, show_default=True, help="How many games.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the first game; drawn if not given.")
@click.option("--fps", type=click.FloatRange(min=0, min_open=True), help="Steps a second.")
@click.option("--text", is_flag=True, help="Watch in the terminal, as happens without a display.")
@click.option(
    "--gif",
    "--mp4",
    "film",
    type=click.Path(path_type=Path),
    help="Save one game as FILE.gif or FILE.mp4 instead; MP4 needs csai-train[mp4].",
)
@click.option("--checkpoint", default="newest", show_default=True, help="newest, best or a number of steps.")
@sample_option
@device_option
@import_option
def watch_command(
    run: Path,
    episodes: int,
    seed: int | None,
    fps: float | None,
    text: bool,
    film: Path | None,
    checkpoint: str,
    sample: bool,
    device: str,
) -> None:
    """Watch the agent of RUN, a folder that csai train left, play."""
    from csai_train.evaluation.video import record_game

    opened = open_run(run)
    with plain_warnings(Console()):
        agent = opened.agent(checkpoint_choice(checkpoint), device)
    seed = drawn_seed("csai watch", seed)
    if sample:
        agent = agent.sampling(seed)
    if film is not None:
        record_game(agent, opened.environment, film, seed=seed, fps=fps)
        click.echo(f"Saved a game to {film}")
    else:
        _show(opened, agent, episodes, seed, fps, in_terminal=text or not _has_display())


def _show(
    run: Run, agent: TrainedAgent, episodes: int, seed: int, fps: float | None, *, in_terminal: bool
) -> None:
    import gymnasium

    from csai_train.environments.make import make_single

    try:
        env = make_single(run.environment, render_mode="ansi" if in_terminal else "human")
        delay = 1 / (fps or env.metadata.get("render_fps") or 10)
        try:
            _play_games(env, agent, episodes, seed, delay if in_terminal or fps else 0.0)
        finally:
            env.close()
    except KeyboardInterrupt:
        click.echo()
    except (CsaiError, gymnasium.error.Error) as error:
        raise click.ClickException(
            f"{run.environment.id} cannot be watched here: {error} Try: csai watch {run.path} --gif game.gif"
        ) from error


def _play_games(env: Any, agent: TrainedAgent, episodes: int, seed: int, delay: float) -> None:
    for number in range(episodes):
        click.echo(f"Game {number + 1}: {_play(env, agent, seed + number, delay)}")
        if getattr(env.unwrapped, "is_window_closed", False):
            return


def _play(env: Any, agent: TrainedAgent, seed: int, delay: float) -> Game:
    """Play one game, until its end or until its window is closed."""
    from csai_core.play import play_episode

    for game in play_episode(env, agent, seed):
        if env.render_mode == "ansi":
            click.clear()
            click.echo(env.render())
        if getattr(env.unwrapped, "is_window_closed", False):
            break
        time.sleep(0 if game.is_over else delay)
    return game


def _has_display() -> bool:
    return has_display() and os.environ.get("SDL_VIDEODRIVER") not in ("dummy", "offscreen")
