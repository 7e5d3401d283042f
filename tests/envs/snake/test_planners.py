"""The agents that know Snake."""

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_envs import SnakeEnv
from csai_envs.snake.planners import hamiltonian_cycle


def play(name, env, seed, max_steps):
    """The score of one game."""
    agent = installed().find("agents", name).load()(env)
    observation, info = env.reset(seed=seed)
    for _ in range(max_steps):
        observation, _, terminated, truncated, info = env.step(agent.get_next_action(observation))
        if terminated or truncated:
            break
    return info["score"]


@pytest.mark.parametrize(("width", "height"), [(2, 2), (4, 3), (3, 4), (6, 6), (5, 8), (2, 7)])
def test_a_tour_visits_every_cell_once_and_closes(width, height):
    tour = hamiltonian_cycle(width, height)
    assert sorted(tour) == list(range(width * height))
    for a, b in zip(tour, [*tour[1:], tour[0]], strict=True):
        assert abs(a // width - b // width) + abs(a % width - b % width) == 1


@pytest.mark.parametrize(("width", "height"), [(6, 6), (4, 5), (5, 4), (2, 6)])
def test_the_tour_fills_the_board_every_time(width, height):
    env = SnakeEnv(width, height, attributes="senses")
    num_cells = width * height
    for seed in range(25):
        assert play("hamilton", env, seed, num_cells**2) == num_cells - 3


def test_boards_of_two_odd_sides_have_no_tour():
    with pytest.raises(ConfigError, match="5 x 7 has no tour"):
        play("hamilton", SnakeEnv(5, 7), 0, 1)


def test_search_eats_far_more_than_chance():
    env = SnakeEnv(10, 10, attributes="senses")
    scores = [play("astar", env, seed, 1500) for seed in range(5)]
    assert sum(scores) / 5 > 15


@pytest.mark.parametrize("name", ["astar", "hamilton"])
def test_other_games_are_refused(name):
    with pytest.raises(ConfigError, match="plays CSAI/Snake-v0 only"):
        play(name, gymnasium.make("CSAI/Catch-v0"), 0, 1)
