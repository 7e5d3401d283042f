"""The physics of a pole on a cart, in the textbook's numbers.

Reference: Barto, Sutton and Anderson 1983, "Neuronlike adaptive elements that can solve difficult learning
control problems", doi:10.1109/TSMC.1983.6313077; equations without friction as corrected by Florian 2007.
The state is (x, v, angle, spin): meters and meters a second to the right, radians and radians a second
clockwise.
"""

from __future__ import annotations

from math import cos, pi, sin

State = tuple[float, float, float, float]

GRAVITY = 9.8
POLE_MASS = 0.1
TOTAL_MASS = 1.1
HALF_LENGTH = 0.5
POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH
FORCE = 10.0
"""Newtons of a push."""
TAU = 0.02
"""Seconds of a step."""
MAX_X = 2.4
MAX_ANGLE = 12 * 2 * pi / 360
START = 0.05
"""All four numbers of the state start between minus and plus this."""


def push(x: float, v: float, angle: float, spin: float, action: int, tau: float = TAU) -> State:
    """The state after one step of Euler's method.

    Args:
        x: where the cart is.
        v: how fast it goes.
        angle: of the pole, from upright.
        spin: how fast the angle grows.
        action: 1 pushes to the right, 0 to the left.
        tau: seconds of the step.
    """
    force = FORCE if action == 1 else -FORCE
    cosine, sine = cos(angle), sin(angle)
    push_and_swing = (force + POLE_MASS_LENGTH * (spin * spin) * sine) / TOTAL_MASS
    angular = (GRAVITY * sine - cosine * push_and_swing) / (
        HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cosine * cosine) / TOTAL_MASS)
    )
    linear = push_and_swing - POLE_MASS_LENGTH * angular * cosine / TOTAL_MASS
    return x + tau * v, v + tau * linear, angle + tau * spin, spin + tau * angular


def has_fallen(x: float, angle: float) -> bool:
    """Whether the cart has left its track, or the pole leans too far."""
    return not (-MAX_X <= x <= MAX_X and -MAX_ANGLE <= angle <= MAX_ANGLE)
