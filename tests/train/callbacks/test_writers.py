"""The feed and the table that a training leaves."""

from __future__ import annotations

import csv
import json

import pytest

from csai_train import Callback, train
from csai_train.errors import TrainingWarning
from csai_train.marks import MARKS
from csai_train.runs import metrics_file
from csai_train.runs.events_file import SCHEMA, read_events
from csai_train.runs.metrics_file import read_table


def start(tmp_path, steps=400, **kwargs):
    return train("q_learning", "FrozenLake-v1", total_steps=steps, seed=1, run_dir=tmp_path / "run", **kwargs)


def test_the_feed_tells_the_whole_training(tmp_path):
    training = start(tmp_path)
    events = read_events(tmp_path / "run")
    assert events[0].items() >= {"event": "start", "schema": SCHEMA, "total_steps": 400, "steps": 0}.items()
    assert events[-1].items() >= {"event": "stop", "reason": "complete", "error": None, "steps": 400}.items()
    episodes = [event for event in events if event["event"] == "episodes"]
    assert sum(event["count"] for event in episodes) == training.num_episodes
    newest = training.recent[-1]
    assert episodes[-1]["newest"][-1] == {
        "steps": newest.steps,
        "total_reward": newest.total_reward,
        "length": newest.length,
        "score": None,
    }
    updates = [event for event in events if event["event"] == "update"]
    assert [event["steps"] for event in updates] == list(range(2, 401, 2))
    assert updates[-1]["metrics"].keys() == {"td_error", "epsilon", "states"}


def test_the_table_has_two_hundred_rows_and_the_last_step(tmp_path):
    start(tmp_path, steps=403)
    with (tmp_path / "run" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["steps"]) for row in rows] == [*range(2, 403, 2), 403]
    assert rows[0]["mean_return"] == ""
    assert float(rows[-1]["mean_return"]) >= 0


def test_a_measurement_that_comes_later_gets_a_column(tmp_path):
    """Deep Q-learning measures no loss before its first update."""
    config = {"hidden_sizes": (4,), "batch_size": 4, "learning_starts": 40, "train_every": 1}
    train("deep_q_learning", "FrozenLake-v1", total_steps=80, run_dir=tmp_path / "run", config=config)
    rows = read_table(tmp_path / "run" / "metrics.csv")
    assert rows[38]["loss"] == "" != rows[-1]["loss"]
    assert len(rows) == 80


def test_a_torn_last_line_is_ended_before_the_feed_goes_on(tmp_path):
    class Stop(Callback):
        def step(self, training):
            training.stop_requested = training.steps == 100

    start(tmp_path, callbacks=[Stop()])
    path = tmp_path / "run" / "events.jsonl"
    with path.open("a") as file:
        file.write('{"event": "epis')
    from csai_train import resume

    resume(tmp_path / "run")
    lines = path.read_text().splitlines()
    broken = [line for line in lines if not _is_json(line)]
    assert broken == ['{"event": "epis']


def _is_json(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_a_full_disk_costs_rows_and_events_but_not_the_training(tmp_path, monkeypatch):
    """What cannot be written is warned of once, and the table catches up when there is room again."""
    room = [True]

    def to_csv(columns, rows, real=metrics_file._to_csv):
        if not room[0]:
            raise OSError(28, "No space left on device")
        return real(columns, rows)

    monkeypatch.setattr(metrics_file, "_to_csv", to_csv)

    class FullFile:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            if not room[0]:
                raise OSError(28, "No space left on device")
            return self.file.write(data)

    class Fill(Callback):
        def start(self, training):
            log = training.callbacks[0]
            log._file = FullFile(log._file)

        def step(self, training):
            room[0] = not 50 <= training.steps < 100

    with pytest.warns(TrainingWarning, match="No space left") as warned:
        training = start(tmp_path, callbacks=[Fill()])
    assert training.is_complete
    assert sum("events are missing" in str(each.message) for each in warned) == 1
    assert [int(row["steps"]) for row in read_table(tmp_path / "run" / "metrics.csv")] == list(
        range(2, 401, 2)
    )
    assert read_events(tmp_path / "run")[-1]["reason"] == "complete"


@pytest.mark.parametrize("steps", [4_000, 16_000])
def test_what_is_written_does_not_grow_with_the_number_of_episodes(tmp_path, corridor_id, steps):
    training = train("q_learning", corridor_id, total_steps=steps, seed=1, run_dir=tmp_path / "run")
    events = read_events(tmp_path / "run")
    assert training.num_episodes > steps / 40
    assert len(events) <= 3 * MARKS + 2 + 2 * len(training.findings)
    assert sum(event["count"] for event in events if event["event"] == "episodes") == training.num_episodes
    assert len(read_table(tmp_path / "run" / "metrics.csv")) == MARKS
    assert (tmp_path / "run" / "events.jsonl").stat().st_size < 230_000
