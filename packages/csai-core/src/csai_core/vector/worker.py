"""What runs in a worker process: environments that do what they are asked until told to close."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from socket import socket
from typing import Any, NamedTuple

import gymnasium

from csai_core.errors import EnvironmentFailedError
from csai_core.gate import EnvironmentGate, words
from csai_core.gate.environment import name_of
from csai_core.shell import as_gymnasium
from csai_core.vector.channel import GONE, Channel, exchange


class Reply(NamedTuple):
    """What a worker answers for one environment."""

    value: Any
    error: str = ""
    """What went wrong, in words; empty if nothing did."""
    repeat: str = ""
    """What repeats it, where that is known."""
    details: str = ""
    """Its traceback."""
    seconds: float = 0.0
    """How long the environment took for it."""


class Description(NamedTuple):
    """What a worker says of an environment when it is ready."""

    observation_space: gymnasium.Space[Any]
    action_space: gymnasium.Space[Any]
    metadata: dict[str, Any]
    render_mode: str | None
    name: str
    """Its id, or the name of its class."""
    can_be_saved: bool
    """Whether it has `state_dict` and `load_state_dict`."""


def _describe(gate: EnvironmentGate) -> Description:
    env: Any = gate.env
    can_be_saved = hasattr(env, "state_dict") and hasattr(env, "load_state_dict")
    spaces = env.observation_space, env.action_space
    return Description(*spaces, env.metadata, env.render_mode, name_of(env), can_be_saved)


def _looked_at(gate: EnvironmentGate, result: tuple[Any, ...]) -> tuple[Any, ...]:
    """What an environment gave, its observation found to be what its space says."""
    observation, *others = result
    return (gate.own(observation), *others)


_COMMANDS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "make": (lambda maker: EnvironmentGate(as_gymnasium(pickle.loads(maker)())), ()),
    "describe": (_describe, Description._fields),
    "reset": (
        lambda gate, seed, options: _looked_at(gate, gate.reset(seed=seed, options=options)),
        ("observation", "info"),
    ),
    "step": (
        lambda gate, action: _looked_at(gate, gate.step(action)),
        ("observation", "reward", "terminated", "truncated", "info"),
    ),
    "render": (lambda gate: gate.env.render(), ()),
    "save": (lambda gate: gate.env.state_dict(), ()),
    "load": (lambda gate, state: gate.env.load_state_dict(state), ()),
}
"""What an environment can be asked, how it answers that, and what the parts of its answer are called."""


def work(connection: socket) -> None:
    """Make the environments that are asked for first, and serve them until told to close.

    That is also what the end of the other side means, noticed even while an environment hangs.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which closes us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    channel = Channel(connection)
    gates: list[EnvironmentGate] = []
    while (message := exchange([channel])[channel]) is not None and message != GONE:
        number, command, requests = pickle.loads(message)
        if command == "close":
            break
        if command == "make":
            replies, gates = _make(requests.values())
        else:
            replies = [_attempt(command, gates[slot], *request) for slot, request in requests.items()]
        channel.put(_packed(number, command, replies))
    for gate in gates:
        gate.env.close()


def _make(makers: Iterable[tuple[bytes]]) -> tuple[list[Reply], list[EnvironmentGate]]:
    """Environments, and what each says of itself or why it could not be made."""
    replies, gates = [], []
    for maker in makers:
        made = _attempt("make", *maker)
        if not made.error:
            gates.append(made.value)
            made = _attempt("describe", made.value)
        replies.append(made)
    return replies, gates


def _attempt(command: str, *arguments: Any) -> Reply:
    started = time.perf_counter()
    try:
        value = _COMMANDS[command][0](*arguments)
        return Reply(value, seconds=time.perf_counter() - started)
    except EnvironmentFailedError as error:
        return Reply(None, error.args[0], error.repeat, traceback.format_exc())
    except (Exception, SystemExit) as error:
        return Reply(None, words.describe(error), details=traceback.format_exc())


def _packed(number: int, command: str, replies: Sequence[Reply]) -> bytes:
    """Replies as bytes; one that cannot be sent is replaced by what says which part of it is why."""
    try:
        return pickle.dumps((number, replies))
    except Exception:
        return pickle.dumps((number, [_sendable(command, reply) for reply in replies]))


def _sendable(command: str, reply: Reply) -> Reply:
    if _pickling_error(reply) is None:
        return reply
    names = _COMMANDS["describe" if command == "make" else command][1]
    parts = dict(zip(names, reply.value, strict=True)) if names else {f"answer to {command}": reply.value}
    name, value = _culprit(parts)
    error = _pickling_error(value)
    return Reply(
        None,
        f"its {name} is a {type(value).__name__}, which cannot be sent out of its process "
        f"({type(error).__name__}: {error}). Leave it out, or give numbers, texts and arrays.",
    )


def _culprit(parts: dict[str, Any]) -> tuple[str, Any]:
    """What cannot be sent, as deep in dicts, lists and tuples as it can be told, and its name."""
    name, value = next((name, each) for name, each in parts.items() if _pickling_error(each) is not None)
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    inner = {f"{name}[{key!r}]": each for key, each in items}
    return _culprit(inner) if any(_pickling_error(each) for each in inner.values()) else (name, value)


def _pickling_error(value: Any) -> Exception | None:
    try:
        pickle.dumps(value)
    except Exception as error:
        return error
    return None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
