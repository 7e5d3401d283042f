"""Many boards at once: the suite in test_env.py plays them beside single ones, in every autoreset mode."""

import csai_core
import numpy as np
import pytest

from csai_lights_out import batch, rules


def make(size, number):
    """The batched game as `csai train` makes it."""
    return csai_core.make_vec(f"LightsOut/{size}-v0", number, vectorization_mode="vector_entry_point")


@pytest.mark.parametrize("size", ["Small", "Large"])
def test_a_thousand_boards_are_those_of_single_games(size):
    boards, _ = make(size, 1000).reset(seed=7)
    assert len(np.unique(boards, axis=0)) > 300
    for number in (0, 1, 500, 999):
        single, _ = csai_core.make(f"LightsOut/{size}-v0").reset(seed=7 + number)
        assert np.array_equal(boards[number], single)


def draw_nothing(keys, k, n):
    """The first outcome, always."""
    return np.zeros(np.broadcast_shapes(keys.shape, k.shape), np.uint64)


def test_a_board_that_stays_dark_gets_a_lamp(monkeypatch):
    # In five rows no lamp at all is pressed in one game of 2**25; the last draw then chooses one.
    monkeypatch.setattr(batch, "draw_many", draw_nothing)
    envs = batch.LightsOutVectorEnv(2, size=5)
    envs.start(np.arange(2))
    assert np.array_equal(envs.lamps[0], rules.new_game(5, lambda outcomes: 0))
    assert envs.lamps.sum() == 6
