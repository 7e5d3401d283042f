"""Runs as people type them."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.errors import UnknownNameError
from csai_train import train
from csai_train.commands.run_names import find_run, newest_run
from csai_train.errors import RunError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs by name, oldest first, each with its environment; only config.json counts here."""
    folder = tmp_path_factory.mktemp("made")
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=folder / "runs" / "lake-one")
    config = json.loads((folder / "runs" / "lake-one" / "config.json").read_text())
    subjects = {
        "lake-two": "FrozenLake-v1",
        "snake-long": "CSAI/Snake-v0",
        "CSAI-Snake-v0-ppo-1": "CSAI/Snake-v0",
        "taxi": "Taxi-v4",
    }
    for number, (name, subject) in enumerate(subjects.items(), 2):
        shutil.copytree(folder / "runs" / "lake-one", folder / "runs" / name)
        changed = {
            **config,
            "number": (config["number"] or 0) + number,
            "environment": {**config["environment"], "id": subject},
        }
        (folder / "runs" / name / "config.json").write_text(json.dumps(changed))
    return folder


@pytest.fixture
def here(made, monkeypatch):
    monkeypatch.chdir(made)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("runs/lake-one", "lake-one"),
        ("lake-one", "lake-one"),
        ("snake", "CSAI-Snake-v0-ppo-1"),
        ("CSAI/Snake-v0", "CSAI-Snake-v0-ppo-1"),
        ("frozen_lake", "lake-two"),
        ("FrozenLake-v1", "lake-two"),
        ("snake-l", "snake-long"),
        ("CSAI-Snake-v0-ppo", "CSAI-Snake-v0-ppo-1"),
        ("taxi", "taxi"),
    ],
)
def test_what_is_meant(here, typed, name):
    assert find_run(typed).name == name


def test_what_was_taken_is_said(here, capsys):
    find_run("snake")
    find_run("lake-t")
    newest_run()
    assert capsys.readouterr().err.splitlines() == [
        "snake: runs/CSAI-Snake-v0-ppo-1, the newest of CSAI/Snake-v0",
        "lake-t: lake-two",
        "the newest run: runs/taxi",
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lake-", "'lake-' may mean more than one run: lake-two, lake-one."),
        ("taix", "No run named 'taix'. Did you mean 'taxi'?"),
        ("", "No run named ''."),
        ("no/such/folder", "No run named 'no/such/folder'."),
    ],
)
def test_several_are_listed_newest_first_and_of_none_the_nearest_is_suggested(here, typed, words):
    with pytest.raises(UnknownNameError) as raised:
        find_run(typed)
    assert words in str(raised.value)


def test_where_there_is_no_run_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match="There are no runs here yet"):
        newest_run()


@pytest.mark.parametrize("command", ["evaluate", "watch", "plot", "verify", "show", "show-run"])
def test_every_command_takes_the_newest_where_none_is_named(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    for name in ("first", "second"):
        train("q_learning", "FrozenLake-v1", total_steps=30, run_dir=f"runs/{name}")
    quick = {"evaluate": ["--episodes", "1"], "watch": ["--text", "--episodes", "1", "--fps", "9999"]}
    result = CliRunner().invoke(main, [command, *quick.get(command, [])])
    assert result.exit_code == 0, result.output
    assert "the newest run: runs/second\n" in result.stderr
