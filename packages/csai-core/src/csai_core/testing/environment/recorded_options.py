"""Which options a `reset` looks for, values of them that it may not have met, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium

from csai_core.testing.compare import difference
from csai_core.testing.suite import fail

_UNKNOWN = {"csai_checks_options": [1, 2]}


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


def options_to_try(env: gymnasium.Env[Any, Any], seed: int) -> list[dict[str, Any]]:
    """Options for a reset: one that nobody knows, and each that it looks for, with each other value."""
    found = options_of(env, seed)
    return [_UNKNOWN, *({name: value} for name, values in found.items() for value in values)]


def check_options_stay(then: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse a reset that has changed the options that it was given."""
    if found := difference(then, now, "options"):
        fail(f"reset changed the options that it was given, which are the caller's: {found}. Read them only.")


def options_of(env: gymnasium.Env[Any, Any], seed: int) -> dict[str, list[Any]]:
    """Options that a reset looks for, with other values than its defaults; none if it refuses any."""
    options = RecordedOptions()
    try:
        env.reset(seed=seed, options=options)
    except Exception:
        return {}
    return _others_than(options.defaults)


def _others_than(defaults: Mapping[str, Any]) -> dict[str, list[Any]]:
    """For each option, values of the same type as its default; 1 where that is not known."""
    return {name: _others(value) for name, value in defaults.items() if name != "reset_mask"}


def _others(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, float):  # what is a chance stays one, and becomes clearly another
        is_chance = 0 <= value <= 1
        return [each for each in (1 - value if is_chance else 2 * value, value / 2) if each != value]
    if isinstance(value, int):
        return [value + 1, value - 1] if value > 0 else [value + 1]
    return [1 if value is None else value]
