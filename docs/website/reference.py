"""The reference: a page for each public module, and on it every public name, from its docstring."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

PACKAGES = ("csai_core", "csai_envs", "csai_neural", "csai_train")
WITHOUT_ALL = {
    *("csai_core.data", "csai_core.errors", "csai_core.options", "csai_core.schedules", "csai_core.search"),
    *("csai_neural.errors", "csai_train.errors", "csai_train.events"),
}
"""Modules without `__all__` whose names are public: all that they define without an underscore."""


def modules() -> Iterator[ModuleType]:
    """The public modules: the packages, and what stands one level below them and says what it offers."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for inner in sorted(each.name for each in pkgutil.iter_modules(package.__path__, f"{name}.")):
            if inner.endswith("__main__"):
                continue
            module = importlib.import_module(inner)
            if hasattr(module, "__all__") or inner in WITHOUT_ALL:
                yield module


def names(module: ModuleType) -> list[str]:
    """The public names of a module."""
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    own = (name for name, value in vars(module).items() if _is_defined_in(module, value))
    return sorted(name for name in own if not name.startswith("_"))


def _is_defined_in(module: ModuleType, value: Any) -> bool:
    is_thing = inspect.isclass(value) or inspect.isfunction(value)
    return is_thing and value.__module__ == module.__name__


def homes() -> dict[tuple[str, str], str]:
    """Under which full name each (module, name) stands: by the first module that offers the same thing."""
    found: dict[tuple[str, str], str] = {}
    seen: dict[Any, str] = {}
    for module in modules():
        for name in names(module):
            value = getattr(module, name)
            key = (
                (value.__module__, value.__qualname__)
                if hasattr(value, "__qualname__")
                else (name, id(value))
            )
            found[module.__name__, name] = seen.setdefault(key, f"{module.__name__}.{name}")
    return found


def public_names() -> dict[str, str]:
    """For the full name under which something is defined, the one under which the reference has it."""
    found = {}
    for (module, name), home in homes().items():
        value = getattr(importlib.import_module(module), name)
        if hasattr(value, "__qualname__"):
            found[f"{value.__module__}.{value.__qualname__}"] = home
    return found


def is_there(target: str) -> bool:
    """Whether it is a module, or what stands in one, by its full name."""
    parts = target.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            thing = getattr(thing, part, None)
        return thing is not None
    return False


def page(module: ModuleType, homes: dict[tuple[str, str], str]) -> Iterator[str]:
    """The lines of a module's page."""
    yield f"# {module.__name__}\n"
    first, _, rest = (module.__doc__ or "").strip().partition("\n\n")
    yield f"{' '.join(first.split())}\n\n{rest}\n"
    for name in names(module):
        home = homes[module.__name__, name]
        yield f"## {name}\n"
        if home != f"{module.__name__}.{name}":
            yield f"It is {{py:obj}}`{home}`.\n"
        else:
            yield from _directive(getattr(module, name), home)


def _directive(value: Any, home: str) -> Iterator[str]:
    yield "```{eval-rst}"
    if inspect.isclass(value):
        yield from (f".. autoclass:: {home}", "   :members:", "   :show-inheritance:")
    elif inspect.isfunction(value):
        yield f".. autofunction:: {home}"
    elif inspect.ismodule(value):
        yield f"A module; see :doc:`{value.__name__}`."
    else:
        yield from (f".. autodata:: {home}", "   :no-value:")
    yield "```\n"


def pages() -> Iterator[tuple[str, str]]:
    """Every page of the reference: its name and its text."""
    found, listed = homes(), []
    for module in modules():
        listed.append(module.__name__)
        yield f"reference/api/{module.__name__}.md", "\n".join(page(module, found))
    contents = "\n".join(listed)
    yield (
        "reference/api/index.md",
        "# Every public name\n\nModule by module, from the docstrings. What is not here may change.\n\n"
        f"```{{toctree}}\n{contents}\n```\n",
    )
