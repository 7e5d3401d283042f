"""What a rule of health says: a symptom when it looks, and a finding when that has lasted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from csai_core.errors import ConfigError

Level = Literal["note", "warning", "stop"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From what is worth a look to what has ended the training."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a rule sees in a training at one mark.

    Raises:
        ConfigError: if the level is none of `LEVELS`, or a text is missing.
    """

    seen: str
    """What was seen, with numbers: a sentence."""
    means: str
    """What that usually means: a sentence."""
    try_first: str
    """The one thing to try first, a setting as it is typed: "--learning-rate 3e-4"."""
    level: Level = "warning"
    """"note" where it may well be right so; "stop" where nothing can be learned any more, told at once."""

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ConfigError(f"A symptom has the level {self.level!r}; it must be {', '.join(LEVELS)}.")
        for name in ("seen", "means", "try_first"):
            if not isinstance(text := getattr(self, name), str) or not text.strip():
                raise ConfigError(f"A symptom's {name} is {text!r}; it must be a text in plain words.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A symptom that has lasted: what is told."""

    rule: str
    """Whose, by the shortest name that it is found by."""
    steps: int
    """When it was found: steps taken in the whole training."""
    level: Level
    seen: str
    means: str
    try_first: str
    share_done: float | None = None
    """How much of the training was done then, from 0 to 1; None of older runs, which took nothing back."""
    gone_since: int | None = None
    """After how many steps it was not seen any more; None where it still is."""

    @property
    def title(self) -> str:
        """The rule's name in words: "reward never changes"."""
        return title_of(self.rule)


def title_of(rule: str) -> str:
    """A rule's name in words, without its plugin: "reward never changes"."""
    return rule.rpartition(":")[2].replace("_", " ")


def still_seen(findings: Sequence[Finding]) -> list[Finding]:
    """What was found and is not gone, in its order."""
    return [finding for finding in findings if finding.gone_since is None]


def gone(findings: Sequence[Finding]) -> list[Finding]:
    """What was found and is not seen any more, each rule's once, in its order."""
    seen = {finding.rule for finding in still_seen(findings)}
    return list({each.rule: each for each in findings if each.rule not in seen}.values())
