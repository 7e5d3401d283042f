"""Every option and argument of every command, given every kind of nonsense: a plain answer."""

from __future__ import annotations

import functools
import shutil

import click
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.plugins import installed
from csai_core.plugins.entry import as_typed
from csai_train import train
from csai_train.commands.config_options import options_for

NONSENSE = (
    *("", "no such thing", "no_such_thing", "💥", "-1", "1.5", "nan", "9" * 40),
    *("folder", "file", "no/where", "a:b"),
)
ANSWERS = (
    *("The mean return is below", "The dataset mnist is not in folder", "The module 'a', which"),
    *("Tuning needs Optuna", "The site is not here"),
)
"""What is answered where the nonsense makes sense, or is not reached."""
SHORT = ["--total-steps", "20", "--episodes", "1", "--run-dir", "made"]
USUAL = {
    "check": ["csai_core:random"],
    "play": ["FrozenLake-v1", "--agent", "random", "--fps", "9999", "--episodes", "1"],
    "train": ["FrozenLake-v1", *SHORT],
    "tune": ["FrozenLake-v1", "--algorithm", "q_learning", *SHORT, "--trials", "1", "--seeds", "0"],
    "export": ["lake"],
    "evaluate": ["lake", "--episodes", "1"],
    "watch": ["lake", "--text", "--fps", "9999", "--episodes", "1"],
    "plot": ["lake"],
    "compare": ["lake"],
    "league": ["lake", "--episodes", "1"],
    "fork": ["lake", "--at", "10", "--set", "learning_rate=0.2", "--run-dir", "made", "--episodes", "1"],
    "replay": ["lake", "--stages", "2"],
    "live": ["lake"],
    "doctor_run": ["lake"],
    "probe": ["q_learning"],
    "plugins": ["csai_core"],
    "verify": ["lake", "--steps", "5"],
    "show": ["q_learning"],
    "show_run": ["lake"],
    "list": ["blocks"],
    "new_plugin": ["moon-walk"],
    "train_dataset": ["mnist", "--root", "folder", "--no-download"],
}
"""What each command is called with otherwise, so that it does next to nothing."""


def commands():
    return {name: entry.load() for name, entry in installed().entries("commands").items()}


def options():
    """Each command with each of its options that take a value, those of an algorithm included."""
    for name, command in sorted(commands().items()):
        for param in command.params:
            if isinstance(param, click.Option) and not param.is_flag:
                yield name, param.opts[-1]
    config = installed().find("algorithms", "q_learning").load_config()
    yield from (("train", option.opts[0]) for option in options_for(config) if not option.is_flag)


def arguments():
    for name, command in sorted(commands().items()):
        yield from ((name, each.name) for each in command.params if isinstance(each, click.Argument))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train("q_learning", "FrozenLake-v1", total_steps=30, seed=0, run_dir=folder / "lake")
    return folder / "lake"


@pytest.fixture
def csai(trained, tmp_path, monkeypatch):
    """Runs a command in a folder with a run, a file and an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(trained, tmp_path / "runs" / "lake")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("nothing")

    def run(*words):
        shutil.rmtree(tmp_path / "made", ignore_errors=True)
        return CliRunner(env={"COLUMNS": "500"}).invoke(main, words)

    return run


def check(result, *names):
    """A plain answer, in which one of the names stands if it is a refusal."""
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.exit_code in (0, 1, 2), result.output
    assert "Traceback" not in result.output
    assert "itself is at fault" not in result.output, result.output
    if result.exit_code and not any(answer in result.output for answer in ANSWERS):
        assert any(name and name in result.output for name in names), result.output


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_an_option(csai, command, option):
    for nonsense in NONSENSE:
        words = [as_typed(command), *USUAL.get(command, []), option, nonsense]
        check(csai(*words), nonsense, option, option.strip("-").replace("-", "_"), repr(nonsense))


@pytest.mark.parametrize(("command", "argument"), list(arguments()))
def test_an_argument(csai, command, argument):
    rest = USUAL.get(command, [])[1:]
    for nonsense in NONSENSE:
        check(csai(as_typed(command), *rest, "--", nonsense), nonsense, argument, repr(nonsense))


@pytest.mark.parametrize("command", sorted(commands()))
def test_an_option_that_there_is_not_and_words_too_many(csai, command):
    typed, usual = as_typed(command), USUAL.get(command, [])
    unknown = csai(typed, *usual, "--no-such-option-anywhere")
    assert unknown.exit_code == 2
    assert "No such option '--no-such-option-anywhere'" in unknown.output
    if not any(each.nargs == -1 for each in commands()[command].params):
        assert csai(typed, *usual, "two", "words").exit_code == 2


@functools.cache
def _help(command):
    return CliRunner().invoke(main, [as_typed(command), "--help"])


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_explains_itself_and_each_of_its_options(command):
    result = _help(command)
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: csai {as_typed(command)}")
    for option in commands()[command].params:
        if isinstance(option, click.Option):
            assert option.help, option.name
            assert option.opts[-1] in result.output
