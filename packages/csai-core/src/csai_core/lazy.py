"""A package whose names are imported when they are first used, so that importing it is cheap."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """What a package's `__init__.py` binds to `__getattr__` and `__dir__`.

    Type checkers do not follow it; they read the same names from imports under `if TYPE_CHECKING:`, and
    from `__all__`.

    Args:
        package: its `__name__`.
        homes: for each public name the module that defines it, as seen from the package: "runs.run" is in it,
            and ".events" beside it.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f".{homes[name]}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, list_names
