"""`csai classic`: old names and new ones."""

from click.testing import CliRunner

from CoderSchoolAI import hooks
from CoderSchoolAI.command import classic
from csai_core.plugins.entry import Entry


def test_the_plugin_offers_the_command():
    (entry,) = hooks.csai_commands()
    assert isinstance(entry, Entry)
    assert entry.load() is classic


def test_a_word_finds_names():
    result = CliRunner().invoke(classic, ["snakeenv"])
    assert result.output.splitlines()[0] == (
        "CoderSchoolAI.Environments.CoderSchoolEnvironments.SnakeEnvironment.SnakeEnv -> csai_envs.SnakeEnv"
    )
    assert len(CliRunner().invoke(classic, []).output.splitlines()) > 50


def test_an_unknown_word_says_so():
    result = CliRunner().invoke(classic, ["Tensorflow"])
    assert result.exit_code == 1
    assert "no name with 'Tensorflow' in it" in result.output
