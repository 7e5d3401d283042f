"""The decisions of an agent in rows: what a panel draws, and what is written where there is no window."""

from __future__ import annotations

import math
from typing import NamedTuple

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts.history import ties_of

MOST_ROWS = 10


class Choice(NamedTuple):
    """One thing that can be chosen, with a bar for how good or how likely it is."""

    name: str
    number: float | None
    """The length of its bar: an expected return, or a chance from 0 to 1; None where nothing is known."""
    words: str
    """The number in words, with its sign or as a percentage."""
    mark: str
    """"takes", "ties" with what is taken, "forbidden", or nothing."""
    is_chance: bool

    def marked(self, word: str) -> str:
        """The mark in words, where this is said of what is taken: "takes", "would" or "best"."""
        return word if self.mark == "takes" else self.mark


class Heading(NamedTuple):
    """The name of a part of the action, above what can be chosen in it."""

    name: str


Row = Choice | Heading | Amount


class Rows(NamedTuple):
    """All that is shown of an explanation."""

    title: str
    """What the bars mean."""
    rows: tuple[Row, ...]
    more: str
    """What is not shown: "and 12 more"; empty where all is."""


def rows_of(thought: Explanation, most: int = MOST_ROWS) -> Rows:
    """An explanation in at most so many rows.

    Of many choices the best are shown, in their own order. Where the parts of an action do not fit one below
    the other with all their choices, each is one row: what is chosen in it.
    """
    title = _title(thought)
    if len(thought.parts) == 1 and isinstance(thought.parts[0], Options):
        choices, hidden = _best_of(thought.parts[0], most)
        return Rows(title, tuple(choices), _more(hidden))
    whole = [row for part in thought.parts for row in _block(part)]
    if len(whole) <= most:
        return Rows(title, tuple(whole), "")
    shown = tuple(_in_short(part) for part in thought.parts[:most])
    return Rows(title, shown, _more(len(thought.parts) - len(shown)))


def percent(chance: float) -> str:
    """A chance in words; what is not quite 0 or 1 does not look so."""
    if not math.isfinite(chance):
        return "?"
    if 0.0 < chance < 0.005:
        return "<1%"
    return ">99%" if 0.995 < chance < 1.0 else f"{100 * chance:.0f}%"


def number_words(numbers: tuple[float, ...]) -> list[str]:
    """Numbers with signs, all with as many decimals as it takes to tell the two highest apart."""
    finite = sorted((each for each in numbers if math.isfinite(each)), reverse=True)
    largest = max((abs(each) for each in finite), default=1.0)
    decimals = min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 0
    apart = finite[0] - finite[1] if len(finite) > 1 else 0.0
    if apart > 1e-9 * max(largest, 1.0):
        decimals = min(max(decimals, 1 - math.floor(math.log10(apart))), decimals + 3)
    return [f"{each:+.{decimals}f}" if math.isfinite(each) else "?" for each in numbers]


def _title(thought: Explanation) -> str:
    parts = thought.parts
    if all(isinstance(part, Amount) for part in parts) and parts:
        return "How much of each" if len(parts) > 1 else "How much"
    options = [part for part in parts if isinstance(part, Options)]
    if any(part.values is not None for part in options):
        return "Return expected after each action"
    if any(part.chances is not None for part in options):
        return "How likely each action is"
    return "What it does"


def _best_of(part: Options, most: int) -> tuple[list[Choice], int]:
    """At most so many choices, the best and the chosen one among them, and how many more there are."""
    choices = _choices(part)
    if len(choices) <= most:
        return choices, 0
    worth = [
        -math.inf if each.number is None or each.mark == "forbidden" else each.number for each in choices
    ]
    order = sorted(range(len(choices)), key=lambda i: (i == part.chosen, worth[i]), reverse=True)
    return [choices[i] for i in sorted(order[:most])], len(choices) - most


def _choices(part: Options) -> list[Choice]:
    told = part.values if part.values is not None else part.chances
    is_chance = part.values is None and told is not None
    words = [""] * len(part.names)
    if told is not None:
        words = [percent(each) for each in told] if is_chance else number_words(told)
    numbers = [None] * len(part.names) if told is None else list(told)
    return [
        Choice(name, number, text, mark, is_chance)
        for name, number, text, mark in zip(part.names, numbers, words, _marks(part), strict=True)
    ]


def _marks(part: Options) -> list[str]:
    ties = ties_of(part)
    return [
        "takes" if i == part.chosen else "forbidden" if not is_allowed else "ties" if i in ties else ""
        for i, is_allowed in enumerate(part.allowed)
    ]


def _block(part: Options | Amount) -> list[Row]:
    """A part with all that can be chosen in it."""
    if isinstance(part, Amount):
        return [part]
    heading = [Heading(part.name)] if part.name else []
    return [*heading, *_choices(part)]


def _in_short(part: Options | Amount) -> Row:
    """A part in one row: what is chosen in it."""
    if isinstance(part, Amount):
        return part
    choice = _choices(part)[part.chosen]
    return choice._replace(name=f"{part.name}: {choice.name}" if part.name else choice.name)


def _more(count: int) -> str:
    return f"and {count} more" if count else ""
