"""What a Shell says for people who play it: keys, clicks, who has won, a drawing whose pieces glide."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from unittest import SkipTest

import numpy as np

from csai_core.shell import Shell
from csai_core.shell.target import Target
from csai_core.testing.environment.making import Maker, without_display
from csai_core.testing.environment.rollout import play
from csai_core.testing.suite import fail

_POINTS = 8
"""Places along each side of a picture that are clicked."""


def check_playing(make: Maker, seed: int) -> None:
    """Keys and clicks mean actions, `has_won` answers, and `draw` is what is rendered."""
    with make.made_shell() as shell:
        check_keys(shell)
    is_drawn = False
    with suppress(SkipTest):
        is_drawn = bool(make.drawable_modes("rgb_array"))
    settings = {"render_mode": "rgb_array"} if is_drawn else {}
    with without_display(), make.made_shell(**settings) as shell:
        for number, moment in enumerate(play(shell, 100, seed)):
            if moment.is_over:
                check_outcome(shell, moment.when)
            if is_drawn and (moment.is_over or number < 2):
                check_drawing(shell, moment.when)


def check_keys(shell: Shell) -> None:
    """Refuse keys that mean no action of the environment."""
    keys = {f"the key {key!r}": action for key, action in shell.keys_to_action.items()}
    if shell.idle_action is not None:
        keys["idle_action"] = shell.idle_action
    for key, action in keys.items():
        if not shell.action_space.contains(action):
            fail(f"{key[0].upper()}{key[1:]} means {action!r}, which does not lie in {shell.action_space}.")


def check_outcome(shell: Shell, when: object) -> None:
    """Refuse what is no answer to whether an episode was won."""
    has_won = shell.has_won()
    if not (has_won is None or isinstance(has_won, (bool, np.bool_))):
        fail(f"At {when}, has_won gave {has_won!r}; give True, False, or None where nobody wins.")


def check_drawing(shell: Shell, when: object) -> None:
    """Refuse a drawing that is not the picture, and clicks on it that mean no action or no place on it."""
    frame = shell.render_frame()
    canvas = shell.draw()
    if canvas is not None and not np.array_equal(canvas.finish(), frame):
        fail(f"At {when}, draw() and render_frame() show different pictures; write only draw.")
    height, width = frame.shape[:2]
    for y in np.linspace(0, height - 1, _POINTS):
        for x in np.linspace(0, width - 1, _POINTS):
            _check_target(
                shell, shell.target_at(float(x), float(y)), f"At {when}, target_at({x:.0f}, {y:.0f})"
            )


def _check_target(shell: Shell, target: Any, what: str) -> None:
    if target is None:
        return
    if not isinstance(target, Target):
        fail(f"{what} gave {target!r}; give a csai_core.games.Target, or None where a click means nothing.")
    if not shell.action_space.contains(target.action):
        fail(f"{what} means {target.action!r}, which does not lie in {shell.action_space}.")
    if len(target.area) != 4 or min(target.area[2:]) <= 0:
        fail(f"{what} has the area {target.area!r}; give (left, top, width, height) in pixels.")
