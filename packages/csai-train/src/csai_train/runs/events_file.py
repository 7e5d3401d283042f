"""The feed of a run: `events.jsonl`, one JSON object a line, which every view of a run reads.

It is only ever appended to. A training that goes on from step s appends a `start` event with `steps` s;
what stands before it about later steps never happened, and readers drop it. `docs/runs.md` describes
every event.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EVENTS = "events.jsonl"
SCHEMA = 1
Event = dict[str, Any]
_TAIL = 65_536


class FeedReader:
    """Reads a feed as it grows.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / EVENTS
        self._position = 0

    def new_events(self) -> list[Event]:
        """The events that were added since the last call; an unfinished last line waits for the next.

        Lines that are no JSON objects, as a crash may leave, are skipped.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except OSError:
            return []
        whole, newline, _ = data.rpartition(b"\n")
        self._position += len(whole) + len(newline)
        return _parse(whole)


def read_events(directory: Path) -> list[Event]:
    """What happened in a run, without what was undone by going on from an earlier step."""
    kept: list[Event] = []
    for event in FeedReader(directory).new_events():
        if event["event"] == "start":
            while kept and kept[-1]["steps"] > event["steps"]:
                kept.pop()
        kept.append(event)
    return kept


def last_event(directory: Path) -> Event | None:
    """The newest event, found without reading the whole feed."""
    try:
        with (directory / EVENTS).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            data = file.read()
    except OSError:
        return None
    events = _parse(data.rpartition(b"\n")[0])
    return events[-1] if events else None


def to_line(event: str, steps: int, values: Mapping[str, Any]) -> str:
    """One line of the feed. JSON knows no NaN and no infinity; these become null."""
    plain = {name: _plain(value) for name, value in values.items()}
    return json.dumps({"event": event, "steps": steps, **plain}, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parse(data: bytes) -> list[Event]:
    events = []
    for line in data.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("steps"), int) and "event" in event:
            events.append(event)
    return events
