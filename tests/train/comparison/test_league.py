"""Many agents, the same games: who is best, and what cannot be ranked."""

import json
import shutil

import gymnasium
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from csai_core.commands import main
from csai_core.errors import ConfigError
from csai_train import Run, evaluate, train
from csai_train.comparison.league import RANDOM, League, Player, draw_league, play_league
from csai_train.errors import RunError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    spec = gymnasium.make("FrozenLake-v1", is_slippery=False).spec
    for name, steps in (("anna", 6000), ("ben", 30)):
        train("q_learning", spec, total_steps=steps, seed=0, run_dir=folder / name)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made, tmp_path / "class")
    return tmp_path / "class"


def runs(folder):
    return [Run.open(path) for path in sorted(folder.iterdir())]


def test_the_best_comes_first_and_all_play_the_same_games(folder, monkeypatch):
    turns = []
    league = play_league(runs(folder), episodes=3, seed=5, watch=turns.append)
    assert turns == ["anna", "ben"]
    assert (league.environment, league.measure, league.passed_over) == ("FrozenLake-v1", "return", [])
    assert league.players[0].name == "anna"
    assert {player.name for player in league.players} == {"anna", "ben", RANDOM}
    means = [player.mean for player in league.players]
    assert means == sorted(means, reverse=True)
    assert league.players[0].values.tolist() == evaluate(folder / "anna", episodes=3, seed=5).returns.tolist()
    again = play_league(runs(folder), episodes=3, seed=5)
    assert [player.values.tolist() for player in again.players] == [
        player.values.tolist() for player in league.players
    ]


def test_an_agent_that_cannot_play_is_passed_over(folder):
    shutil.rmtree(folder / "ben" / "checkpoints")
    (folder / "ben" / "checkpoints" / "step-30").mkdir(parents=True)
    league = play_league(runs(folder), episodes=1, seed=0)
    assert {player.name for player in league.players} == {"anna", RANDOM}
    assert "ben" in league.passed_over[0]
    with pytest.raises(RunError, match="No agent of these runs can play"):
        play_league([Run.open(folder / "ben")], episodes=1, seed=0)


def test_what_is_no_league_is_refused(folder, tmp_path):
    with pytest.raises(RunError, match="no runs for a league"):
        play_league([])
    with pytest.raises(ConfigError, match="episodes=0"):
        play_league(runs(folder), episodes=0)
    options = {"seed": 0, "total_steps": 20}
    train("q_learning", "CliffWalking-v1", run_dir=tmp_path / "cliff", **options)
    with pytest.raises(RunError, match="id 'CliffWalking-v1' and 'FrozenLake-v1'"):
        play_league([*runs(folder), Run.open(tmp_path / "cliff")])
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "slippery", **options)
    with pytest.raises(RunError, match=r"is_slippery .* and False"):
        play_league([*runs(folder), Run.open(tmp_path / "slippery")])
    wrapped = {**options, "wrappers": ["TimeLimit:max_episode_steps=9"]}
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "wrapped", **wrapped)
    with pytest.raises(RunError, match="different wrappers"):
        play_league([Run.open(tmp_path / name) for name in ("slippery", "wrapped")], episodes=1)


def test_the_picture_has_a_bar_for_each(tmp_path):
    players = [Player("anna", "ppo", np.array([3.0, 5.0])), Player(RANDOM, "", np.array([2.0]))]
    drawn = draw_league(League("FrozenLake-v1", "return", players, []), tmp_path / "league.png")
    with Image.open(drawn) as picture:
        colors = {tuple(color) for color in np.asarray(picture.convert("RGB")).reshape(-1, 3).tolist()}
    assert {(0x00, 0x72, 0xB2), (0x6B, 0x7A, 0x86)} <= colors


def test_the_command_prints_a_table_and_json(folder, tmp_path):
    words = ["league", str(folder), "--episodes", "2", "--seed", "3"]
    result = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "league.png")])
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0] == ["FrozenLake-v1,", "return"]
    assert lines[2][:3] == ["anna", "1", "q_learning"]
    assert (tmp_path / "league.png").exists()
    found = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)
    assert found["players"][0]["name"] == "anna"
    assert len(found["players"][0]["values"]) == 2
