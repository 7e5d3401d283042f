"""Mazes: one way between any two rooms, and an agent that takes the shortest."""

import gymnasium
import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_core.search import breadth_first
from csai_envs import MazeEnv
from csai_envs.maze.rules import DOWN, LEFT, RIGHT, UP, make_maze


@pytest.mark.parametrize("rooms", [2, 5, 12])
def test_mazes_have_one_way_between_any_two_rooms(rooms):
    rng = np.random.default_rng(0)
    open_cells = make_maze(rooms, lambda n: int(rng.integers(n)))
    found = [cell for cell in open_cells if cell[0] % 2 and cell[1] % 2]
    assert len(found) == rooms * rooms
    assert len(open_cells) == 2 * rooms * rooms - 1  # a tree: one passage fewer than rooms


def test_walls_stop_the_walker_and_the_goal_ends_the_walk():
    env = MazeEnv(2, attributes="agent_pos")
    env.reset(seed=0)
    env.open_cells = {(1, 1), (1, 2), (1, 3), (2, 3), (3, 3)}
    steps = [env.step(action) for action in (UP, LEFT, RIGHT, RIGHT, DOWN, DOWN)]
    assert [step[0].tolist() for step in steps] == [[1, 1], [1, 1], [1, 2], [1, 3], [2, 3], [3, 3]]
    assert [step[1] for step in steps] == [-0.01] * 5 + [1.0]
    assert [step[2] for step in steps] == [False] * 5 + [True]
    assert env.render_text() == "#####\n#   #\n### #\n###@#\n#####\nOut!"


def test_the_window_is_the_part_of_the_board_around_the_walker():
    env = MazeEnv(5, sight=2)
    env.reset(seed=3)
    np.testing.assert_array_equal(env["window"].data[:, 1:, 1:], env["board"].data[:, :4, :4])
    assert env["window"].data[0, 0].all()
    env.position = (5, 5)
    np.testing.assert_array_equal(env["window"].data, env["board"].data[:, 3:8, 3:8])


def test_each_episode_has_a_maze_of_its_own():
    env = MazeEnv(5)
    env.reset(seed=1)
    first = env.open_cells
    env.reset()
    second = env.open_cells
    env.reset(seed=1)
    assert first == env.open_cells != second


def test_the_agent_takes_a_shortest_way():
    env = gymnasium.make("CSAI/Maze-v0")
    agent = installed().find("agents", "breadth_first").load()(env)
    for seed in range(5):
        env.reset(seed=seed)
        maze = env.unwrapped
        path = breadth_first(maze.position, maze.goal, agent._neighbors)
        steps, terminated = 0, False
        while not terminated:
            action = agent.get_next_action(None)
            assert action in agent.get_actions()
            _, _, terminated, _, _ = env.step(action)
            steps += 1
        assert steps == len(path) - 1
    with pytest.raises(ConfigError, match="plays CSAI/Maze-v0 only"):
        installed().find("agents", "breadth_first").load()(gymnasium.make("CSAI/Catch-v0"))


@pytest.mark.parametrize(
    ("options", "message"), [({"rooms": 1}, "from 2 to 50"), ({"sight": 0}, "from 1 to 20")]
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        MazeEnv(**options)
