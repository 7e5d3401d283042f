"""TicTacToe, played by hand and perfectly."""

import gymnasium
import numpy as np
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.errors import ConfigError, ContractError, UnknownNameError
from csai_core.plugins import installed
from csai_envs import TicTacToeEnv
from csai_envs.tictactoe.rules import EMPTY, FREE, OPPONENT, PLAYER, best_cells, value, winner


@pytest.mark.parametrize(
    ("board", "who"),
    [
        ((1, 1, 1, 0, 2, 2, 0, 0, 0), PLAYER),
        ((2, 1, 1, 2, 1, 0, 2, 0, 0), OPPONENT),
        ((2, 1, 1, 0, 2, 1, 0, 0, 2), OPPONENT),
        ((1, 2, 1, 1, 2, 2, 2, 1, 1), FREE),
    ],
)
def test_three_in_a_row_win(board, who):
    assert winner(board) == who


def test_perfect_play():
    assert value(EMPTY, PLAYER) == 0
    assert best_cells((1, 1, 0, 2, 2, 0, 0, 0, 0), PLAYER) == [2]
    assert best_cells((2, 2, 0, 1, 0, 0, 0, 0, 1), PLAYER) == [2]


@pytest.mark.parametrize("opponent", ["random", "perfect"])
@pytest.mark.parametrize("player_starts", [True, False])
def test_the_perfect_player_never_loses(opponent, player_starts):
    env = TicTacToeEnv(opponent, player_starts)
    agent = installed().find("agents", "minimax").load()(env)
    scores = []
    for seed in range(60):
        env.reset(seed=seed)
        terminated = False
        while not terminated:
            assert set(agent.get_actions()) == set(np.flatnonzero(env.get_info()["action_mask"]))
            _, _, terminated, _, info = env.step(agent.get_next_action(None))
        scores.append(info["score"])
    assert set(scores) <= ({0} if opponent == "perfect" else {0, 1})


def test_the_perfect_opponent_never_loses():
    env = TicTacToeEnv("perfect")
    for seed in range(60):
        _, info = env.reset(seed=seed)
        env.action_space.seed(seed)
        terminated = False
        while not terminated:
            _, reward, terminated, _, info = env.step(env.action_space.sample(info["action_mask"]))
        assert reward <= 0


def test_a_cell_that_is_not_free_ends_the_game():
    env = TicTacToeEnv(attributes="cells")
    env.reset(seed=0)
    env.board = (PLAYER, *EMPTY[1:])
    cells, reward, terminated, _, info = env.step(0)
    assert (cells.tolist(), reward, terminated) == ([1, 0, 0, 0, 0, 0, 0, 0, 0], -1.0, True)
    assert info["reward_parts"] == {"win": 0.0, "loss": 0.0, "illegal": -1.0}


def test_what_is_seen():
    env = TicTacToeEnv()
    env.reset(seed=0)
    env.board = (1, 0, 2, 0, 1, 0, 0, 0, 2)
    assert env.get_observation("board")[1].tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]
    assert env.render_text() == "X . O\n. X .\n. . O\nYou are X"


def test_wrong_names_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'perfect'"):
        TicTacToeEnv("prefect")
    with pytest.raises(ConfigError, match="plays CSAI/TicTacToe-v0 only"):
        installed().find("agents", "minimax").load()(gymnasium.make("CSAI/Catch-v0"))


@pytest.fixture
def corners(tmp_path, monkeypatch):
    """An installed plugin whose opponent `corners` takes corners, and whose `cheat` takes what is taken."""
    (tmp_path / "corner_hooks.py").write_text(
        "from csai_core import Entry, hookimpl\n"
        "@hookimpl(optionalhook=True)\n"
        "def csai_opponents():\n"
        "    return [Entry(name=name, target=f'corner_cells:{name}') for name in ('corners', 'cheat')]\n"
    )
    (tmp_path / "corner_cells.py").write_text(
        "def corners(board):\n"
        "    return [cell for cell in (0, 2, 6, 8) if not board[cell]] or [board.index(0)]\n"
        "def cheat(board): return [4]\n"
    )
    info = tmp_path / "corner-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: corner\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csai]\ncorner = corner_hooks\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.usefixtures("corners")
@pytest.mark.parametrize("name", ["corners", "corner:corners"])
def test_an_opponent_of_a_plugin_plays(name):
    env = gymnasium.make("CSAI/TicTacToe-v0", opponent=name, attributes="cells")
    env.reset(seed=1)
    cells, *_ = env.step(4)
    assert np.flatnonzero(cells == OPPONENT).item() in (0, 2, 6, 8)


@pytest.mark.usefixtures("corners")
def test_an_opponent_that_breaks_the_rules_is_named():
    env = TicTacToeEnv("cheat")
    env.reset(seed=1)
    with pytest.raises(
        ContractError, match=r"'corner:cheat' of plugin 'corner' chooses among \[4\] on the board"
    ):
        env.step(4)


@pytest.mark.usefixtures("corners")
def test_opponents_are_listed_shown_and_checked(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    run = CliRunner().invoke
    assert "corners" in run(main, ["list", "opponents"]).output
    assert "Never loses" in run(main, ["show", "perfect"]).output
    assert run(main, ["check", "corners"]).exit_code == 0
    checked = run(main, ["check", "cheat"])
    assert checked.exit_code == 1
    assert "gives 4, which is not free" in checked.output
