"""What becomes of processes that end: which ends are tried again, and which are not."""

from __future__ import annotations

import pytest

from csai_train.group import launch as module
from csai_train.group.launch import INTERRUPTED, LOST, Ended, launch


@pytest.mark.parametrize(
    ("statuses", "status", "is_lost"),
    [
        ({1: -9}, 137, True),
        ({0: LOST, 1: -9}, 137, True),
        ({0: INTERRUPTED, 1: -9}, 137, True),  # the launcher ended the one that was left
        ({0: LOST}, LOST, True),
        ({0: 1}, 1, False),
        ({0: LOST, 1: 1}, 1, False),
        ({0: -15, 1: 2}, 2, False),
        ({0: INTERRUPTED, 1: INTERRUPTED}, INTERRUPTED, False),
        ({1: -15}, 143, True),
    ],
)
def test_how_processes_ended(statuses, status, is_lost):
    ended = module._ended(statuses)
    assert (ended.status, bool(ended.lost)) == (status, is_lost)


@pytest.mark.parametrize(
    ("ends", "max_restarts", "status", "attempts", "told"),
    [
        ([0], 3, 0, 1, []),
        ([1], 3, 1, 1, []),
        ([-9, -9, 0], 3, 0, 3, ["first of 3", "second of 3"]),
        ([-9], 0, 137, 1, ["--max-restarts is 0"]),
        ([-9, LOST], 1, LOST, 2, ["first of 1", "--max-restarts is 1"]),
    ],
)
def test_what_was_lost_is_started_again(monkeypatch, ends, max_restarts, status, attempts, told):
    seen, lines = [], []

    def launch_once(arguments, processes, threads, attempt):
        seen.append((arguments, processes, threads, attempt))
        return Ended(0) if ends[attempt] == 0 else module._ended({1: ends[attempt]})

    monkeypatch.setattr(module, "_launch_once", launch_once)
    arguments = {"threads": 1, "max_restarts": max_restarts, "tell": lines.append}
    assert launch(["train"], 2, **arguments) == status
    assert seen == [(["train"], 2, 1, attempt) for attempt in range(attempts)]
    assert len(lines) == len(told)
    assert all(map(str.__contains__, lines, told))
