"""Which key means what: the environment's own keys, with arrows and WASD standing for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.agents import KeyboardAgent
from csai_core.errors import ContractError
from csai_core.shell.shared_display import import_pygame

_TWINS = {"up": "w", "left": "a", "down": "s", "right": "d"}
_MOST_NUMBERS = 10
DEFAULT_FPS = 10.0
"""Steps a second of an environment that says nothing about its speed."""


class Keys(NamedTuple):
    """How an environment is played by keyboard."""

    to_action: Mapping[str, Any]
    idle: Any = None
    move_while_held: bool = False


def _numbers(*values: float) -> Any:
    return np.array(values, np.float32)


_GYMNASIUMS = {
    "CartPoleEnv": Keys({"left": 0, "right": 1}, move_while_held=True),
    "MountainCarEnv": Keys({"left": 0, "right": 2}, idle=1),
    "Continuous_MountainCarEnv": Keys({"left": _numbers(-1), "right": _numbers(1)}, idle=_numbers(0)),
    "PendulumEnv": Keys({"left": _numbers(2), "right": _numbers(-2)}, idle=_numbers(0)),
    "AcrobotEnv": Keys({"left": 0, "right": 2}, idle=1),
    "LunarLander": Keys({"left": 1, "up": 2, "right": 3}, idle=0),
    "FrozenLakeEnv": Keys({"left": 0, "down": 1, "right": 2, "up": 3}),
    "CliffWalkingEnv": Keys({"up": 0, "right": 1, "down": 2, "left": 3}),
    "TaxiEnv": Keys({"down": 0, "up": 1, "right": 2, "left": 3, "p": 4, "o": 5}),
    "BlackjackEnv": Keys({"s": 0, "h": 1}),
}
"""Keys of Gymnasium's own environments that say none, or none of today's, by the name of the class."""


def keyboard_for(env: gymnasium.Env[Any, Any]) -> KeyboardAgent:
    """The keyboard for an environment.

    A Shell says its keys in `keys_to_action` and `idle_action`; other environments may say them as
    Gymnasium's do, in `get_keys_to_action()`, where the empty combination is the idle action. Where nothing
    is said and there are at most ten actions, the keys 0 to 9 are the actions of these numbers.

    Raises:
        ContractError: if the environment says nothing about keys, and has other actions.
    """
    keys = keys_of(env)
    fps = float(env.metadata.get("render_fps") or DEFAULT_FPS) if keys.move_while_held else None
    return KeyboardAgent(_with_twins(keys.to_action), keys.idle, held_fps=fps)


def keys_of(env: gymnasium.Env[Any, Any]) -> Keys:
    """What an environment says of its keys; see `keyboard_for`.

    Raises:
        ContractError: if it says nothing about keys, and has other actions than a few numbers.
    """
    base = env.unwrapped
    if own := getattr(base, "keys_to_action", {}):
        return Keys(own, getattr(base, "idle_action", None), getattr(base, "moves_while_held", False))
    if hasattr(base, "get_keys_to_action") and (keys := _from_table(base.get_keys_to_action())).to_action:
        return keys
    if type(base).__module__.startswith("gymnasium.") and type(base).__name__ in _GYMNASIUMS:
        return _GYMNASIUMS[type(base).__name__]
    space = env.action_space
    if isinstance(space, spaces.Discrete) and space.n <= _MOST_NUMBERS:
        return Keys({str(number): int(space.start) + number for number in range(int(space.n))})
    raise ContractError(
        f"{type(base).__name__} does not say which keys it is played with. Write in its class, for "
        'instance, keys_to_action = {"left": 0, "right": 1}; or let an agent play: --agent random.'
    )


def _with_twins(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys, and with an arrow its letter; where only these letters are, also their arrows."""
    twins = dict(_TWINS)
    if not set(keys) - set(_TWINS) - set(_TWINS.values()):
        twins |= {letter: arrow for arrow, letter in _TWINS.items()}
    added = {twins[key]: action for key, action in keys.items() if key in twins and twins[key] not in keys}
    return {**keys, **added}


def _from_table(combinations: Mapping[Any, Any]) -> Keys:
    """Single keys of Gymnasium's table by name, and the action of pressing none."""
    pygame = import_pygame()
    keys: dict[str, Any] = {}
    idle = None
    for combination, action in combinations.items():
        codes = combination if isinstance(combination, (tuple, str)) else (combination,)
        if len(codes) == 0 or codes == (None,):
            idle = action
        elif len(codes) == 1:
            key = codes[0]
            keys[key if isinstance(key, str) else pygame.key.name(key)] = action
    keys.pop("", None)  # codes of another time, which no key has any more
    return Keys(keys, idle)
