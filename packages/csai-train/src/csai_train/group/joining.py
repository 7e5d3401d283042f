"""Joining the processes that this one was launched with.

Torch's launcher tells each process by its environment which one it is: RANK, WORLD_SIZE and where to meet. It
is the same whether `csai train --processes` launched it or torchrun.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import cache

from csai_core.errors import ConfigError
from csai_train.group.group import Group

TIMEOUT = "CSAI_PROCESS_TIMEOUT"
"""Seconds after which a process that does not answer is given up; more than whatever one does alone."""
_SECONDS = 300.0
ATTEMPT = "CSAI_ATTEMPT"
"""How often the processes were started before, in the environment of each."""
LAUNCHER = "CSAI_LAUNCHER"
"""The process id of who launched them, in the environment of each; without it, each one's parent did."""
_SECONDS_BETWEEN_LOOKS = 0.5


def was_launched() -> bool:
    """Whether this process was launched together with others."""
    return launched() > 1 and "RANK" in os.environ and "MASTER_ADDR" in os.environ


def launched() -> int:
    """How many processes were launched together."""
    return _number("WORLD_SIZE", 1)


def require_alone(what: str) -> None:
    """Refuse what several processes that were launched together would each do for itself, in the same place.

    Raises:
        ConfigError: if this process was launched together with others.
    """
    if was_launched():
        raise ConfigError(
            f"{what} is done by one process, and {launched()} were launched together, by torchrun or so. "
            "Start it by itself."
        )


def attempt() -> int:
    """How often they were started before, by torch's launcher or by `launch`."""
    return _number("TORCHELASTIC_RESTART_COUNT", 0) + _number(ATTEMPT, 0)


@cache
def find_group() -> Group:
    """The processes that this one was launched with, or the group of this one alone; always the same one.

    Raises:
        ProcessLostError: if not all of them come.
        ConfigError: if the timeout is no number of seconds.
    """
    if not was_launched():
        return Group()
    from csai_train.group.torch_group import TorchGroup

    end_with_launcher()
    return TorchGroup(_number("RANK", 0), launched(), timeout=timeout_seconds())


def end_with_launcher() -> None:
    """From now on, save and end as on SIGTERM once the process is gone that launched this one.

    On Windows, where nothing tells that, it goes on alone.
    """
    launcher = _number(LAUNCHER, os.getppid())

    def look() -> None:
        while os.getppid() == launcher:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        os.kill(os.getpid(), signal.SIGTERM)

    if os.name == "posix":
        threading.Thread(target=look, daemon=True).start()


def timeout_seconds() -> float:
    """After how many seconds a process that does not answer is given up.

    Raises:
        ConfigError: if the environment says something else.
    """
    text = os.environ.get(TIMEOUT, str(_SECONDS))
    try:
        seconds = float(text)
        if not 0 < seconds < 1e7:
            raise ValueError
    except ValueError:
        raise ConfigError(f"{TIMEOUT} is {text!r}; it must be a number of seconds, such as 300.") from None
    return seconds


def _number(name: str, otherwise: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else otherwise
