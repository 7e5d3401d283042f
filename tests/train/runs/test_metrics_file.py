"""The table of a run, `metrics.csv`."""

from __future__ import annotations

from csai_train.runs.metrics_file import append_row, read_table, write_table


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = [{"steps": "10", "loss": ""}, {"steps": "20", "loss": "0.5"}]
    path = tmp_path / "metrics.csv"
    write_table(path, rows)
    append_row(path, {"steps": "30", "loss": "a, b"})
    assert read_table(path) == [*rows, {"steps": "30", "loss": "a, b"}]


def test_torn_rows_are_not_read(tmp_path):
    path = tmp_path / "metrics.csv"
    assert read_table(path) == []
    path.write_text("steps,episodes\n10,1\n20,2\n3")
    assert [row["steps"] for row in read_table(path)] == ["10", "20"]
