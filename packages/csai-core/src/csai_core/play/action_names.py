"""What the actions of an environment are called, for people."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium import spaces

from csai_core.errors import ContractError, MissingExtraError
from csai_core.play.controls import ARROWS
from csai_core.play.keys import Keys, keys_of

_IDLE = "nothing"


def action_names(env: gymnasium.Env[Any, Any]) -> tuple[str, ...] | None:
    """Names of the actions of a Discrete space; None where it is another, or nothing is known of them.

    A Shell says them in `action_names`. Otherwise they are the keys that the environment is played with,
    arrows before letters, and "nothing" for what is done while none is pressed.
    """
    space, base = env.action_space, env.unwrapped
    if not isinstance(space, spaces.Discrete) or space != base.action_space:
        return None
    own = tuple(getattr(base, "action_names", ()))
    if own:
        return own if len(own) == space.n else None
    try:
        keys = keys_of(env)
    except (ContractError, MissingExtraError):
        return None
    names = _names(keys)
    return tuple(
        names.get(action, str(action)) for action in range(int(space.start), int(space.start + space.n))
    )


def _names(keys: Keys) -> dict[int, str]:
    names: dict[int, str] = {}
    for key in sorted(keys.to_action, key=lambda key: key not in ARROWS):
        names.setdefault(int(keys.to_action[key]), key)
    if keys.idle is not None:
        names.setdefault(int(keys.idle), _IDLE)
    return names
