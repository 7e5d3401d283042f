"""What runs in a worker process: one environment, which does what it is asked until told to close."""

from __future__ import annotations

import contextlib
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeAlias

import gymnasium
from gymnasium.envs.registration import EnvSpec

from csai_core.shell import as_gymnasium

MakeEnv: TypeAlias = EnvSpec | Callable[[], gymnasium.Env[Any, Any]]
"""How to make the environment: its specification, or a function that can be pickled."""


class Reply(NamedTuple):
    """What a worker answers."""

    value: Any
    error: str = ""
    """The exception, in one line; empty if there was none."""
    details: str = ""
    """Its traceback."""


class Description(NamedTuple):
    """What a worker says of its environment when it is ready."""

    observation_space: gymnasium.Space[Any]
    action_space: gymnasium.Space[Any]
    metadata: dict[str, Any]
    render_mode: str | None


def work(connection: Connection, make: MakeEnv) -> None:
    """Make the environment and serve it until told to close, or until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which closes us
    made = _attempt(lambda: as_gymnasium(make.make() if isinstance(make, EnvSpec) else make()))
    with contextlib.suppress(EOFError, OSError):
        if made.error:
            connection.send(made)
            return
        env = made.value
        described = (env.observation_space, env.action_space, env.metadata, env.render_mode)
        connection.send(Reply(Description(*described)))
        _serve(connection, env)
        env.close()


def _serve(connection: Connection, env: gymnasium.Env[Any, Any]) -> None:
    methods: dict[str, Callable[..., Any]] = {
        "reset": lambda seed, options: env.reset(seed=seed, options=options),
        "step": env.step,
        "render": env.render,
    }
    while True:
        command, *arguments = connection.recv()
        if command == "close":
            return
        connection.send(_attempt(lambda: methods[command](*arguments)))  # noqa: B023 - called at once


def _attempt(action: Callable[[], Any]) -> Reply:
    try:
        return Reply(action())
    except Exception as error:
        return Reply(None, f"{type(error).__name__}: {error}", traceback.format_exc())
