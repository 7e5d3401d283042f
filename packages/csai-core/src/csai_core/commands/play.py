"""`csai play`: play a game by keyboard, or let an agent play it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import gymnasium

from csai_core.agents import Agent
from csai_core.commands import resolver
from csai_core.commands.environment_options import check_env_options, env_option, wrap_option
from csai_core.commands.games import (
    glide_option,
    show_as_text,
    show_in_window,
    think_option,
    why_no_window,
)
from csai_core.commands.recordings import record_option, recorded_in
from csai_core.commands.typed import ENVIRONMENT, TypedCommand, entry_of
from csai_core.commands.values import COUNT, SEED, Number
from csai_core.environments import cannot_be_made, find_spec
from csai_core.errors import ConfigError, ContractError, MissingExtraError
from csai_core.play import keyboard_for
from csai_core.play.demonstration import Recorder
from csai_core.plugins import installed
from csai_core.signals import interrupt_on_signals
from csai_core.wrapping import with_wrappers


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
@wrap_option
@record_option
@click.option("--fps", type=Number(above=0), help="Steps a second.")
@click.option("--seed", type=SEED, help="Of the first game; the next ones count up.")
@click.option("--episodes", type=COUNT, help="How many games; else till the window is closed.")
@think_option
@glide_option
def play(
    environment_id: str,
    agent_name: str | None,
    env_options: dict[str, Any],
    wrappers: tuple[str, ...],
    record: Path | None,
    fps: float | None,
    seed: int | None,
    episodes: int | None,
    thinks: bool,
    glides: bool,
) -> None:
    """Play ENVIRONMENT by keyboard, such as snake, or watch an agent play it.

    One of the form module:ID imports that module first, also one of this folder.

    The window says which keys the game is played with, and waits for the first; H tells all of them. What
    --record saves is whole however the game ends. Without a display an agent's game is shown as text.
    """
    if thinks and agent_name is None:
        raise ConfigError(
            "--think shows what an agent thinks, and here a person plays. Let one play: --agent NAME; "
            "or watch one that was trained: csai watch RUN --think"
        )
    recorder = Recorder(environment_id, agent_name or "keyboard", env_options)
    trouble = why_no_window()
    if trouble and agent_name is None:
        raise MissingExtraError(
            f"{trouble} So nobody can play by keyboard here. What works: an agent's game, shown as text: "
            f"csai play {environment_id} --agent random"
        )
    where = environment_id, env_options, wrappers
    with recorded_in(record, recorder) as recording:
        how: dict[str, Any] = {"fps": fps, "seed": seed, "recorder": recording, "thinks": thinks}
        try:
            with interrupt_on_signals():
                if trouble:
                    _play_in_terminal(*where, str(agent_name), trouble, episodes or 1, **how)
                else:
                    _play_in_window(*where, agent_name, episodes=episodes, glides=glides, **how)
        except KeyboardInterrupt:
            click.echo()


def _play_in_window(
    environment_id: str,
    env_options: dict[str, Any],
    wrappers: tuple[str, ...],
    agent_name: str | None,
    **how: Any,
) -> None:
    env = _make(environment_id, env_options, wrappers, ("rgb_array", "ansi"))
    if env.render_mode is None:
        raise ContractError(
            f"{environment_id} can show neither a picture nor a text. Write render_frame(self) or "
            "render_text(self) in its class."
        )
    player = keyboard_for(env) if agent_name is None else _agent(env, agent_name, how["seed"])
    title = environment_id if agent_name is None else f"{environment_id} by {agent_name}"
    show_in_window(env, player, title=title, **how)


def _play_in_terminal(
    environment_id: str,
    env_options: dict[str, Any],
    wrappers: tuple[str, ...],
    agent_name: str,
    trouble: str,
    episodes: int,
    **how: Any,
) -> None:
    env = _make(environment_id, env_options, wrappers, ("ansi",))
    if env.render_mode is None:
        click.echo(f"{trouble} {environment_id} has no text to show either, so the game is only counted.")
    show_as_text(env, _agent(env, agent_name, how["seed"]), episodes=episodes, **how)


def _make(
    environment_id: str, options: dict[str, Any], wrappers: tuple[str, ...], modes: tuple[str, ...]
) -> gymnasium.Env[Any, Any]:
    """The environment in the first of these render modes that it has, else in none."""
    check_env_options(environment_id, options)
    wrapped = with_wrappers(find_spec(environment_id), resolver.wrappers(wrappers, environment_id))
    try:
        env = gymnasium.make(wrapped, **options)
    except (Exception, SystemExit) as error:
        raise ConfigError(cannot_be_made(environment_id, options, error)) from error
    has = env.metadata.get("render_modes", [])
    env.close()
    mode = next((mode for mode in modes if mode in has), None)
    return gymnasium.make(wrapped, **{**options, "render_mode": mode})


def _agent(env: gymnasium.Env[Any, Any], name: str, seed: int | None) -> Agent:
    if seed is not None:
        env.action_space.seed(seed)
    agent: Agent = installed().find("agents", name).make(env)
    return agent
