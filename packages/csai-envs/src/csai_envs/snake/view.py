"""Draws a game of Snake, as a picture or as text. pygame is imported when the first picture is drawn.

The picture is drawn at twice its size on a surface in memory and scaled down, which smooths all edges;
no display is needed. Blue and orange are told apart by nearly everybody, colour-blind or not, and
the snake and the apple differ in brightness and shape too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.shell.window import import_pygame
from csai_envs.snake.rules import NOWHERE, Action, SnakeGame

Color = tuple[int, int, int]
BACKGROUND: Color = (13, 19, 33)
LIGHT_CELL: Color = (29, 39, 58)
DARK_CELL: Color = (24, 33, 50)
HEAD: Color = (142, 209, 252)
TAIL: Color = (30, 99, 168)
APPLE: Color = (255, 140, 40)
SHINE: Color = (255, 205, 150)
LEAF: Color = (240, 228, 100)
EYE: Color = (13, 19, 33)
TEXT: Color = (240, 244, 250)

SCALE = 2
"""How much larger than asked for the picture is drawn, before it is scaled down."""
TOWARD = {Action.LEFT: (-1, 0), Action.RIGHT: (1, 0), Action.UP: (0, -1), Action.DOWN: (0, 1)}
"""For each heading, the step (x, y) on the screen."""


def draw(game: SnakeGame, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    """The game as a picture of shape (resolution[1], resolution[0], 3)."""
    pygame = import_pygame()
    width, height = resolution[0] * SCALE, resolution[1] * SCALE
    surface = pygame.Surface((width, height))
    surface.fill(BACKGROUND)
    header = max(round(height / 9), 12 * SCALE)
    margin = round(min(width, height) / 40)
    cell = min((width - 2 * margin) / game.width, (height - header - margin) / game.height)
    left = (width - cell * game.width) / 2
    top = header + (height - header - margin - cell * game.height) / 2
    canvas = _Canvas(pygame, surface, game, cell, left, top)
    canvas.draw_board()
    canvas.draw_apple()
    canvas.draw_snake()
    canvas.draw_score(header)
    small = pygame.transform.smoothscale(surface, resolution)
    return np.ascontiguousarray(pygame.surfarray.array3d(small).swapaxes(0, 1))


class _Canvas:
    """A surface with a board's geometry; all lengths in pixels."""

    def __init__(
        self, pygame: Any, surface: Any, game: SnakeGame, cell: float, left: float, top: float
    ) -> None:
        self.pygame = pygame
        self.surface = surface
        self.game = game
        self.cell = cell
        self.left = left
        self.top = top

    def centre(self, cell: int) -> tuple[float, float]:
        y, x = divmod(cell, self.game.width)
        return self.left + (x + 0.5) * self.cell, self.top + (y + 0.5) * self.cell

    def circle(self, color: Color, centre: tuple[float, float], radius: float) -> None:
        self.pygame.draw.circle(self.surface, color, centre, max(radius, 1.0))

    def draw_board(self) -> None:
        game = self.game
        for y in range(game.height):
            for x in range(game.width):
                x0, x1 = (round(self.left + each * self.cell) for each in (x, x + 1))
                y0, y1 = (round(self.top + each * self.cell) for each in (y, y + 1))
                color = LIGHT_CELL if (x + y) % 2 else DARK_CELL
                self.surface.fill(color, (x0, y0, x1 - x0, y1 - y0))

    def draw_apple(self) -> None:
        if self.game.apple == NOWHERE:
            return
        x, y = self.centre(self.game.apple)
        size = self.cell
        self.circle(APPLE, (x, y + 0.05 * size), 0.36 * size)
        self.circle(SHINE, (x - 0.12 * size, y - 0.06 * size), 0.09 * size)
        stalk = [(x, y - 0.24 * size), (x + 0.22 * size, y - 0.44 * size), (x + 0.08 * size, y - 0.22 * size)]
        self.pygame.draw.polygon(self.surface, LEAF, stalk)

    def draw_snake(self) -> None:
        cells = list(self.game.body)
        last = max(len(cells) - 1, 1)
        for index, cell in enumerate(cells):
            share = index / last if len(cells) > 1 else 1.0
            color = _mix(TAIL, HEAD, share)
            radius = self.cell * (0.30 + 0.10 * share)
            self.circle(color, self.centre(cell), radius)
            if index:
                self._join(color, cells[index - 1], cell, radius)
        self._draw_eyes(cells[-1])

    def _join(self, color: Color, cell: int, next_cell: int, radius: float) -> None:
        """Fill the gap between two neighbouring cells; cells laid apart by hand stay apart."""
        (x0, y0), (x1, y1) = self.centre(cell), self.centre(next_cell)
        if abs(x0 - x1) + abs(y0 - y1) > 1.5 * self.cell:
            return
        half_x = radius if x0 == x1 else abs(x0 - x1) / 2
        half_y = radius if y0 == y1 else abs(y0 - y1) / 2
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        rectangle = (middle_x - half_x, middle_y - half_y, 2 * half_x, 2 * half_y)
        self.surface.fill(color, tuple(round(each) for each in rectangle))

    def _draw_eyes(self, head: int) -> None:
        x, y = self.centre(head)
        forward_x, forward_y = TOWARD[Action(self.game.heading)]
        for side in (-1, 1):
            eye_x = x + self.cell * (0.12 * forward_x - 0.19 * side * forward_y)
            eye_y = y + self.cell * (0.12 * forward_y + 0.19 * side * forward_x)
            self.circle(TEXT, (eye_x, eye_y), 0.12 * self.cell)
            pupil = (eye_x + 0.04 * self.cell * forward_x, eye_y + 0.04 * self.cell * forward_y)
            self.circle(EYE, pupil, 0.07 * self.cell)

    def draw_score(self, header: float) -> None:
        self.pygame.font.init()
        font = self.pygame.font.Font(None, round(0.75 * header))
        text = font.render(f"Score {self.game.score}", True, TEXT)
        self.surface.blit(text, (self.left, (header - text.get_height()) / 2 + header * 0.05))


def _mix(start: Color, end: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def write(game: SnakeGame) -> str:
    """The game as text: `o` body, `@` head, `*` apple, `.` empty, and the score below."""
    signs = ["."] * game.wall
    if game.apple != NOWHERE:
        signs[game.apple] = "*"
    for cell in game.body:
        signs[cell] = "o"
    signs[game.body[-1]] = "@"
    rows = [" ".join(signs[y * game.width : (y + 1) * game.width]) for y in range(game.height)]
    return "\n".join([*rows, f"Score {game.score}"])
