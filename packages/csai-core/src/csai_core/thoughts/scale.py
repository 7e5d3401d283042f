"""The scales of thoughts: the same for a whole run, in round numbers, and only ever widened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts.history import History
from csai_core.thoughts.rows import Choice

_HEADROOM = 1.25
"""A scale that must be widened is made so much wider than is needed, so that it stays for longer."""
_STEPS_TOLD = 20
"""For so many steps it is told that a scale was widened."""


@dataclass
class Range:
    """From where to where something is drawn: it holds zero, and ends in round numbers."""

    low: float = 0.0
    high: float = 0.0

    def include(self, numbers: Iterable[float]) -> bool:
        """Widen it so far that the numbers are in it.

        Returns:
            Whether that was needed.
        """
        finite = [each for each in numbers if math.isfinite(each)]
        low, high = min(finite, default=0.0), max(finite, default=0.0)
        is_wider = low < self.low or high > self.high
        if low < self.low:
            self.low = -round_up(-low * (_HEADROOM if self.low else 1.0))
        if high > self.high:
            self.high = round_up(high * (_HEADROOM if self.high else 1.0))
        return is_wider

    def place(self, number: float) -> float:
        """Where a number is between the ends, from 0 to 1; beyond them at an end; NaN is at zero."""
        width = (self.high - self.low) or 1.0
        number = 0.0 if math.isnan(number) else number
        return min(max((number - self.low) / width, 0.0), 1.0)

    def __str__(self) -> str:
        return f"{signed(self.low)} to {signed(self.high)}"


CHANCES = Range(0.0, 1.0)


@dataclass
class Scale:
    """One range for each kind of number in the thoughts of an agent."""

    values: Range = field(default_factory=Range)
    """Of states and actions, so that both can be compared."""
    rewards: Range = field(default_factory=Range)
    """Of single steps, and of the parts of their rewards."""
    sums: Range = field(default_factory=Range)
    """Of the parts of all rewards of a game."""
    surprises: Range = field(default_factory=Range)
    """Of single steps; at least as far as rewards go, so that noise does not look like news."""
    amounts: dict[str, Range] = field(default_factory=dict)
    """Of numbers of a Box that have no bounds, by the names of their parts."""
    steps_since_wider: int = _STEPS_TOLD
    """Since the range of values was widened."""

    @property
    def is_news(self) -> bool:
        """Whether the range of values was widened a short while ago, which is to be said."""
        return self.steps_since_wider < _STEPS_TOLD

    def include(self, history: History) -> None:
        """Take in the last step of a game, and what is thought of its present state."""
        thought = history.present
        values = [] if thought is None else _values_in(thought)
        is_wider = self.values.include([*values, history.values[-1] or 0.0])
        self.steps_since_wider = 0 if is_wider and history.moments else self.steps_since_wider + 1
        if (moment := history.last) is not None:
            parts = moment.reward_parts.values()
            self.rewards.include([moment.reward, *_stacked(parts)])
            self.sums.include(_stacked(history.parts_so_far.values()))
            self.surprises.include([moment.surprise or 0.0, moment.reward, -moment.reward])
        for amount in _amounts(thought):
            self._include_amount(amount)

    def range_of_choice(self, choice: Choice) -> Range:
        """What the bar of a choice is drawn on."""
        return CHANCES if choice.is_chance else self.values

    def settle(self) -> None:
        """Say no more that it was widened: whatever is drawn on it, is drawn on it as it is now."""
        self.steps_since_wider = _STEPS_TOLD

    def range_of(self, amount: Amount) -> Range:
        """What a number of a Box is drawn on: its bounds, or as far as it was seen to go."""
        seen = self.amounts.get(amount.name, Range())
        low = seen.low if amount.low is None else amount.low
        high = seen.high if amount.high is None else amount.high
        return Range(low, high if high > low else low + 1.0)

    def _include_amount(self, amount: Amount) -> None:
        mean, deviation = amount.mean or 0.0, amount.deviation or 0.0
        reach = [amount.chosen, mean - 2 * deviation, mean + 2 * deviation]
        self.amounts.setdefault(amount.name, Range()).include(reach)


def round_up(number: float, ends: Sequence[float] = (1, 2, 5, 10)) -> float:
    """The next number of 1, 2, 5, 10, 20, 50, … that is not below a positive one.

    Args:
        number: that is rounded.
        ends: from 1 to 10; what it is rounded to is one of them times a power of ten.
    """
    power = 10.0 ** math.floor(math.log10(number))
    return next(float(f"{each * power:.6g}") for each in ends if each * power >= number * (1 - 1e-9))


def signed(number: float, digits: int = 3, *, decimals: int | None = None) -> str:
    """A number with its sign, so that color need not tell it; what rounds to zero is "0".

    Args:
        number: that is told.
        digits: how many of it, from the first that is not zero on.
        decimals: how many of it after the point, in place of `digits`.
    """
    text = f"{number:+.{digits}g}" if decimals is None else f"{number:+.{decimals}f}"
    return "0" if float(text) == 0.0 else text


def _values_in(thought: Explanation) -> list[float]:
    """Of the actions that are allowed."""
    options = [part for part in thought.parts if isinstance(part, Options) and part.values is not None]
    pairs = [pair for part in options for pair in zip(part.values or (), part.allowed, strict=True)]
    return [value for value, is_allowed in pairs if is_allowed]


def _amounts(thought: Explanation | None) -> list[Amount]:
    return [part for part in ([] if thought is None else thought.parts) if isinstance(part, Amount)]


def _stacked(parts: Iterable[float]) -> tuple[float, float]:
    """How far parts reach that are put end to end: those below zero to one side, the others to the other."""
    numbers = list(parts)
    return sum(each for each in numbers if each < 0), sum(each for each in numbers if each > 0)
