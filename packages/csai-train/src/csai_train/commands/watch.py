"""`csai watch`: watch a trained agent play, in a window, in the terminal or as a GIF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csai_core.arguments import drawn_seed
from csai_core.commands import output
from csai_core.commands.games import glide_option, show_as_text, show_in_window, why_no_window
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, SEED, Number, OutputFile
from csai_core.errors import CsaiError, EnvironmentFailedError
from csai_train.commands.run_arguments import (
    checkpoint_choice,
    device_option,
    import_option,
    open_run,
    plain_warnings,
    sample_option,
)
from csai_train.commands.run_names import run_argument

if TYPE_CHECKING:
    from csai_train.agent import TrainedAgent
    from csai_train.runs.run import Run


@click.command("watch", cls=TypedCommand)
@run_argument()
@click.option("--episodes", type=COUNT, default=3, show_default=True, help="How many games.")
@click.option("--seed", type=SEED, help="Of the first game; drawn if not given.")
@click.option("--fps", type=Number(above=0), help="Steps a second.")
@click.option("--text", is_flag=True, help="Watch in the terminal, as happens without a display.")
@click.option(
    "--gif",
    "--mp4",
    "film",
    type=OutputFile(".gif", ".mp4"),
    help="Save one game as FILE.gif or FILE.mp4 instead; MP4 needs csai-train[mp4].",
)
@glide_option
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
    glides: bool,
    checkpoint: str,
    sample: bool,
    device: str,
) -> None:
    """Watch the agent of RUN play: a run's folder, its name, or where it was trained, such as snake.

    Without RUN it is the newest run.

    The window has the keys of csai play: P pauses, N takes one step, R starts a new game, + and - change the
    speed, H tells all of them.
    """
    from csai_train.evaluation.video import record_game

    opened = open_run(run)
    with plain_warnings(output.console()):
        agent = opened.agent(checkpoint_choice(checkpoint), device)
    seed = drawn_seed("csai watch", seed)
    if sample:
        agent = agent.sampling(seed)
    if film is not None:
        record_game(agent, opened.environment, film, seed=seed, fps=fps)
        click.echo(f"Saved a game to {film}")
    else:
        _show(opened, agent, episodes, seed, fps, glides=glides, as_text=text or not _has_screen())


def _show(
    run: Run, agent: TrainedAgent, episodes: int, seed: int, fps: float | None, *, glides: bool, as_text: bool
) -> None:
    import gymnasium

    from csai_train.environments.make import make_single, render_modes

    try:
        env = make_single(run.environment, render_mode="ansi" if as_text else "rgb_array")
        if as_text:
            show_as_text(env, agent, fps=fps, seed=seed, episodes=episodes)
        else:
            title = f"{run.environment.id} by {run.algorithm_name}"
            show_in_window(env, agent, title=title, fps=fps, seed=seed, episodes=episodes, glides=glides)
    except KeyboardInterrupt:
        click.echo()
    except EnvironmentFailedError:  # it would in a film too
        raise
    except (CsaiError, gymnasium.error.Error) as error:
        way_out = f" Try: csai watch {run.path} --gif game.gif" if render_modes(run.environment) else ""
        raise click.ClickException(
            f"{run.environment.id} cannot be watched here: {error}{way_out}"
        ) from error


def _has_screen() -> bool:
    return not why_no_window() and os.environ.get("SDL_VIDEODRIVER") not in ("dummy", "offscreen")
