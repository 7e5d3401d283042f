"""Draws the cart and the pole; pygame is imported when the first picture is drawn."""

from __future__ import annotations

import math

from csai_core.games import BLUE, DARK_CELL, DEEP_BLUE, ORANGE, TEXT, WALL, Canvas
from csai_envs.cartpole.rules import HALF_LENGTH, MAX_ANGLE, MAX_X, State

_WIDTH, _HEIGHT = 5.2, 3.05
"""What the picture shows, in meters."""
_TRACK = 2.5
"""How far down the track runs."""


def draw(state: State, num_steps: int, resolution: tuple[int, int]) -> Canvas:
    """The state, drawn."""
    x, _, angle, _ = state
    canvas = Canvas(resolution, _WIDTH, _HEIGHT, f"Steps {num_steps}")
    canvas.rectangle(DARK_CELL, 0, 0, _WIDTH, _HEIGHT)
    middle, (cart, height) = _WIDTH / 2, axle(state)
    canvas.line(WALL, (middle - MAX_X, _TRACK), (middle + MAX_X, _TRACK), 0.03)
    for end in (-MAX_X, MAX_X):
        canvas.line(WALL, (middle + end, _TRACK - 0.1), (middle + end, _TRACK + 0.1), 0.03)
    for side in (-1, 1):
        canvas.disc(TEXT, cart + 0.2 * side, _TRACK - 0.1, 0.09)
    canvas.rectangle(DEEP_BLUE, cart - 0.36, height, 0.72, 0.24)
    tip = (cart + 2 * HALF_LENGTH * math.sin(angle), height - 2 * HALF_LENGTH * math.cos(angle))
    canvas.line(ORANGE, (cart, height), tip, 0.11)
    canvas.disc(BLUE, cart, height, 0.07)
    if abs(angle) > MAX_ANGLE:
        canvas.mark_loss(*tip, 0.22)
    elif abs(x) > MAX_X:
        canvas.mark_loss(cart, _TRACK, 0.22)
    return canvas


def axle(state: State) -> tuple[float, float]:
    """Where the pole is fixed to the cart, on the canvas."""
    return _WIDTH / 2 + state[0], _TRACK - 0.34


def render_text(state: State, num_steps: int) -> str:
    """The state as text: the cart's track, the pole's lean, and the count of steps."""
    x, _, angle, _ = state
    track = ["-"] * 41
    track[min(max(round(20 + 20 * x / MAX_X), 0), 40)] = "#"
    lean = [" "] * 41
    lean[min(max(round(20 + 20 * x / MAX_X + 3 * angle / MAX_ANGLE), 0), 40)] = "o"
    return "\n".join(["".join(lean).rstrip(), "".join(track), f"Steps {num_steps}"])
