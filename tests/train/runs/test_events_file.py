"""The feed: only appended to, readable at any moment, whatever a crash has left in it."""

from __future__ import annotations

import json
import math

from csai_train.runs import events_file
from csai_train.runs.events_file import EVENTS, FeedReader, last_event, read_events, to_line


def write(path, *lines, end=""):
    with (path / EVENTS).open("a") as file:
        file.write("".join(lines) + end)


def test_a_reader_gives_each_event_once_and_waits_for_unfinished_lines(tmp_path):
    reader = FeedReader(tmp_path)
    assert reader.new_events() == []
    write(tmp_path, to_line("start", 0, {}), end='{"event": "epi')
    assert [event["event"] for event in reader.new_events()] == ["start"]
    assert reader.new_events() == []
    write(tmp_path, 'sode", "steps": 3}\n')
    assert reader.new_events() == [{"event": "episode", "steps": 3}]


def test_torn_and_foreign_lines_are_skipped(tmp_path):
    write(
        tmp_path, to_line("start", 0, {}), '{"event": "ep\n', "\n", "[1]\n", "3\n", '{"steps": 3}\n', "\x00\n"
    )
    write(
        tmp_path,
        '{"event": "e", "steps": "x"}\n',
        "[" * 100_000 + "\n",
        to_line("stop", 9, {"reason": "complete"}),
        end='{"to',
    )
    assert [event["event"] for event in read_events(tmp_path)] == ["start", "stop"]
    assert last_event(tmp_path)["steps"] == 9


def test_of_a_file_that_is_no_feed_only_a_part_is_read(tmp_path):
    write(tmp_path, to_line("start", 0, {}))
    with (tmp_path / EVENTS).open("r+b") as file:
        file.truncate(2**40)  # a sparse file, as no memory could hold it
    assert [event["event"] for event in read_events(tmp_path)] == ["start"]
    assert last_event(tmp_path) is None


def test_a_reader_passes_over_what_is_longer_than_any_line(tmp_path, monkeypatch):
    monkeypatch.setattr(events_file, "_LARGEST", 100)
    write(tmp_path, to_line("start", 0, {}), "x" * 950 + "\n", to_line("stop", 9, {"reason": "complete"}))
    reader = FeedReader(tmp_path)
    assert [event["event"] for _ in range(20) for event in reader.new_events()] == ["start", "stop"]


def test_going_on_from_an_earlier_step_undoes_what_came_after(tmp_path):
    lines = [to_line("start", 0, {}), *(to_line("episode", n, {}) for n in (3, 6, 9))]
    write(tmp_path, *lines, to_line("start", 6, {}), to_line("episode", 8, {}))
    assert [(e["event"], e["steps"]) for e in read_events(tmp_path)] == [
        ("start", 0),
        ("episode", 3),
        ("episode", 6),
        ("start", 6),
        ("episode", 8),
    ]


def test_the_last_event_of_a_long_feed_is_found(tmp_path):
    write(tmp_path, *(to_line("episode", n, {"total_reward": 1.0}) for n in range(5000)))
    assert last_event(tmp_path)["steps"] == 4999
    assert last_event(tmp_path / "nowhere") is None


def test_what_json_cannot_hold_becomes_null():
    line = to_line("update", 1, {"a": math.nan, "b": math.inf, "c": 1.5, "metrics": {"loss": -math.inf}})
    strict = json.loads(line, parse_constant=lambda name: 1 / 0)
    assert strict == {
        "event": "update",
        "steps": 1,
        "a": None,
        "b": None,
        "c": 1.5,
        "metrics": {"loss": None},
    }
