"""The feed of a run: `events.jsonl`, one JSON object a line, which every view of a run reads.

It is only ever appended to. A training that goes on from step s appends a `start` event with `steps` s;
what stands before it about later steps never happened, and readers drop it. `docs/runs.md` describes
every event.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from csai_core.decoding import open_file, parse_json
from csai_core.schema import (
    Schema,
    a_list_of,
    an_object_of,
    an_object_with,
    check,
    is_count,
    is_number,
    is_text,
    is_whole,
    optional,
)

EVENTS = "events.jsonl"
SCHEMA = 2
"""1 had an event for each episode."""
Event = dict[str, Any]
_TAIL = 65_536
_LARGEST = 2**26
"""Bytes that are read at a time, many times what a training writes."""
_EVERY_EVENT: Schema = {"event": is_text, "steps": is_whole}
_MEASURED = optional(is_number)
_EPISODE: Schema = {"total_reward": _MEASURED, "length": optional(is_whole), "score": _MEASURED}
_EVENTS: Mapping[str, Schema] = {
    "start": {"total_steps": optional(is_count)},
    "episode": _EPISODE,
    "episodes": {
        "count": is_count,
        **dict.fromkeys(("mean_return", "std_return", "lowest_return", "highest_return"), _MEASURED),
        "mean_length": _MEASURED,
        "mean_score": _MEASURED,
        **dict.fromkeys(("num_first", "num_cut", "num_moments", "shortest", "longest"), optional(is_whole)),
        "newest": a_list_of(an_object_with({"steps": is_whole, **_EPISODE})),
    },
    "update": {"metrics": an_object_of(_MEASURED)},
    "evaluation": {"mean_return": _MEASURED, "std_return": _MEASURED, "episodes": optional(is_whole)},
    "epoch": {
        "epoch": is_count,
        **dict.fromkeys(("loss", "accuracy", "test_loss", "test_accuracy"), _MEASURED),
        **dict.fromkeys(("learning_rate", "seconds"), _MEASURED),
    },
    "vitals": {"vitals": an_object_of(_MEASURED)},
    "health": {
        **dict.fromkeys(("rule", "level", "seen", "means"), is_text),
        "try_first": is_text,
        "share_done": optional(is_number),
    },
    "recovered": {"rule": is_text},
    "returned": {"rule": is_text},
    "warning": {"message": is_text},
    "stop": {"reason": is_text},
}
"""What the events that csai knows hold; a line with anything else is no event."""


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

        Lines that are no JSON objects, as a crash may leave, are skipped. Of a file that is far larger than
        any feed, a part is read at each call.
        """
        try:
            with _open(self._path) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(self._position)
                data = file.read(max(0, min(size - self._position, _LARGEST)))
        except OSError:
            return []
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == _LARGEST:
            end = len(data)  # no line is that long
        self._position += end
        return _parse(data[:end])


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
        with _open(directory / EVENTS) as file:
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


def _open(path: Path) -> BinaryIO:
    return os.fdopen(open_file(path, os.O_RDONLY, follow_links=False), "rb")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parse(data: bytes) -> list[Event]:
    events = []
    for line in data.split(b"\n"):
        try:
            event = parse_json(line)
        except ValueError:
            continue
        with suppress(ValueError):
            check(event, _EVERY_EVENT)
            check(event, _EVENTS.get(event["event"], {}))
            events.append(event)
    return events
