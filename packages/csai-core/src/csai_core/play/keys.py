"""Which key means what: the environment's own keys, with arrows and WASD standing for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium

from csai_core.agents import KeyboardAgent
from csai_core.errors import ContractError
from csai_core.shell.shared_display import import_pygame

_TWINS = {"up": "w", "left": "a", "down": "s", "right": "d"}


def keyboard_for(env: gymnasium.Env[Any, Any]) -> KeyboardAgent:
    """The keyboard for an environment.

    A Shell says its keys in `keys_to_action` and `idle_action`; other environments may say them as
    Gymnasium's do, in `get_keys_to_action()`, where the empty combination is the idle action.

    Raises:
        ContractError: if the environment says nothing about keys.
    """
    base = env.unwrapped
    keys: Mapping[str, Any] = getattr(base, "keys_to_action", {})
    idle = getattr(base, "idle_action", None)
    if not keys and hasattr(base, "get_keys_to_action"):
        keys, idle = _from_gymnasium(base.get_keys_to_action())
    if not keys:
        raise ContractError(
            f"{type(base).__name__} does not say which keys it is played with. Write in its class, for "
            'instance, keys_to_action = {"left": 0, "right": 1}; or let an agent play: --agent random.'
        )
    return KeyboardAgent(_with_twins(keys), idle)


def _with_twins(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys, and where an arrow is among them also its letter, and the other way round."""
    twins = {**_TWINS, **{letter: arrow for arrow, letter in _TWINS.items()}}
    added = {twins[key]: action for key, action in keys.items() if key in twins}
    return {**added, **keys}


def _from_gymnasium(combinations: Mapping[Any, Any]) -> tuple[dict[str, Any], Any]:
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
    return keys, idle
