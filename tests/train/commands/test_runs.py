"""`csai runs` lists what can be read, whatever else lies in the folder, and obeys nothing of it."""

from __future__ import annotations

import json
import os
import shutil
import warnings

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run, resume, train
from csai_train.errors import TrainingWarning
from csai_train.evaluation.evaluate import evaluate


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    """How wide the tables here are, whatever terminal the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    train(
        "q_learning", "FrozenLake-v1", total_steps=100, seed=1, run_dir=folder / "good", checkpoint_every=50
    )
    return folder / "good"


@pytest.fixture
def folder(made, tmp_path):
    """A folder with a good run and a copy of it, `bad`, to be spoilt."""
    for name in ("good", "bad"):
        shutil.copytree(made, tmp_path / name)
    return tmp_path


def listed(folder):
    result = CliRunner().invoke(main, ["runs", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    assert not set(result.output) & set("\x1b\x07\x9b\r")
    assert any(line.split()[:1] == ["good"] for line in result.output.splitlines()), result.output
    return result.output


def change(run, **changes):
    path = run / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


NO_RUNS = {
    "created NaN": {"created": float("nan")},
    "created for ever": {"created": 1e300},
    "a kind that is a list": {"kind": []},
    "an unknown kind": {"kind": "\x1b[31mred"},
    "an algorithm that is a number": {"algorithm": 3},
    "steps that are true": {"total_steps": True},
    "steps without end": {"total_steps": 10**400},
    "callbacks that are a text": {"callbacks": "evaluation"},
    "a number that is none": {"number": -1},
    "no environment": {"environment": None},
    "wrappers that are none": {"environment": {"id": "FrozenLake-v1", "wrappers": 3}},
}


@pytest.mark.parametrize("name", NO_RUNS)
def test_what_is_no_run_is_passed_over_and_counted(folder, name):
    change(folder / "bad", **NO_RUNS[name])
    output = listed(folder)
    assert "One folder is no run that can be read, and passed over" in output
    assert str(folder / "bad") in output


def a_pipe(run):
    (run / "config.json").unlink()
    os.mkfifo(run / "config.json")


def a_link(run):
    (run / "config.json").rename(run / "elsewhere.json")
    (run / "config.json").symlink_to("elsewhere.json")


def deep(run):
    (run / "config.json").write_text('{"a":' * 100_000)


def no_utf8(run):
    (run / "config.json").write_bytes(b'{"format": 1, "kind": "\xff"}')


def huge(run):
    with (run / "config.json").open("r+b") as file:
        file.truncate(2**40)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("spoil", [a_pipe, a_link, deep, no_utf8, huge])
def test_a_config_that_cannot_be_read_is_passed_over_and_counted(folder, spoil):
    spoil(folder / "bad")
    assert "passed over" in listed(folder)


def replaced(name, content):
    def spoil(run):
        path = run / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.write_bytes(content)

    return spoil


def a_pipe_for(name):
    def spoil(run):
        (run / name).unlink(missing_ok=True)
        os.mkfifo(run / name)

    return spoil


def a_folder_for(name):
    def spoil(run):
        (run / name).unlink()
        (run / name / "deep").mkdir(parents=True)

    return spoil


def an_odd_checkpoint(run):
    for name in ("step-²", "step-000000000²00", "step-", "step-9", "step-" + "9" * 200):
        (run / "checkpoints" / name).mkdir()
    (run / "checkpoints" / "step-000000000777").write_text("no folder")


ADVISORY = {
    "a byte that is no text": replaced("metrics.csv", b"steps,mean_return\n50,\xff\n100,0.5\n"),
    "steps that are no digits": replaced("metrics.csv", "steps,mean_return\n²,1\n-3,1\n,\n1e3,2\n".encode()),
    "a field without end": replaced("metrics.csv", b'steps,mean_return\n1,"' + b"x" * 200_000 + b'"\n'),
    "numbers that are not finite": replaced("metrics.csv", b"steps,mean_return\n100,nan\n"),
    "columns that are none": replaced("metrics.csv", b"\x00,,,\n1,2,3,4,5,6\n"),
    "a best that is none": replaced("best.json", b'{"steps": Infinity, "value": NaN, "judged_by": []}'),
    "a best of another type": replaced("best.json", b"[]"),
    "a best without end": replaced("best.json", b"[" * 100_000),
    "a feed of something else": replaced(
        "events.jsonl", b'{"event": [], "steps": 1}\n\xff\xfe\n{"steps": "\xff"}\n'
    ),
    "a feed with odd values": replaced(
        "events.jsonl",
        b'{"event": "stop", "steps": 100, "reason": ["x"]}\n{"event": "start", "steps": true}\n'
        b'{"event": "episode", "steps": 1, "total_reward": "much", "length": -1, "score": {}}\n',
    ),
    "a state that colors": replaced(
        "events.jsonl", b'{"event": "stop", "steps": 100, "reason": "[red]\\u001b[31m"}\n'
    ),
    "a curve that is none": replaced("curves.png", b"\x00"),
    "odd checkpoints": an_odd_checkpoint,
    "a folder for metrics": a_folder_for("metrics.csv"),
    "a folder for the best": a_folder_for("best.json"),
    "a folder for the feed": a_folder_for("events.jsonl"),
    "a pipe for metrics": a_pipe_for("metrics.csv"),
    "a pipe for the best": a_pipe_for("best.json"),
    "a pipe for the feed": a_pipe_for("events.jsonl"),
    "a pipe for the lock": a_pipe_for("lock.json"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ADVISORY)
def test_derived_files_keep_nothing_from_working(folder, name):
    ADVISORY[name](folder / "bad")
    assert any(line.startswith("bad ") for line in listed(folder).splitlines())
    run = Run.open(folder / "bad")
    assert evaluate(run.agent(), run.environment, 2, 0).returns.shape == (2,)
    assert CliRunner().invoke(main, ["show-run", str(run.path)]).exit_code == 0
    if "pipe" not in name:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingWarning)
            assert resume(run, total_steps=200).steps == 200
        assert (Run.open(run.path).checkpoints.best() is None) == (name == "a folder for the best")


def test_names_and_texts_of_a_run_are_shown_and_not_obeyed(folder):
    odd = folder / "[red]\x1b[31m\x07\n"
    shutil.copytree(folder / "good", odd)
    environment = json.loads((odd / "config.json").read_text())["environment"]
    change(odd, algorithm="[/]\x9b2J", environment={**environment, "id": "[bold]\x1b]0;x\x07"})
    output = listed(folder)
    assert r"[red]\x1b[31m\x07\n" in output
    assert r"[/]\x9b2J" in output
    assert r"[bold]\x1b]0;x\x07" in output
    result = CliRunner().invoke(main, ["show-run", str(odd)])
    assert not set(result.output) & set("\x1b\x07\x9b")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "name", ["lock.json", "events.jsonl", "config.json", "checkpoints", "metrics.csv", "best.json"]
)
def test_a_run_with_links_is_not_trained_and_nothing_is_written_through_them(folder, name):
    (folder / "bad" / name).rename(folder / "target")
    (folder / "bad" / name).symlink_to(folder / "target")
    is_folder = (folder / "target").is_dir()
    before = sorted((folder / "target").iterdir()) if is_folder else (folder / "target").read_bytes()
    result = CliRunner().invoke(main, ["train", "--resume", str(folder / "bad"), "--total-steps", "200"])
    assert result.exit_code == 1
    assert "link" in result.output
    assert before == (
        sorted((folder / "target").iterdir()) if is_folder else (folder / "target").read_bytes()
    )


def test_the_newest_run_is_the_one_that_was_started_last_whatever_the_clock_says(tmp_path, monkeypatch):
    for name, clock in (("a", 2e9), ("b", 1e9), ("c", 5e8)):
        monkeypatch.setattr("time.time", lambda clock=clock: clock)
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / name)
    result = CliRunner().invoke(main, ["runs", str(tmp_path)])
    assert [line[0] for line in result.output.splitlines()[1:]] == ["c", "b", "a"]


def test_an_empty_folder_says_how_to_begin(tmp_path):
    result = CliRunner().invoke(main, ["runs", str(tmp_path)])
    assert "There are no runs in" in result.output


@pytest.mark.parametrize("command", ["runs", "evaluate", "show-run", "watch", "plot", "verify"])
@pytest.mark.parametrize("name", ["n" * 300, "n/" * 3000, "a\x1b[31m"])
def test_a_name_that_no_system_takes_is_refused_plainly(tmp_path, command, name):
    result = CliRunner().invoke(main, [command, str(tmp_path / name)])
    assert result.exit_code in (0, 1, 2)
    assert isinstance(result.exception, (SystemExit, type(None)))
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["n" * 300, "n/" * 3000, "file/below"])
def test_a_place_where_no_run_can_be_made_is_refused_plainly(tmp_path, name):
    (tmp_path / "file").write_text("")
    arguments = ["train", "FrozenLake-v1", "--total-steps", "10", "--run-dir", str(tmp_path / name)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "cannot be written to" in result.output
