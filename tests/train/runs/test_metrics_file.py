"""The table of a run, `metrics.csv`."""

from __future__ import annotations

from csai_train.runs.metrics_file import append_row, number_in, read_table, write_table


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


def test_a_number_is_a_finite_one():
    row = {"steps": "10", "loss": "0.5", "kl": "nan", "entropy": "inf", "note": "much", "empty": ""}
    assert {name: number_in(row, name) for name in (*row, "missing")} == {
        "steps": 10.0, "loss": 0.5, "kl": None, "entropy": None, "note": None, "empty": None, "missing": None,
    }  # fmt: skip
