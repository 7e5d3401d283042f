"""How settings change over a training: pure functions of the steps taken, and what `anneal_…` stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from csai_core.schedules import Schedule

Config = TypeVar("Config", bound=Any)


def annealed(config: Config, *names: str) -> Config:
    """A config with a schedule that falls to 0 in the place of each number that it says to anneal.

    Args:
        config: with a switch `anneal_NAME` beside each number.
        names: of the numbers. One that has a schedule already keeps it.
    """
    falling = [
        name
        for name in names
        if getattr(config, f"anneal_{name}") and not isinstance(getattr(config, name), Schedule)
    ]
    falls = {name: Schedule("linear", getattr(config, name), 0.0) for name in falling}
    changed: Config = replace(config, **falls, **{f"anneal_{name}": False for name in falling})
    return changed


def linear(start: float, end: float, step: int, over: float) -> float:
    """From `start` at step 0 in a straight line to `end` at step `over`, and `end` from there on."""
    progress = min(1.0, step / over) if over else 1.0
    return start + progress * (end - start)
