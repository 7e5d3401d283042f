"""What colors and numbers of an overlay mean: one scale, fixed as long as games are watched, and shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from csai_core.errors import ConfigError
from csai_core.games import mix
from csai_core.palette import (
    BACKGROUND,
    DEEP_NEGATIVE,
    DEEP_POSITIVE,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Color,
)
from csai_core.thoughts.scale import round_up

_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends of scales are these times a power of ten."""
_WHITE: Color = (255, 255, 255)


@dataclass(frozen=True)
class ColorScale:
    """From which number to which the colors go; what lies beyond has the color of the end.

    With two signs zero is in the middle, light gray, and the ends are blue (+) and orange (-). With one sign
    a single hue gets darker, away from zero.

    Raises:
        ConfigError: if `low` is not below `high`, or one is not finite.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ConfigError(
                f"A scale was given from {self.low} to {self.high}; it needs two finite numbers, "
                "the smaller first."
            )

    @classmethod
    def holding(cls, numbers: Iterable[float], signs_of: Iterable[float] = ()) -> ColorScale | None:
        """The scale with round ends that holds all of these; None where none of them differs from zero.

        Numbers of one sign that lie close together, such as 0.91 to 0.99, get a scale from near the smaller
        one on; others get one from zero on, and numbers of both signs one that reaches equally far to both
        sides.

        Args:
            numbers: what the scale holds.
            signs_of: numbers that may lie beyond it, but whose signs it has.
        """
        finite = [float(each) for each in numbers if math.isfinite(each)]
        low, high = min(finite, default=0.0), max(finite, default=0.0)
        if min([low, *signs_of]) < 0 < max([high, *signs_of]) and max(-low, high) > 0:
            reach = round_up(max(-low, high), _ROUND)
            return cls(-reach, reach)
        near, far = sorted((abs(low), abs(high)))
        if far == 0:
            return None
        reach, start = round_up(far, _ROUND), 0.0
        if near > far / 2 and far - near > 1e-6 * far:
            places = -math.floor(math.log10(far - near))
            step = 10.0**-places
            reach = round(math.ceil(far / step - 1e-9) * step, max(places, 0))
            start = round(math.floor(near / step + 1e-9) * step, max(places, 0))
        return cls(start, reach) if high > 0 else cls(-reach, 0.0 - start)

    @property
    def has_two_signs(self) -> bool:
        """Whether numbers on both sides of zero have colors."""
        return self.low < 0 < self.high

    def share(self, number: float) -> float:
        """How far from the neutral color a number is: 0 at it, 1 at the blue end, -1 at the orange one."""
        if self.has_two_signs:
            return min(max(number / (self.high if number > 0 else -self.low), -1.0), 1.0)
        along = min(max((number - self.low) / (self.high - self.low), 0.0), 1.0)
        return along if self.low >= 0 else along - 1.0

    def color(self, number: float) -> Color:
        """The color of a number."""
        share = self.share(number)
        end, deep = (POSITIVE, DEEP_POSITIVE) if share >= 0 else (NEGATIVE, DEEP_NEGATIVE)
        if self.has_two_signs:
            return mix(NEUTRAL, end, abs(share))
        return mix(NEUTRAL, end, 2 * abs(share)) if abs(share) < 0.5 else mix(end, deep, 2 * abs(share) - 1)


SHARES = ColorScale(0.0, 1.0)
"""Of chances, and of parts of a whole; the same in every picture."""
NO_SCALE = ColorScale(-1.0, 1.0)
"""For pictures in which all numbers are zero."""


def ink_on(color: Color) -> Color:
    """What can be read on a color: white on dark ones, else nearly black."""
    red, green, blue = ((part / 255) ** 2.2 for part in color)
    return BACKGROUND if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 else _WHITE
