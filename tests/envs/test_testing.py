"""The suite for opponents: it asks on every board, and ours pass it."""

import pytest

from csai_envs.testing import OpponentSuite, boards
from csai_envs.tictactoe.rules import EMPTY, FREE, OPPONENT, PLAYER


class TestRandom(OpponentSuite):
    entry_name = "random"


class TestPerfect(OpponentSuite):
    entry_name = "perfect"


def test_the_boards_are_all_on_which_it_is_asked():
    assert EMPTY in boards()
    assert (PLAYER, *EMPTY[1:]) in boards()
    assert {board.count(PLAYER) - board.count(OPPONENT) for board in boards()} == {0, 1}
    assert all(FREE in board for board in boards())


def test_a_suite_without_a_name_says_so():
    with pytest.raises(TypeError, match="OpponentSuite has neither a name nor a method"):
        OpponentSuite().make()
