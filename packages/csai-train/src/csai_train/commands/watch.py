"""`csai watch`: watch a trained agent play, in a window, in the terminal or as a GIF."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csai_core.arguments import drawn_seed
from csai_core.commands import output, resolver
from csai_core.commands.environment_options import wrap_option
from csai_core.commands.games import (
    glide_option,
    overlay_option,
    show_as_text,
    show_in_window,
    think_option,
    why_no_window,
)
from csai_core.commands.recordings import record_option, recorded_in
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, SEED, Number, OutputFile
from csai_core.errors import ConfigError, CsaiError, EnvironmentFailedError, UnknownNameError
from csai_core.play.demonstration import Recorder
from csai_core.terminal import as_typed
from csai_core.wrapping import with_wrappers
from csai_train.commands.run_arguments import (
    checkpoint_choice,
    device_option,
    import_option,
    length_option,
    open_to_play,
    plain_warnings,
    sample_option,
)
from csai_train.commands.run_names import run_argument

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec

    from csai_train.agent import TrainedAgent
    from csai_train.runs.run import Run


@click.command("watch", cls=TypedCommand)
@run_argument(is_read=True)
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
@think_option
@overlay_option
@record_option
@glide_option
@length_option
@click.option("--checkpoint", default="newest", show_default=True, help="newest, best or a number of steps.")
@sample_option
@device_option
@wrap_option
@import_option
def watch_command(
    run: Path,
    episodes: int,
    seed: int | None,
    fps: float | None,
    text: bool,
    film: Path | None,
    thinks: bool,
    overlays: tuple[str, ...],
    record: Path | None,
    glides: bool,
    max_episode_steps: int | None,
    checkpoint: str,
    sample: bool,
    device: str,
    wrappers: tuple[str, ...],
) -> None:
    """Watch the agent of RUN play: a run's folder, its name, or where it was trained, such as snake.

    Without RUN it is the newest run.

    The window has the keys of csai play: P pauses, N takes one step and B one back, T lets you take over, V
    shows what the agent thinks, H tells all of them. --record saves what you do in its place.
    """
    from csai_train.evaluation.video import record_game

    if record is not None and (text or film is not None or not has_screen()):
        raise ConfigError("--record saves what you do in the agent's place, which takes a window.")
    if overlays and film is None and (text or not has_screen()):
        raise ConfigError("--overlay paints on pictures, and here is no window: add --gif game.gif.")
    opened = open_to_play(run)
    place = with_wrappers(opened.environment, resolver.wrappers(wrappers, opened.environment))
    with plain_warnings(output.console()):
        agent = opened.agent(checkpoint_choice(checkpoint), device)
    seed = drawn_seed("csai watch", seed)
    if sample:
        agent = agent.sampling(seed)
    if film is not None:
        with plain_warnings(output.console()):
            record_game(
                agent,
                place,
                film,
                seed=seed,
                fps=fps,
                max_steps=max_episode_steps,
                thinks=thinks,
                overlays=overlays,
            )
        click.echo(f"Saved a game to {film}")
        return
    how: dict[str, Any] = {"episodes": episodes, "seed": seed, "fps": fps, "thinks": thinks}
    if text or not has_screen():
        show: Any = show_as_text
    else:
        title = f"{opened.environment.id} by {opened.algorithm_name}"
        show = partial(show_in_window, title=title, glides=glides, overlays=overlays, records_agent=False)
    recorder = Recorder(opened.environment.id, "keyboard", place.kwargs)
    with recorded_in(record, recorder) as how["recorder"]:
        _show(opened, place, agent, max_episode_steps, show, how)


def _show(
    run: Run,
    place: EnvSpec,
    agent: TrainedAgent,
    max_steps: int | None,
    show: Callable[..., None],
    how: Mapping[str, Any],
) -> None:
    import gymnasium

    from csai_train.environments.make import make_single, render_modes

    try:
        mode: str | None = "ansi" if show is show_as_text else "rgb_array"
        if mode == "ansi" and how["thinks"] and mode not in render_modes(place):
            mode = None  # what the agent thinks can be read all the same
        env = make_single(place, render_mode=mode)
        if max_steps is not None:
            env = gymnasium.wrappers.TimeLimit(env, max_steps)
        show(env, agent, **how)
    except KeyboardInterrupt:
        click.echo()
    except (EnvironmentFailedError, UnknownNameError):  # it would in a film too
        raise
    except (CsaiError, gymnasium.error.Error) as error:
        way_out = (
            f" Try: csai watch {as_typed(run.path)} --gif game.gif" if render_modes(run.environment) else ""
        )
        raise click.ClickException(
            f"{run.environment.id} cannot be watched here: {error}{way_out}"
        ) from error


def has_screen() -> bool:
    """Whether a window can be opened that somebody sees."""
    return not why_no_window() and os.environ.get("SDL_VIDEODRIVER") not in ("dummy", "offscreen")
