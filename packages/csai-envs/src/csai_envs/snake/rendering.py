"""Draws a game of Snake, as a picture or as text. pygame is imported when the first picture is drawn.

The snake and the apple differ in color, brightness and shape.
"""

from __future__ import annotations

from csai_core.games import (
    BACKGROUND,
    BLUE,
    DEEP_BLUE,
    ORANGE,
    PALE_ORANGE,
    TEXT,
    YELLOW,
    Canvas,
    mix,
)
from csai_envs.snake.board import NOWHERE, Action
from csai_envs.snake.rules import SnakeGame

TOWARD = {Action.LEFT: (-1, 0), Action.RIGHT: (1, 0), Action.UP: (0, -1), Action.DOWN: (0, 1)}
"""For each heading, the step (x, y) on the screen."""


def draw(game: SnakeGame, resolution: tuple[int, int], has_crashed: bool = False) -> Canvas:
    """The game, drawn; what the snake has crashed into is crossed out."""
    canvas = Canvas(resolution, game.width, game.height, f"Score {game.score}")
    canvas.checkerboard(game.width, game.height)
    if game.apple != NOWHERE:
        _draw_apple(canvas, *_center(game, game.apple))
    _draw_snake(canvas, game)
    if has_crashed:
        forward_x, forward_y = TOWARD[Action(game.heading)]
        x, y = _center(game, game.head)
        reach = 1.0 if _is_inside(game, x + forward_x, y + forward_y) else 0.5
        canvas.mark_loss(x + reach * forward_x, y + reach * forward_y, 0.45)
    elif len(game.body) == game.num_cells:
        canvas.mark_win(*_center(game, game.head), 0.45)
    return canvas


def _is_inside(game: SnakeGame, x: float, y: float) -> bool:
    return 0 < x < game.width and 0 < y < game.height


def _center(game: SnakeGame, cell: int) -> tuple[float, float]:
    y, x = divmod(cell, game.width)
    return x + 0.5, y + 0.5


def _draw_apple(canvas: Canvas, x: float, y: float) -> None:
    canvas.disc(ORANGE, x, y + 0.05, 0.38)
    canvas.disc(PALE_ORANGE, x - 0.12, y - 0.06, 0.09)
    canvas.polygon(YELLOW, [(x, y - 0.25), (x + 0.22, y - 0.46), (x + 0.08, y - 0.23)])


def _draw_snake(canvas: Canvas, game: SnakeGame) -> None:
    cells = list(game.body)
    last = max(len(cells) - 1, 1)
    for index, cell in enumerate(cells):
        share = index / last if len(cells) > 1 else 1.0
        color, radius = mix(DEEP_BLUE, BLUE, share), 0.30 + 0.10 * share
        x, y = _center(game, cell)
        with canvas.piece(f"segment {len(cells) - index}"):  # from the head, as it grows at the tail
            canvas.disc(color, x, y, radius)
            if index:
                _join(canvas, color, _center(game, cells[index - 1]), (x, y), radius)
    with canvas.piece("eyes"):
        _draw_eyes(canvas, game.heading, *_center(game, cells[-1]))


def _join(
    canvas: Canvas, color: tuple[int, int, int], a: tuple[float, float], b: tuple[float, float], radius: float
) -> None:
    """Fill the gap between two neighboring cells; cells laid apart by hand stay apart."""
    (x0, y0), (x1, y1) = a, b
    if abs(x0 - x1) + abs(y0 - y1) > 1.5:
        return
    off_x, off_y = radius * (y1 - y0), radius * (x0 - x1)
    sides = ((x0, y0, 1), (x1, y1, 1), (x1, y1, -1), (x0, y0, -1))
    canvas.polygon(color, [(x + side * off_x, y + side * off_y) for x, y, side in sides])


def _draw_eyes(canvas: Canvas, heading: int, x: float, y: float) -> None:
    forward_x, forward_y = TOWARD[Action(heading)]
    for side in (-1, 1):
        eye_x = x + 0.12 * forward_x - 0.19 * side * forward_y
        eye_y = y + 0.12 * forward_y + 0.19 * side * forward_x
        canvas.disc(TEXT, eye_x, eye_y, 0.12)
        canvas.disc(BACKGROUND, eye_x + 0.04 * forward_x, eye_y + 0.04 * forward_y, 0.07)


def render_text(game: SnakeGame) -> str:
    """The game as text: `o` body, `@` head, `*` apple, `.` empty, and the score below."""
    signs = ["."] * game.num_cells
    if game.apple != NOWHERE:
        signs[game.apple] = "*"
    for cell in game.body:
        signs[cell] = "o"
    signs[game.head] = "@"
    rows = [" ".join(signs[y * game.width : (y + 1) * game.width]) for y in range(game.height)]
    return "\n".join([*rows, f"Score {game.score}"])
