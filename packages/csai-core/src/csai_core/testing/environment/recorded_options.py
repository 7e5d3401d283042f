"""Which options an environment's `reset` looks for, and values of them that it may not have met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium


class RecordedOptions(dict[str, Any]):
    """An empty dict of options that notes what was looked for.

    Attributes:
        defaults: the names, with the value that was taken in their absence; None where there is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.defaults: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """The default, as nothing is there."""
        self.defaults[name] = default
        return default

    def pop(self, name: str, default: Any = None) -> Any:
        """The default, as nothing is there."""
        return self.get(name, default)

    def __contains__(self, name: object) -> bool:
        self.defaults.setdefault(str(name), None)
        return False

    def __bool__(self) -> bool:
        return True


def options_of(env: gymnasium.Env[Any, Any], seed: int) -> dict[str, Any]:
    """Options that a reset looks for, with other values than its defaults; none if it refuses any."""
    options = RecordedOptions()
    try:
        env.reset(seed=seed, options=options)
    except Exception:
        return {}
    return _others_than(options.defaults)


def _others_than(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """For each option, a value of the same type as its default; 1 where that is not known."""
    return {name: _other(value) for name, value in defaults.items() if name != "reset_mask"}


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2 if value else 0.5
    if isinstance(value, int):
        return value + 1
    return 1 if value is None else value
