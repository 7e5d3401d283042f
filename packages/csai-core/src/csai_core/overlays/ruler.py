"""The scale that an overlay keeps from picture to picture."""

from __future__ import annotations

from collections.abc import Iterable

from csai_core.explanation import Options
from csai_core.overlays.color_scale import NO_SCALE, SHARES, ColorScale

_TOLD = 20
"""In so many pictures it is told that the scale was widened."""


class Ruler:
    """Keeps one scale for all pictures of a run.

    A scale that is given stays. Else the first numbers that differ from zero fix it, and it is widened where
    later ones lie far beyond it, which the pictures say for a while: nothing changes its color silently.

    Args:
        scale: for all pictures; None lets the first numbers decide.
    """

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.scale = scale
        self.was: ColorScale | None = None
        """The scale before it was widened, as long as that is told."""
        self._is_given = scale is not None
        self._told = 0

    def fixed_by(self, numbers: Iterable[float], signs_of: Iterable[float] = ()) -> ColorScale | None:
        """The scale of the next picture; None as long as all numbers are zero.

        Args:
            numbers: what the picture shows.
            signs_of: numbers that may lie beyond the scale, but whose signs it has.
        """
        if self._is_given:
            return self.scale
        self._told += 1
        if self._told > _TOLD:
            self.was = None
        shown = list(numbers)
        if self.scale is None:
            self.scale = ColorScale.holding(shown, signs_of)
        elif _are_far_beyond(self.scale, shown):
            self.was, self._told = self.scale, 0
            self.scale = ColorScale.holding([self.scale.low, self.scale.high, *shown], signs_of)
        return self.scale

    def fixed_by_choice(self, options: Options) -> ColorScale:
        """The scale of the next picture of a choice: of its values, or else of chances, which never changes.

        Args:
            options: what is thought of each.
        """
        if options.values is None:
            return SHARES
        return self.fixed_by([0.0, *options.values]) or NO_SCALE


def _are_far_beyond(scale: ColorScale, numbers: list[float]) -> bool:
    room = 0.25 * (scale.high - scale.low)
    return any(number < scale.low - room or number > scale.high + room for number in numbers)
