"""`csai play`: play a game by keyboard, or let an agent play it."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import click
import gymnasium

from csai_core.agents import Agent
from csai_core.commands.environment_options import check_env_options, env_option
from csai_core.commands.typed import ENVIRONMENT, TypedCommand, entry_of
from csai_core.display import has_display
from csai_core.environments import cannot_be_made, make
from csai_core.errors import ConfigError, ContractError, MissingExtraError
from csai_core.play import Game, Session, keyboard_for, play_as_text
from csai_core.play.demonstration import Recorder
from csai_core.plugins import installed

_DEFAULT_FPS = 10.0


@click.command(cls=TypedCommand)
@click.argument("environment_id", metavar="ENVIRONMENT", type=ENVIRONMENT)
@click.option(
    "--agent",
    "agent_name",
    type=entry_of("agents"),
    metavar="NAME",
    help="Let this agent play; csai list agents.",
)
@env_option
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Save what was done (.npz).")
@click.option("--fps", type=click.FloatRange(min=0, min_open=True), help="Steps a second.")
@click.option("--seed", type=click.IntRange(min=0), help="Makes the games repeatable.")
def play(
    environment_id: str,
    agent_name: str | None,
    env_options: dict[str, Any],
    record: Path | None,
    fps: float | None,
    seed: int | None,
) -> None:
    """Play ENVIRONMENT by keyboard, such as snake, or watch an agent play it.

    One of the form module:ID imports that module first, also one of this folder.

    Arrows or WASD steer, P pauses, R starts again, + and - change the speed; closing the window ends.
    Without a display an agent's game is shown as text.
    """
    _require_folder(record)
    recorder = Recorder(environment_id, agent_name or "keyboard", env_options) if record else None
    trouble = _why_no_window()
    if trouble and agent_name is None:
        raise MissingExtraError(
            f"{trouble} So nobody can play by keyboard here. What works: an agent's game, shown as text: "
            f"csai play {environment_id} --agent random"
        )
    try:
        if trouble:
            _play_in_terminal(environment_id, env_options, str(agent_name), trouble, fps, seed, recorder)
        else:
            _play_in_window(environment_id, env_options, agent_name, fps, seed, recorder)
    except KeyboardInterrupt:
        click.echo()
    finally:
        if record is not None and recorder is not None:
            _save(recorder, record)


def _play_in_window(
    environment_id: str,
    env_options: dict[str, Any],
    agent_name: str | None,
    fps: float | None,
    seed: int | None,
    recorder: Recorder | None,
) -> None:
    env = _make(environment_id, env_options, ("rgb_array", "ansi"))
    if env.render_mode is None:
        raise ContractError(
            f"{environment_id} can show neither a picture nor a text. Write render_frame(self) or "
            "render_text(self) in its class."
        )
    player = keyboard_for(env) if agent_name is None else _agent(env, agent_name, seed)
    fps = fps or env.metadata.get("render_fps") or _DEFAULT_FPS
    session = Session(env, player, title=environment_id, fps=float(fps), recorder=recorder)
    try:
        session.run(seed)
    finally:
        _report([game for game in session.games if game.num_steps])
        env.close()


def _play_in_terminal(
    environment_id: str,
    env_options: dict[str, Any],
    agent_name: str,
    trouble: str,
    fps: float | None,
    seed: int | None,
    recorder: Recorder | None,
) -> None:
    env = _make(environment_id, env_options, ("ansi",))
    if env.render_mode is None:
        click.echo(f"{trouble} {environment_id} has no text to show either, so the game is only counted.")
    is_watched = sys.stdout.isatty()
    pace = (fps or env.metadata.get("render_fps") or _DEFAULT_FPS) if is_watched else None

    def show(text: str) -> None:
        if is_watched:
            click.clear()
        click.echo(f"{text}\n")

    try:
        agent = _agent(env, agent_name, seed)
        _report([play_as_text(env, agent, show, fps=pace, seed=seed, recorder=recorder)])
    finally:
        env.close()


def _make(environment_id: str, options: dict[str, Any], modes: tuple[str, ...]) -> gymnasium.Env[Any, Any]:
    """The environment in the first of these render modes that it has, else in none."""
    check_env_options(environment_id, options)
    try:
        env = make(environment_id, **options)
    except (TypeError, gymnasium.error.Error) as error:
        raise ConfigError(cannot_be_made(environment_id, options, error)) from error
    has = env.metadata.get("render_modes", [])
    env.close()
    mode = next((mode for mode in modes if mode in has), None)
    return make(environment_id, **{**options, "render_mode": mode})


def _agent(env: gymnasium.Env[Any, Any], name: str, seed: int | None) -> Agent:
    if seed is not None:
        env.action_space.seed(seed)
    agent: Agent = installed().find("agents", name).load()(env)
    return agent


def _why_no_window() -> str:
    """A sentence that says why no window can be opened here; empty if one can."""
    if importlib.util.find_spec("pygame") is None:
        return 'Windows need pygame-ce (pip install "csai-core[render]").'
    if not has_display() and not os.environ.get("SDL_VIDEODRIVER"):
        return "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return ""


def _require_folder(record: Path | None) -> None:
    if record is None:
        return
    folder = record.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"The recording cannot be saved as {record}: there is no folder {record.parent}.")
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"The recording cannot be saved as {record}: {folder} cannot be written to.")


def _save(recorder: Recorder, path: Path) -> None:
    if not recorder:
        click.echo("Nothing was played, so nothing was recorded.")
        return
    path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
    recorder.save(path)
    click.echo(f"Recorded {len(recorder)} steps in {path}")


def _report(games: list[Game]) -> None:
    for number, game in enumerate(games, 1):
        ending = "" if game.is_over else " (not finished)"
        click.echo(f"Game {number}: {game}{ending}")
