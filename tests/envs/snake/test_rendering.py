"""Pictures and texts of Snake."""

import subprocess
import sys

import numpy as np
import pytest

from csai_core.games import BLUE, ORANGE
from csai_envs import SnakeEnv


@pytest.mark.parametrize("resolution", [(480, 540), (84, 84), (301, 97), (40, 200)])
@pytest.mark.parametrize("board", [(16, 16), (3, 9)])
def test_a_picture_has_the_resolution_asked_for(resolution, board):
    env = SnakeEnv(*board, resolution=resolution, render_mode="rgb_array")
    env.reset(seed=0)
    frame = env.render()
    assert frame.shape == (resolution[1], resolution[0], 3)
    assert frame.dtype == np.uint8
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 10


def test_a_picture_shows_the_head_and_the_apple_where_they_are():
    env = SnakeEnv(5, 5, resolution=(500, 560), render_mode="rgb_array")
    env.reset(seed=0)
    env.snake_agent.body, env.apple_position = [(4, 1), (4, 2), (4, 3)], (0, 0)
    before = env.render()
    env.apple_position = (0, 4)
    after = env.render()
    changed = np.argwhere((before != after).any(axis=2))
    assert changed[:, 0].max() < 200  # only the top row of cells
    assert changed[:, 1].min() < 120 < 380 < changed[:, 1].max()  # its two ends
    assert (after == np.array(ORANGE)).all(axis=2).any()
    assert (after == np.array(BLUE)).all(axis=2).any()


def test_a_full_board_and_a_single_cell_can_be_drawn():
    env = SnakeEnv(2, 2, start_length=1, render_mode="rgb_array")
    env.reset(seed=0)
    env.snake_agent.body, env.apple_position = [(0, 0), (0, 1), (1, 1), (1, 0)], None
    assert env.render().any()
    env.snake_agent.body = [(1, 0)]
    assert env.render().any()


def test_text_shows_the_board_and_the_score():
    env = SnakeEnv(4, 2, render_mode="ansi")
    env.reset(seed=0)
    env.snake_agent.body, env.apple_position = [(0, 0), (0, 1)], (1, 3)
    assert env.render() == "o @ . .\n. . . *\nScore 0"


def test_pictures_need_no_display_and_open_no_window():
    program = """if True:
        import csai_envs, gymnasium, sys
        env = gymnasium.make("CSAI/Snake-v0", render_mode="rgb_array")
        env.reset(seed=0)
        assert "pygame" not in sys.modules
        assert env.render().shape == (540, 480, 3)
        import pygame
        assert not pygame.display.get_init()
    """
    environment = {"PATH": "", "SDL_VIDEODRIVER": "x11", "DISPLAY": ":99"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_a_person_sees_a_window_that_can_be_closed():
    env = SnakeEnv(4, 4, render_mode="human", target_fps=1000)
    env.reset(seed=0)
    env.step(4)
    assert not env.is_window_closed
    env.close()
    assert env.is_window_closed
