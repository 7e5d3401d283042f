"""FrozenLake, walked by hand."""

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_envs import FrozenLakeEnv
from csai_envs.frozenlake.rules import DOWN, LEFT, RIGHT, SLIPS, UP, make_world


def test_firm_ice_leads_where_it_was_meant():
    env = FrozenLakeEnv(attributes="cell")
    env.reset(seed=0)
    seen = [env.step(action)[:3] for action in (LEFT, UP, DOWN, DOWN, RIGHT, DOWN, RIGHT, RIGHT)]
    assert seen == [(c, 0.0, False) for c in (0, 0, 4, 8, 9, 13, 14)] + [(15, 1.0, True)]


def test_holes_end_the_walk():
    env = FrozenLakeEnv(attributes="cell")
    env.reset(seed=0)
    env.step(RIGHT)
    assert env.step(DOWN)[:3] == (5, -1.0, True)
    assert env.render_text().splitlines()[-1] == "Fell in"


def test_game_state_shows_the_map_and_the_walker():
    env = FrozenLakeEnv(["SH", "FG"], attributes="game_state")
    np.testing.assert_allclose(env.reset(seed=0)[0], [[[1, 1 / 3], [0, 2 / 3]]])


def test_slippery_ice_turns_two_actions_in_three():
    world = make_world(("FFF", "FSF", "FFG"), is_slippery=True)
    env = FrozenLakeEnv(("FFF", "FSF", "FFG"), is_slippery=True, attributes="cell")
    env.reset(seed=0)
    for action, opposite in ((LEFT, RIGHT), (RIGHT, LEFT), (UP, DOWN), (DOWN, UP)):
        counts = np.zeros(9)
        for _ in range(600):
            env.reset()
            counts[env.step(action)[0]] += 1
        reached = {world.ahead(4, each) for each in SLIPS[action]}
        assert set(np.flatnonzero(counts)) == reached
        assert world.ahead(4, opposite) not in reached
        assert counts[list(reached)].min() > 140  # 200 expected, five standard deviations are 58


@pytest.mark.parametrize(
    ("lake", "message"),
    [
        ([], "one length, and not empty"),
        (["SF", "G"], "one length"),
        (["SX", "FG"], "it holds 'X'; it may hold S, F, H and G"),
        (["FF", "FG"], "one S"),
        (["SF", "FF"], "at least one G"),
    ],
)
def test_maps_that_cannot_be_walked_are_refused(lake, message):
    with pytest.raises(ConfigError, match=message):
        FrozenLakeEnv(lake)


def test_what_may_follow_is_what_follows_as_often():
    env = FrozenLakeEnv(("SFH", "FFG"), is_slippery=True, attributes="cell")
    outcomes = env.P
    assert outcomes[2] == {action: [(1.0, 2, 0.0, True)] for action in (LEFT, RIGHT, UP, DOWN)}
    env.reset(seed=0)
    for action in (LEFT, RIGHT, UP, DOWN):
        counts = dict.fromkeys([each[1:] for each in outcomes[1][action]], 0)
        for _ in range(600):
            env.reset()
            env.cell = 1
            counts[env.step(action)[:3]] += 1
        for outcome, count in counts.items():
            chance = sum(each[0] for each in outcomes[1][action] if each[1:] == outcome)
            assert abs(count - 600 * chance) < 58, (action, outcome)
