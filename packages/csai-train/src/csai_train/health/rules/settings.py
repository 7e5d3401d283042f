"""Settings as they are typed, for what a rule says to try first."""

from __future__ import annotations

from typing import Any

from csai_core.schedules import Schedule
from csai_train.health.checkup import Subject


def option(name: str, value: Any = None) -> str:
    """A setting of an algorithm as an option of `csai train`: "--learning-rate 0.0003".

    Args:
        name: the field of the config.
        value: None for a switch.
    """
    flag = "--" + name.replace("_", "-")
    if value is None:
        return flag
    return f"{flag} {value:.3g}" if isinstance(value, float) else f"{flag} {value}"


def scaled(subject: Subject, name: str, factor: float) -> str:
    """A setting, at so many times what it is."""
    value = subject.config[name]
    if isinstance(value, Schedule):
        ends = (f"{factor * end:.3g}" for end in (value.start, value.end))
        return option(name, f"'{value.shape}:{'->'.join(ends)}'")
    return option(name, float(value) * factor)


def slower(subject: Subject, factor: float = 10) -> str:
    """The learning rate, lowered; the same in words where it has another name."""
    if subject.has("learning_rate"):
        return scaled(subject, "learning_rate", 1 / factor)
    return f"a learning rate {factor:g} times as small"


def faster(subject: Subject, factor: float = 10) -> str:
    """The learning rate, raised; the same in words where it has another name."""
    if not subject.has("learning_rate"):
        return f"a learning rate {factor:g} times as large"
    value = subject.config["learning_rate"]
    if float(value) >= 1:  # of a table, which takes over all there is
        return "another --seed"
    if isinstance(value, Schedule) and factor * value <= 1:
        return scaled(subject, "learning_rate", factor)
    return option("learning_rate", min(1.0, factor * float(value)))


def number(value: float) -> str:
    """A number in at most four digits, large ones with commas."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
