"""How Python itself runs, which a process shares: put back where a plugin has made it worse for others.

What merely adds something, such as a filter that hides a warning, is left as it is.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from csai_core.plugins.discovery import OURS

_COMMON = (*OURS, "click", "gymnasium", "numpy", "pluggy", "rich", "torch")
"""Packages that others count on."""


class _Part(NamedTuple):
    """Something of the interpreter."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], Any]
    is_worse: Callable[[Any, Any], bool] = lambda before, now: bool(before != now)
    """Whether others cannot go on as before: by what was and what is."""


def _errors(filters: list[Any]) -> list[Any]:
    """Those filters that make an error of a warning."""
    return [each for each in filters if each[0] == "error"]


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _set_modules(modules: dict[str, Any]) -> None:
    for name in _hidden(modules, sys.modules):
        sys.modules.pop(name, None)
        if name in modules:
            sys.modules[name] = modules[name]


def _hidden(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The modules that can no longer be imported as they were, or not at all."""
    kept_out = [name for name, module in now.items() if module is None and name not in before]
    lost = [name for name, module in before.items() if now.get(name) is not module]
    return [name for name in lost + kept_out if name.partition(".")[0] in _COMMON]


_PARTS = (
    _Part(
        "the limit of recursion",
        sys.getrecursionlimit,
        sys.setrecursionlimit,
        lambda before, now: bool(now < before),
    ),
    _Part("the trace function (sys.settrace)", sys.gettrace, sys.settrace),
    _Part("the profile function (sys.setprofile)", sys.getprofile, sys.setprofile),
    _Part(
        "what warnings are errors",
        lambda: list(warnings.filters),
        _set_filters,
        lambda before, now: _errors(now) != _errors(before),
    ),
    _Part(
        "the modules in sys.modules",
        lambda: dict(sys.modules),
        _set_modules,
        lambda before, now: bool(_hidden(before, now)),
    ),
    _Part(
        "sys.path",
        lambda: list(sys.path),
        lambda path: sys.path.__setitem__(slice(None), path),
        lambda before, now: not set(before) <= set(now),
    ),
    _Part(
        "which logs are written (logging.disable)",
        lambda: logging.root.manager.disable,
        logging.disable,
        lambda before, now: bool(now > before),
    ),
    _Part(
        "what numpy does at floating point errors (numpy.seterr)",
        np.geterr,
        lambda value: np.seterr(**value),
        lambda before, now: any(now[kind] == "raise" != before[kind] for kind in before),
    ),
    _Part(
        "the garbage collector (gc)",
        gc.isenabled,
        lambda is_on: gc.enable() if is_on else gc.disable(),
        lambda before, now: before and not now,
    ),
)


@contextmanager
def interpreter_put_back(tell: Callable[[str], None]) -> Iterator[None]:
    """Put back what the code inside made worse for all others.

    Args:
        tell: called with the name of each.
    """
    parts = (*_PARTS, *_signals())
    before = [part.read() for part in parts]
    try:
        yield
    finally:
        worse = []
        for part, value in zip(parts, before, strict=True):
            if part.is_worse(value, part.read()):
                part.write(value)
                worse.append(part.name)
        for name in worse:
            tell(name)


def _signals() -> list[_Part]:
    """The handlers of what ends a program; only the main thread has them."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [_signal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def _signal(number: signal.Signals) -> _Part:
    def write(handler: Any) -> None:
        if handler is not None:  # it was set by no Python code
            signal.signal(number, handler)

    return _Part(f"the handler of {number.name}", lambda: signal.getsignal(number), write)
