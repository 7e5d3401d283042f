"""Saving the whole state of a shell as plain values and arrays, and returning to it.

A saved state holds None, bool, int, float, str, lists, dicts with str keys and arrays, and nothing else,
so that any format can store it without pickle. What a shell keeps in other containers, or in objects
of its own package's classes, is taken apart into such values and put together again. Two variables that
hold the same object hold the same one again afterwards.
"""

from __future__ import annotations

from typing import Any

from gymnasium import Space

from csai_core.agents import Agent
from csai_core.shell.copying import is_made_by_init
from csai_core.shell.state_codec import StateDecoder, StateEncoder

NOT_STATE = frozenset(
    {
        *("target_fps", "is_user_control", "resolution", "environment_name", "verbose", "console_only"),
        *("render_mode", "metadata", "agent", "next_d_t", "spec", "_np_random", "_np_random_seed"),
        *(
            "_attributes",
            "is_episode_over",
            "has_stepped",
            "has_shown",
            "is_classic",
            "_window",
            "_made_with",
        ),
    }
)
"""Instance variables that Shell and Gymnasium set, and that are not the game's own state."""


def take(shell: Any) -> dict[str, Any]:
    """Everything that decides how a shell goes on.

    Raises:
        ContractError: if a variable cannot be saved, naming it and the way out.
    """
    variables = {name: value for name, value in vars(shell).items() if _is_state(shell, name, value)}
    encoder = StateEncoder(shell)
    return {
        "is_over": shell.is_episode_over,
        "variables": encoder.encode(variables),
        "arrays": encoder.arrays,
        "attributes": {each.name: each.copy_data() for each in shell._attributes if each.update_func is None},
        "generator": dict(shell.np_random.bit_generator.state),
        "seed": shell.np_random_seed,
    }


def restore(shell: Any, state: dict[str, Any]) -> None:
    """Put a shell back into a state that `take` returned."""
    for name, value in StateDecoder(shell, state["arrays"]).decode(state["variables"]).items():
        setattr(shell, name, value)
    for name, data in state["attributes"].items():
        shell.update_attribute(name, data)
    shell.np_random.bit_generator.state = state["generator"]
    shell._np_random_seed = state["seed"]
    shell.is_episode_over = state["is_over"]
    shell.update_env_attributes()


def _is_state(shell: Any, name: str, value: Any) -> bool:
    """Whether an instance variable is part of the world's state, rather than a setting or a tool."""
    if name in NOT_STATE or name in shell.not_state or is_made_by_init(value):
        return False
    replaces_a_method = callable(getattr(type(shell), name, None))
    return not (replaces_a_method or isinstance(value, (Agent, Space)))
