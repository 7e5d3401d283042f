"""The solver: every game it can be given, it wins."""

import csai_core
import gymnasium
import numpy as np
import pytest
from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_core.testing import AgentSuite

from csai_lights_out import rules
from csai_lights_out.solver import solve


class TestSolver(AgentSuite):
    """Everything an agent should pass, in the games that it plays."""

    entry_name = "lights_out_solver"


@pytest.mark.parametrize("environment_id", ["LightsOut/Small-v0", "LightsOut/Large-v0"])
def test_it_wins_every_game(environment_id):
    env = csai_core.make(environment_id)
    agent = installed().find("agents", "lights_out_solver").load()(env)
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        ended = False
        while not ended:
            observation, _, terminated, truncated, _ = env.step(agent.get_next_action(observation))
            ended = terminated or truncated
        assert terminated


def test_a_solution_worked_out_by_hand():
    lamps = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], np.int8)
    assert np.flatnonzero(solve(lamps)).tolist() == [0]


def test_boards_that_no_presses_solve_are_refused():
    lamps = np.zeros((5, 5), np.int8)
    lamps[0, 0] = 1
    with pytest.raises(ConfigError, match="cannot be solved"):
        solve(lamps)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_solutions_lead_to_darkness(size):
    lamps = rules.new_game(size, np.random.default_rng(size).integers)
    for cell in np.flatnonzero(solve(lamps)):
        rules.press(lamps, *divmod(int(cell), size))
    assert rules.is_dark(lamps)


def test_other_games_are_not_for_it():
    make_solver = installed().find("agents", "lights_out_solver").load()
    with pytest.raises(ConfigError, match="it plays LightsOut"):
        make_solver(gymnasium.make("CartPole-v1"))
