"""Plain lines tell each thing once."""

from __future__ import annotations

from csai_train.live.account import Account
from csai_train.live.facts import Facts
from csai_train.live.lines import Lines, tell
from csai_train.live.spectator import Spectator
from csai_train.runs.events_file import read_events


def test_a_whole_training_is_told_in_some_forty_lines(finished):
    account, lines, found = Account(), Lines(Facts(finished)), []
    assert lines.news(account) == []
    for event in read_events(finished.path):
        account.include([event])
        found += lines.news(account)
    assert found[0] == "FrozenLake-v1 by q_learning"
    assert "random" in found[1]
    assert "goal 0.7" in found[1]
    assert "explores: " in found[-3]
    assert found[-1] == "complete after 3,000 steps"
    assert 30 < len(found) < 60
    assert lines.news(account) == []


def test_one_that_is_over_is_told_whole_and_without_a_pause(finished):
    said = []
    tell(Spectator(finished, is_patient=False), said.append)
    assert said[0] == "FrozenLake-v1 by q_learning"
    assert said[-1] == "complete after 3,000 steps"
    assert 30 < len(said) < 60
    steps = [int(line.split()[0].replace(",", "")) for line in said if " / 3,000 steps" in line]
    assert steps == sorted(steps)
    assert steps[0] < 300


def test_a_remark_is_told_once_and_obeyed_never(finished):
    account, lines = Account(), Lines(Facts(finished))
    account.include([{"event": "warning", "steps": 4, "message": "a\x1b[2Jb"}])
    assert lines.news(account) == ["warning after 4 steps: a\\x1b[2Jb"]
    assert lines.news(account) == []
