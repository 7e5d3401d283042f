"""docs/runs.md: its code runs, and its table of events is what a training writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csai_train import Callback, train
from csai_train.health import Finding
from csai_train.runs.events_file import SCHEMA, read_events
from csai_train.training.train_file import WORDS, TrainFile

PAGE = (Path(__file__).parents[2] / "docs" / "runs.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def described_events():
    """Kind of event -> its further fields, from the table of the page."""
    table = PAGE.partition("| event | further fields |")[2].partition("\n\n")[0]
    rows = re.findall(r"\| `(\w+)` \| (.*) \|", table)
    return {kind: set(re.findall(r"`(\w+)`", fields)) for kind, fields in rows}


class Warner(Callback):
    def step(self, training):
        if training.steps == 5:
            training.warn("be careful")
            odd = Finding("odd", 5, "note", "Odd.", "Chance.", "--seed 2")
            for what in ("finding", "recovered", "returned"):
                training.emit(what, odd)


def test_every_event_is_described_and_has_the_fields_it_should(tmp_path):
    with pytest.warns(UserWarning, match="be careful"):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=100,
            run_dir=tmp_path / "run",
            callbacks=[Warner(), "evaluation"],
        )
    described = described_events()
    events = read_events(tmp_path / "run")
    assert {event["event"] for event in events} == set(described)
    for event in events:
        words = described[event["event"]] - {"null", "complete", "stopped", "failed"}
        assert set(event) == words | {"event", "steps", "time"}
    assert f"`schema` ({SCHEMA})" in PAGE


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippets_run(tmp_path, monkeypatch, number):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=50, run_dir="runs/mine")
    exec(SNIPPETS[number], {"__name__": "__main__"})


def test_a_file_of_a_training_is_one(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "train.toml").write_text(text)
    file = TrainFile.read(tmp_path / "train.toml")
    assert file.config("ppo")["hidden_sizes"] == [64, 64]
    others = re.search(r"besides those above (.*?)\. Names", PAGE, re.DOTALL)[1]
    assert {*file.values, *re.findall(r"`(\w+)`", others)} == {*WORDS}


def test_every_method_of_a_callback_is_described():
    methods = {name for name in vars(Callback) if not name.startswith("_")}
    assert set(re.findall(r"\| `(\w+)\(training", PAGE)) == methods


def test_there_are_snippets_to_run():
    assert len(SNIPPETS) == 5
