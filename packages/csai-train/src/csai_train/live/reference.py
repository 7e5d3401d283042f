"""What a learning curve is compared with, and how far up and down it is drawn with that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from csai_train.runs.running_means import Floats

_ROOM = 0.05
"""Of what there is to see, left free above and below it."""


class Reference(NamedTuple):
    """A level that a curve is compared with."""

    name: str
    value: float
    letter: str
    """What its line is made of: "=" for a goal, "-" for what was reached elsewhere."""

    @property
    def words(self) -> str:
        """Its name and its number: "goal 0.7"."""
        return f"{self.name} {self.value:.3g}"


class Bounds(NamedTuple):
    """From where to where a curve is drawn, with all that it is compared with."""

    lowest: float
    """Of all numbers; 0 where there are none."""
    highest: float
    """Of all numbers; 1 where there are none."""
    room: float
    """How much more is drawn above and below."""

    @classmethod
    def of(cls, values: Floats, references: Sequence[Reference]) -> Bounds:
        """What holds a curve and all references."""
        numbers = [*values.tolist(), *(reference.value for reference in references)]
        lowest, highest = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
        return cls(lowest, highest, (highest - lowest) * _ROOM or max(abs(highest), 1.0) * 0.1)

    def depth(self, value: float) -> float:
        """How far below the upper end a value is, from 0 to 1 at the lower one."""
        top, bottom = self.highest + self.room, self.lowest - self.room
        return (top - value) / (top - bottom)
