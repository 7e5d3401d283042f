"""Snake in the classic loop."""

from __future__ import annotations

from typing import Any

import csai_envs
from CoderSchoolAI.Environments.Shell import Shell
from csai_envs.snake.board import Action
from csai_envs.snake.snake_agent import SnakeAgent

__all__ = ["Action", "SnakeAgent", "SnakeEnv"]


class SnakeEnv(Shell, csai_envs.SnakeEnv):  # type: ignore[misc]  # its reset is the classic one
    """`csai_envs.SnakeEnv`, with the original's arguments and its classic loop.

    Args:
        target_fps: steps a second, where a person watches.
        is_user_control: whether a person plays.
        cell_size: pixels along a cell's side.
        height: rows.
        width: cells in a row.
        **settings: those of `csai_envs.SnakeEnv`, among them `verbose` and `console_only`.
    """

    environment_id = None  # type: ignore[assignment]  # the id makes an environment of Gymnasium's loop

    def __init__(
        self,
        target_fps: int = 6,
        is_user_control: bool = False,
        cell_size: int = 20,
        height: int = 25,
        width: int = 25,
        **settings: Any,
    ) -> None:
        defaults = {"resolution": (width * cell_size, height * cell_size)}
        super().__init__(
            width=width,
            height=height,
            target_fps=target_fps,
            is_user_control=is_user_control,
            **{**defaults, **settings},
        )
