"""What `import_effects` runs in a process of its own: import one module, and write down what that changed."""

from __future__ import annotations

import gc
import importlib
import io
import json
import locale
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import gymnasium
import numpy as np

from csai_core.plugins.discovery import OURS

_WATCHED = frozenset((*OURS, "builtins", "click", "gymnasium", "json", "logging", "numpy", "os", "pluggy"))
_WATCHED |= frozenset(("random", "subprocess", "threading", "time", "torch"))
"""Packages in which nothing may be replaced."""
_HEAVY = frozenset(("jax", "matplotlib", "pandas", "pygame", "scipy", "sklearn", "tensorflow", "torch"))
_IDENTITIES = ("__import__", "__build_class__")
"""Special names that are functions like others."""


class _Question(io.TextIOBase):
    """A stdin that notes whether it is asked."""

    was_read = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        self.was_read = True
        return ""

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        return self.read()


def main() -> None:
    """Read what to do, do it, write the report and leave, whatever threads still run."""
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if "modules" in task:
        _probe_each(task["modules"], frozenset(task["own"]), task["before"], Path(sys.argv[2]))
        os._exit(0)
    found = _probe(task["module"], frozenset(task["own"]), task["before"])
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
    os._exit(0)


def _probe_each(modules: list[str], own: frozenset[str], before: list[str], reports: Path) -> None:
    """Import what comes before, and each module in a copy of this process."""
    streams = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = _Question(), io.StringIO(), io.StringIO()
    for name in before:
        _import(name)
    sys.stdin, sys.stdout, sys.stderr = streams
    for number, module in enumerate(modules):
        folder = reports / str(number)
        (folder / "empty").mkdir(parents=True)
        child = os.fork()
        if not child:
            _probe_in_copy(module, own, folder)
        _, status = os.waitpid(child, 0)
        (folder / "status").write_text(str(os.waitstatus_to_exitcode(status)), encoding="utf-8")


def _probe_in_copy(module: str, own: frozenset[str], folder: Path) -> NoReturn:
    """Import a module, write the report and leave; what it prints past Python goes to a file."""
    printed = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.chdir(folder / "empty")
    try:
        found = _probe(module, own, ())
        (folder / "report.json").write_text(json.dumps(found), encoding="utf-8")
    finally:
        os._exit(0)


def _probe(module: str, own: frozenset[str], before: Iterable[str]) -> dict[str, Any]:
    question, printed = _Question(), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = question, io.StringIO(), io.StringIO()
    for name in before:
        _import(name)
    question.was_read = False
    sys.stdout, sys.stderr = printed, printed
    here, drawn, shared, bound = os.getcwd(), _generators(), _shared(), _bound(own)
    threads, modules, started = threading.active_count(), [*sys.modules], time.perf_counter()
    error = _import(module)
    seconds = time.perf_counter() - started
    fresh = [name for name in sys.modules if name not in set(modules)]
    now_drawn, now_shared = _generators(), _shared()
    return {
        "error": error,
        "seconds": seconds,
        "was_read": question.was_read,
        "printed": printed.getvalue().strip(),
        "heavy": sorted(_HEAVY & {name for name in fresh if "." not in name}),
        "drawn": sorted(name for name, state in drawn.items() if state != now_drawn.get(name)),
        "changed": sorted(name for name, value in shared.items() if value != now_shared.get(name)),
        "patched": sorted(_replaced(bound)),
        "threads": threading.active_count() - threads,
        "files": sorted(os.listdir(here)),
        "others": [name for name in fresh if name.partition(".")[0] not in own],
    }


def _import(name: str) -> str:
    """Import a module; what was wrong, empty if nothing."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # whatever a stranger's module does at import
        return f"{type(error).__name__}: {error}"
    return ""


def _generators() -> dict[str, str]:
    found = {"Python": repr(random.getstate()), "numpy": repr(np.random.get_state())}  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        found["torch"] = torch.get_rng_state().numpy().tobytes().hex()
    return found


def _shared() -> dict[str, Any]:
    """What all parts of a program share, by what it is called."""
    root = logging.getLogger()
    found: dict[str, Callable[[], Any]] = {
        "the handlers of logging": lambda: list(map(id, root.handlers)),
        "the level of logging": lambda: (root.level, root.manager.disable),
        "the filters of warnings": lambda: list(warnings.filters),
        "what signals do": lambda: {each: signal.getsignal(each) for each in signal.Signals},
        "the folder": os.getcwd,
        "environment variables": lambda: dict(os.environ),
        "sys.path": lambda: list(sys.path),
        "sys.excepthook": lambda: sys.excepthook,
        "sys.stdout": lambda: sys.stdout,
        "the recursion limit": sys.getrecursionlimit,
        "the garbage collector": lambda: (gc.isenabled(), gc.get_threshold()),
        "the locale": lambda: locale.setlocale(locale.LC_ALL),
        "how numpy prints": lambda: repr(np.get_printoptions()),
        "how numpy treats errors": np.geterr,
        "what Gymnasium knew already": lambda: {name: gymnasium.registry.get(name) for name in _KNOWN},
    }
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_default_dtype"):
        found["the default type of torch"] = torch.get_default_dtype
        found["the threads of torch"] = torch.get_num_threads
        found["whether torch computes gradients"] = torch.is_grad_enabled
    return {name: look() for name, look in found.items()}


_KNOWN = tuple(gymnasium.registry)


def _bound(own: frozenset[str]) -> dict[str, tuple[Any, str, Any]]:
    """The functions and classes of watched packages: full name -> (what holds it, its name there, it)."""
    found: dict[str, tuple[Any, str, Any]] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in _WATCHED - own or not hasattr(module, "__dict__"):
            continue
        for attribute, value in list(vars(module).items()):
            if not _is_code(attribute, value):
                continue
            found[f"{name}.{attribute}"] = (module, attribute, value)
            if isinstance(value, type) and value.__module__ == name:
                found |= {f"{name}.{attribute}.{key}": each for key, each in _methods(value)}
    return found


def _methods(owner: type) -> Iterator[tuple[str, tuple[Any, str, Any]]]:
    for name, value in list(vars(owner).items()):
        if callable(value) or isinstance(value, (property, classmethod, staticmethod)):
            yield name, (owner, name, value)


def _is_code(name: str, value: object) -> bool:
    return callable(value) and (not name.startswith("__") or name in _IDENTITIES)


def _replaced(bound: dict[str, tuple[Any, str, Any]]) -> Iterator[str]:
    """The full names of what is no longer where it was."""
    for full_name, (holder, name, value) in bound.items():
        if vars(holder).get(name) is not value:
            yield full_name


if __name__ == "__main__":
    main()
