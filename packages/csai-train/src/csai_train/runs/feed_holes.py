"""Holes in a feed: stretches of a training of which lines are missing from `events.jsonl`.

Once an algorithm has measured something, there is an `update` at each mark. Marks lie about equally far
apart, so that several in a row that are missing leave a gap that is far wider than the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from csai_train.runs.events_file import Event

_WIDE = 2.5
"""Times the usual distance of marks: where steps are long, a mark may be passed over."""
_FEW = 4
"""With fewer marks nobody knows how far apart they usually lie."""


class Hole(NamedTuple):
    """A part of a training that its feed says nothing of."""

    after: int
    """The last step before it of which something is told."""
    until: int
    """The first one after it."""

    def __str__(self) -> str:
        return f"between {self.after:,} and {self.until:,} steps"


def holes_in(events: Sequence[Event]) -> list[Hole]:
    """The holes in a feed, as far as its marks show them, in their order.

    Args:
        events: of a run, without what never happened, as `read_events` gives them.
    """
    holes: list[Hole] = []
    marks: list[int] = []
    if events and events[0]["event"] != "start":
        holes.append(Hole(0, events[0]["steps"]))
    for event in events:
        if event["event"] == "start":
            holes += wide_gaps(marks)
            marks = []
        elif event["event"] == "update":
            marks.append(event["steps"])
    return [*holes, *wide_gaps(marks)]


def wide_gaps(marks: Sequence[int]) -> list[Hole]:
    """Where two marks of one training without a pause lie far further apart than others.

    Args:
        marks: after how many steps each came.
    """
    gaps = np.diff(marks)
    if len(gaps) < _FEW or (usual := np.median(gaps)) <= 0:
        return []
    wide: list[int] = np.flatnonzero(gaps > _WIDE * usual).tolist()
    return [Hole(marks[number], marks[number + 1]) for number in wide]
