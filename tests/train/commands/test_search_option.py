"""`--search`: what cannot be searched is said."""

import pytest
from click.testing import CliRunner

from csai_core.commands import main


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("learning_rate=0.5..0.1", "--search learning_rate=0.5..0.1: A range was given 0.5 to 0.1"),
        ("learning_rate=0..0.1", "its ends must be above 0"),
        ("learning_rate=a..b", "'a' is not a number"),
        ("gama", "No option of QLearningConfig named 'gama'. Did you mean 'gamma'"),
        ("initial_value", "initial_value does not say where it is worth searching for"),
    ],
)
def test_what_cannot_be_searched_is_said(typed, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["tune", "FrozenLake-v1", "--algorithm", "q_learning", "--search", typed]
    result = CliRunner().invoke(main, words)
    assert result.exit_code != 0
    assert told in " ".join(result.output.split()) + str(result.exception)


def test_names_of_settings_need_an_algorithm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["tune", "Blackjack-v1", "--search", "gamma"])
    assert "say which with --algorithm" in result.output
