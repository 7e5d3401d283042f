"""What the commands that open a run share."""

from __future__ import annotations

import io
import sys
import warnings

import click
import gymnasium
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core import trust
from csai_core.commands import main
from csai_core.errors import CsaiError
from csai_train import train
from csai_train.commands import run_arguments
from csai_train.commands.run_arguments import checkpoint_choice, import_option, plain_warnings
from csai_train.errors import TrainingWarning


@pytest.mark.parametrize(("text", "choice"), [("newest", "newest"), ("best", "best"), ("12,000", 12000)])
def test_checkpoints_are_chosen_by_name_or_number(text, choice):
    assert checkpoint_choice(text) == choice


def test_warnings_of_a_training_are_one_plain_line_and_others_are_left_alone():
    file = io.StringIO()

    def warn():
        with plain_warnings(Console(file=file, width=20)):
            for _ in range(2):
                warnings.warn("the [disk] is full again", TrainingWarning)
            warnings.warn("another", UserWarning)

    with pytest.warns(UserWarning, match="another") as others:
        warn()
    assert file.getvalue() == "Warning: the [disk] is full again\n" * 2
    assert len(others) == 1


@pytest.mark.parametrize("text", ["", "last", "-3", "0", "1.5", "nan"])
def test_other_checkpoints_are_refused_by_name(text):
    with pytest.raises(click.UsageError, match="--checkpoint was given"):
        checkpoint_choice(text)


def test_what_cannot_be_imported_is_named():
    @click.command()
    @import_option
    def command():
        pass

    result = CliRunner().invoke(command, ["--import", "no_such_package"])
    assert isinstance(result.exception, CsaiError)
    assert "--import no_such_package failed: No module named" in str(result.exception)


@pytest.fixture
def strange_run(tmp_path, monkeypatch):
    """A run in this folder, made elsewhere with a module of this folder that nobody has typed here."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "strange_walks.py").write_text(
        "import gymnasium\n"
        "from csai_core.testing.toys import Walk\n"
        "gymnasium.register('StrangeWalk-v0', 'strange_walks:Walk', max_episode_steps=20)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    train("q_learning", "strange_walks:StrangeWalk-v0", total_steps=40, run_dir="run")
    del gymnasium.registry["StrangeWalk-v0"], sys.modules["strange_walks"]
    yield "run"
    gymnasium.registry.pop("StrangeWalk-v0", None)
    sys.modules.pop("strange_walks", None)


COMMANDS = [
    ["evaluate", "run", "--episodes", "1"],
    ["watch", "run", "--text", "--fps", "9999", "--episodes", "1"],
    ["verify", "run"],
    ["train", "--resume", "run", "--total-steps", "60", "--episodes", "1"],
    ["train", "--start-from", "run", "--total-steps", "60", "--episodes", "1"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_run_from_elsewhere_is_refused_in_a_pipe_and_imports_nothing(strange_run, words):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "If you trust that, import it first: --import strange_walks" in result.output
    assert "strange_walks" not in sys.modules


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_in_a_terminal_it_is_asked_for_once(strange_run, words, monkeypatch):
    monkeypatch.setattr(run_arguments, "_can_ask", lambda: True)
    result = CliRunner().invoke(main, words, input="y\n")
    assert result.exit_code == 0, result.output
    assert "May csai import strange_walks (" in result.output
    assert "which runs its code? [y/N]" in result.output
    del gymnasium.registry["StrangeWalk-v0"], sys.modules["strange_walks"]
    result = CliRunner().invoke(main, words, input="")
    assert "May csai" not in result.output
    assert "strange_walks" in sys.modules


def test_no_is_the_answer_of_who_types_nothing(strange_run, monkeypatch):
    monkeypatch.setattr(run_arguments, "_can_ask", lambda: True)
    result = CliRunner().invoke(main, COMMANDS[0], input="\n")
    assert result.exit_code == 1
    assert "strange_walks" not in sys.modules
    assert not trust.is_trusted("strange_walks")


def test_a_run_whose_module_is_not_installed_is_not_asked_about(strange_run, monkeypatch, tmp_path):
    (tmp_path / "strange_walks.py").unlink()
    monkeypatch.setattr(run_arguments, "_can_ask", lambda: True)
    result = CliRunner().invoke(main, COMMANDS[0], input="y\n")
    assert "May csai" not in result.output
    assert result.exit_code == 1


def test_plots_need_no_environment(strange_run):
    assert CliRunner().invoke(main, ["plot", "run"]).exit_code == 0
    assert "strange_walks" not in sys.modules


@pytest.mark.parametrize(
    "command", [["evaluate", "--episodes", "2"], ["watch", "--text", "--fps", "9999", "--episodes", "1"]]
)
def test_the_policy_can_be_sampled_by_a_seed(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    config = {"num_envs": 1, "hidden_sizes": (8,)}
    train("a2c", "FrozenLake-v1", total_steps=30, seed=1, config=config, run_dir="runs/a2c")
    train("q_learning", "FrozenLake-v1", total_steps=30, seed=1, run_dir="runs/table")

    def played(run):
        return CliRunner().invoke(main, [*command, f"runs/{run}", "--sample", "--seed", "1"])

    assert played("a2c").exit_code == 0
    assert played("a2c").output == played("a2c").output
    refused = played("table")
    assert refused.exit_code != 0
    assert (
        "is no policy to sample from: what was learned here is which action is best"
        in refused.output + str(refused.exception)
    )
