"""What the code of one plugin must leave as it was for all others: noticed around it, and put back.

Only what would break others at once is looked at, since this runs before and after every import and hook;
`csai_core.testing.PluginSuite` looks at everything.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gymnasium
import pluggy

from csai_core.plugins.discovery import OURS
from csai_core.plugins.interpreter import interpreter_put_back
from csai_core.plugins.names import NAMESPACE
from csai_core.shared_generators import generators_put_back

_MODULES = (
    *("builtins", "sys", "os", "os.path", "json", "logging", "importlib", "pathlib", "pluggy", "click"),
    *("gymnasium", "gymnasium.envs.registration", "csai_core", "csai_core.plugins"),
)
"""Whose functions and classes nobody may replace."""
_CLASSES = (gymnasium.Env, gymnasium.Wrapper, logging.Logger, pluggy.HookCaller, pluggy.PluginManager)
"""Whose methods nobody may replace."""
_OF_DISPLAYS = ("SDL_", "PYGAME_")
"""How the names of those environment variables begin that pygame sets when it is imported."""
_STREAMS = ("stdin", "stdout", "stderr")


@contextmanager
def guarded(tell: Callable[[str], None]) -> Iterator[None]:
    """Put back what others rely on if it is changed meanwhile.

    Args:
        tell: called with the name of each thing that was changed.
    """
    holders: dict[str, Any] = {name: sys.modules[name] for name in _MODULES if name in sys.modules}
    holders |= {f"{each.__module__.partition('.')[0]}.{each.__name__}": each for each in _CLASSES}
    bound = {name: dict(vars(holder)) for name, holder in holders.items()}
    streams = {name: getattr(sys, name) for name in _STREAMS}
    registry, known = gymnasium.registry, dict(gymnasium.registry)
    folder, variables = _folder(), dict(os.environ)
    try:
        with interpreter_put_back(tell), generators_put_back():
            yield
    finally:
        for owner, before in bound.items():
            for name in _replaced(holders[owner], before):
                setattr(holders[owner], name, before[name])
                tell(f"{owner}.{name}")
        for name, stream in streams.items():
            if getattr(sys, name) is not stream:
                setattr(sys, name, stream)
                tell(f"sys.{name}")
        for environment_id in _taken(registry, known):
            tell(f"the environment {environment_id}")
        if folder and _folder() != folder:
            os.chdir(folder)
            tell("the current folder")
        if changed := _changed(variables):
            tell(f"the environment variable{'s' if len(changed) > 1 else ''} {', '.join(changed)}")


def _changed(variables: dict[str, str]) -> list[str]:
    """Put back environment variables that were set, changed or removed; those of SDL are a display's."""
    names = [name for name in {**variables, **os.environ} if os.environ.get(name) != variables.get(name)]
    for name in names:
        os.environ.pop(name, None)
        if name in variables:
            os.environ[name] = variables[name]
    return [name for name in names if not name.startswith(_OF_DISPLAYS)]


def _folder() -> str:
    """The current folder; empty if it was removed."""
    with suppress(OSError):
        return os.getcwd()
    return ""


def _replaced(holder: Any, before: dict[str, Any]) -> list[str]:
    """The functions and classes of a module, or the methods of a class, that are no longer what they were."""
    now = vars(holder)
    names = [name for name, value in before.items() if callable(value) and now.get(name) is not value]
    return [name for name in names if not name.startswith("_") or name.endswith("__")]


def _taken(registry: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """Put back environments that were replaced, and remove those in our namespace that are not ours."""
    for environment_id in [name for name, spec in known.items() if registry.get(name) is not spec]:
        registry[environment_id] = known[environment_id]
        yield environment_id
    for environment_id in [name for name in registry if name.startswith(NAMESPACE) and name not in known]:
        if str(registry[environment_id].entry_point).partition(".")[0] not in OURS:
            del registry[environment_id]
            yield environment_id
