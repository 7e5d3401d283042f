"""How settings change over a training: pure functions of the steps taken."""

from __future__ import annotations


def linear(start: float, end: float, step: int, over: float) -> float:
    """From `start` at step 0 in a straight line to `end` at step `over`, and `end` from there on."""
    progress = min(1.0, step / over) if over else 1.0
    return start + progress * (end - start)
