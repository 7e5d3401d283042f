"""What the whole process shares: who sets it, and everything as it was afterwards."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class Setting:
    """Something that the whole process shares.

    Args:
        name: what it is called, as the object of a sentence.
        read: gives its present value.
        write: sets it.
        usual: the value that it is given while code is watched, so that setting it again is seen.
    """

    def __init__(
        self, name: str, read: Callable[[], Any], write: Callable[[Any], Any], usual: Any = None
    ) -> None:
        self.name = name
        self.read, self.write, self.usual = read, write, usual


def _signal_setting(name: str) -> Setting:
    number = getattr(signal, name)
    usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
    return Setting(
        f"the handler of the signal {name}",
        lambda: signal.getsignal(number),
        lambda handler: _in_main_thread() and signal.signal(number, handler),
        usual,
    )


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]


def _set_root(state: tuple[int, list[logging.Handler], int]) -> None:
    level, handlers, disabled = state
    root = logging.getLogger()
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.disable(disabled)


def _settings() -> list[Setting]:
    root = logging.getLogger()
    found = [
        Setting("the filters of warnings", lambda: list(warnings.filters), _set_filters),
        Setting(
            "the root logger (logging)",
            lambda: (root.level, list(root.handlers), logging.root.manager.disable),
            _set_root,
            (logging.WARNING, [], 0),
        ),
        Setting(
            "what numpy does at floating point errors (numpy.seterr)",
            np.geterr,
            lambda value: np.seterr(**value),
            {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"},
        ),
        Setting("numpy's print options", np.get_printoptions, lambda value: np.set_printoptions(**value)),
        Setting("the limit of recursion", sys.getrecursionlimit, sys.setrecursionlimit),
        Setting(
            "the garbage collector (gc)", gc.isenabled, lambda on: gc.enable() if on else gc.disable(), True
        ),
        Setting("sys.path", lambda: list(sys.path), lambda value: sys.path.__setitem__(slice(None), value)),
        Setting("sys.excepthook", lambda: sys.excepthook, lambda value: setattr(sys, "excepthook", value)),
    ]
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        found += [
            Setting("torch's default dtype", torch.get_default_dtype, torch.set_default_dtype),
            Setting("torch's number of threads", torch.get_num_threads, torch.set_num_threads),
            Setting("whether torch computes gradients", torch.is_grad_enabled, torch.set_grad_enabled),
        ]
    names = ("SIGINT", "SIGTERM", "SIGUSR1", "SIGALRM")
    return found + [_signal_setting(name) for name in names if hasattr(signal, name) and _in_main_thread()]


@contextmanager
def settings_kept(changed: list[str]) -> Iterator[None]:
    """Note which settings of the process the code inside changes, and put all back as they were."""
    settings = _settings()
    before = [each.read() for each in settings]
    for each in settings:
        if each.usual is not None:
            each.write(each.usual)
    during = [each.read() for each in settings]
    try:
        yield
    finally:
        changed += [each.name for each, then in zip(settings, during, strict=True) if each.read() != then]
        for each, value in zip(settings, before, strict=True):
            each.write(value)
