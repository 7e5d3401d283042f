"""When something is due in a training now and then: at the same steps, however often it was stopped."""

from __future__ import annotations

MARKS = 200
"""How often a training tells how far it has come: what is written of it stays small, however long it is."""
_FIRST_MARK = 1024


class Interval:
    """Tells when another part of a training is done, at the same steps however often it was stopped.

    Args:
        every: how many steps a part has.
        steps: how many have been taken already.
    """

    def __init__(self, every: int, steps: int = 0) -> None:
        self._every = max(1, every)
        self._next = self._after(steps)

    def has_passed(self, steps: int) -> bool:
        """Whether a part was completed since this last said so."""
        if steps < self._next:
            return False
        self._next = self._after(steps)
        return True

    def _after(self, steps: int) -> int:
        """When the part is done that is under way after so many steps."""
        return (steps // self._every + 1) * self._every


class Marks(Interval):
    """Parts of which the first, where it is long, has marks of its own, each twice as far as the one before.

    So there is something to see of a long training soon.
    """

    def _after(self, steps: int) -> int:
        if steps >= self._every:
            return super()._after(steps)
        return min(_FIRST_MARK << (steps // _FIRST_MARK).bit_length(), self._every)
