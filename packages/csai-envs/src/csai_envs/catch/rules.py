"""The rules of Catch: a ball falls one row in each step, and the paddle moves one column or stays."""

from __future__ import annotations

from dataclasses import dataclass

from csai_core.arguments import check_int

LEFT, STAY, RIGHT = range(3)
"""The actions."""
MIN_SIDE, MAX_SIDE = 2, 100


@dataclass
class CatchGame:
    """One ball and one paddle, which moves along the bottom row.

    Raises:
        ConfigError: if a side is out of range.
    """

    width: int
    height: int
    ball_y: int = 0
    ball_x: int = 0
    paddle: int = 0

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            check_int("Catch", name, side, MIN_SIDE, MAX_SIDE)

    def start(self, column: int) -> None:
        """Let a ball go at the top of a column; the paddle starts in the middle."""
        self.ball_y, self.ball_x, self.paddle = 0, column, self.width // 2

    def move(self, action: int) -> None:
        """Move the paddle by LEFT, STAY or RIGHT, within the walls, and let the ball fall by a row."""
        self.paddle = min(max(self.paddle + action - STAY, 0), self.width - 1)
        self.ball_y += 1

    @property
    def is_over(self) -> bool:
        """Whether the ball has reached the bottom row."""
        return self.ball_y >= self.height - 1

    @property
    def is_caught(self) -> bool:
        """Whether the ball has come down on the paddle."""
        return self.is_over and self.ball_x == self.paddle
